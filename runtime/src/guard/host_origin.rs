//! Which names a request may come to, and which pages it may come from (2026-07-28, basic/transports,
//! security warning: DNS rebinding).

use std::net::Ipv6Addr;

use http::request::Parts;
use http::{Version, header};
use mcp_edge_settings::address::is_loopback;

use crate::config::Access;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::url::without_port;

/// The longest `Origin`, in bytes, which the answer repeats: a scheme, a name of 253 bytes (RFC 1035, 2.3.4) and a port.
const MAX_ORIGIN: usize = 512;

/// Checks `Host`.
///
/// A name is checked where `access.allowed_hosts` lists names, and always where the server can be reached from this
/// machine only: there a foreign name means that a page somewhere has pointed its own domain at this machine.
/// Everywhere else a proxy may have put any name.
pub(crate) fn host(
    head: &Parts,
    access: &Access,
    location: &Location,
    loopback_only: bool,
) -> Result<(), Refusal> {
    let stated = stated_host(head)?;
    let is_allowed = match stated {
        _ if access.allowed_hosts.is_empty() && !loopback_only => true,
        None => false,
        Some(host) => {
            access
                .allowed_hosts
                .iter()
                .copied()
                .chain(location.authority())
                .any(|allowed| allowed.eq_ignore_ascii_case(host))
                || (loopback_only && is_loopback(without_port(host)))
        }
    };
    if is_allowed {
        Ok(())
    } else {
        Err(Refusal::HostNotAllowed)
    }
}

/// Checks `Origin`; gives the origin that may read the answer, if a browser asks.
///
/// Without any setting, pages of the server's own origin may call, and pages on this machine may call a
/// server on this machine.
pub(crate) fn origin(
    head: &Parts,
    access: &Access,
    location: &Location,
) -> Result<Option<String>, Refusal> {
    let Some(origin) =
        one(head, header::ORIGIN).map_err(|MalformedHeader| Refusal::OriginNotAllowed)?
    else {
        return Ok(None);
    };
    let host = stated_host(head)?;
    let (scheme, authority) = origin.split_once("://").unwrap_or(("", origin));
    let is_local = is_loopback(without_port(authority))
        && host.is_some_and(|host| is_loopback(without_port(host)));
    let is_listed = access
        .allowed_origins
        .iter()
        .any(|allowed| *allowed == "*" || allowed.eq_ignore_ascii_case(origin));
    let is_short = origin.len() <= MAX_ORIGIN;
    if is_short && (location.is_origin(scheme, authority) || is_local || is_listed) {
        Ok(Some(origin.to_owned()))
    } else {
        Err(Refusal::OriginNotAllowed)
    }
}

/// The host that a request names, in its target or in `Host`.
///
/// A request that names none, or two that differ, is refused (RFC 9112, 3.2; RFC 9113, 8.3.1): proxies and servers do not agree
/// on which of the two counts. HTTP/1.0 alone has requests without a host.
fn stated_host(head: &Parts) -> Result<Option<&str>, Refusal> {
    let bad = |why| Refusal::BadHost { why };
    let header = one(head, header::HOST).map_err(|MalformedHeader| {
        bad("send it once, as a name or an address with or without a port")
    })?;
    let target = head.uri.authority().map(http::uri::Authority::as_str);
    let is_tls = head.uri.scheme() == Some(&http::uri::Scheme::HTTPS);
    let mut named = None;
    for stated in target.into_iter().chain(header) {
        let read = NamedHost::read(stated, is_tls)
            .ok_or_else(|| bad("it must be a name or an address with or without a port"))?;
        if named.is_some_and(|(_, other)| other != read) {
            return Err(bad(
                "it differs from the host in the request target; send the same in both",
            ));
        }
        named = Some((stated, read));
    }
    if named.is_none() && head.version >= Version::HTTP_11 {
        return Err(bad("it is missing"));
    }
    Ok(named.map(|(stated, _)| stated))
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2), to be compared.
#[derive(Clone, Copy)]
struct NamedHost<'a> {
    name: &'a str,
    port: u16,
}

impl PartialEq for NamedHost<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.port == other.port && self.name.eq_ignore_ascii_case(other.name)
    }
}

impl<'a> NamedHost<'a> {
    fn read(text: &'a str, is_tls: bool) -> Option<Self> {
        let (name, port) = match text
            .rfind([':', ']'])
            .and_then(|at| text.split_at_checked(at))
        {
            Some((name, port)) if port.starts_with(':') => (name, port.strip_prefix(':')?),
            _ => (text, ""),
        };
        let is_name = match name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.bytes().all(is_in_name),
        };
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = match port {
            "" if is_tls => Some(443),
            "" => Some(80),
            port => port.parse().ok(),
        };
        port.filter(|_| is_name && is_port)
            .map(|port| Self { name, port })
    }
}

/// `reg-name` (RFC 3986, 3.2.2).
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)
}

struct MalformedHeader;

fn one(head: &Parts, name: http::HeaderName) -> Result<Option<&str>, MalformedHeader> {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| MalformedHeader),
        (Some(_), Some(_)) => Err(MalformedHeader),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn settings(
        url: Option<&'static str>,
        hosts: &'static [&'static str],
        origins: &'static [&'static str],
    ) -> (Access, Location) {
        (
            Access {
                allowed_origins: origins,
                allowed_hosts: hosts,
                ..Settings::DEFAULT.access
            },
            Location::new(url).unwrap(),
        )
    }

    fn check_with(
        (access, location): &(Access, Location),
        loopback_only: bool,
        host: &str,
        origin: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let mut request = http::Request::builder().uri("/mcp").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        super::host(&head, access, location, loopback_only)?;
        super::origin(&head, access, location)
    }

    #[test]
    fn a_local_server_answers_to_local_names_only() {
        let local = settings(None, &[], &[]);
        for host in [
            "localhost:8787",
            "127.0.0.1:8787",
            "127.9.9.9",
            "[::1]:8787",
            "LOCALHOST",
        ] {
            assert_eq!(check_with(&local, true, host, None), Ok(None), "{host}");
        }
        for host in [
            "evil.example.com",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
        ] {
            assert_eq!(
                check_with(&local, true, host, None),
                Err(Refusal::HostNotAllowed),
                "{host}"
            );
        }
    }

    #[test]
    fn behind_a_proxy_any_name_will_do_unless_names_are_listed() {
        assert_eq!(
            check_with(&settings(None, &[], &[]), false, "anything.internal", None),
            Ok(None)
        );
        let listed = settings(Some("https://a.example/mcp"), &["b.example"], &[]);
        assert_eq!(check_with(&listed, false, "b.example", None), Ok(None));
        assert_eq!(check_with(&listed, false, "a.example", None), Ok(None));
        assert_eq!(
            check_with(&listed, false, "c.example", None),
            Err(Refusal::HostNotAllowed)
        );
    }

    #[test]
    fn an_origin_is_our_own_or_local_to_local_or_listed() {
        let server = settings(Some("https://a.example/mcp"), &[], &["https://app.example"]);
        let allowed = |host, origin| check_with(&server, false, host, Some(origin)).is_ok();
        assert!(allowed("a.example", "https://a.example"));
        assert!(allowed("a.example", "https://app.example"));
        assert!(allowed("localhost:8787", "http://localhost:6274"));
        assert!(!allowed("a.example", "http://localhost:6274"));
        assert!(!allowed("a.example", "http://a.example"));
        assert!(!allowed("localhost:8787", "http://evil.example.com"));
        assert!(!allowed("localhost:8787", "null"));
        let any = settings(None, &[], &["*"]);
        let long = format!("https://{}.example", "a".repeat(MAX_ORIGIN));
        assert!(check_with(&any, false, "a.example", Some("https://b.example")).is_ok());
        assert!(check_with(&any, false, "a.example", Some(&long)).is_err());
    }

    fn stated(version: Version, target: &str, hosts: &[&str]) -> Result<Option<String>, Refusal> {
        let mut request = http::Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        stated_host(&head).map(|host| host.map(str::to_owned))
    }

    #[test]
    fn the_target_and_the_header_name_one_host() {
        for (target, host) in [
            ("http://a.example/mcp", "a.example"),
            ("http://a.example/mcp", "A.Example"),
            ("http://a.example/mcp", "a.example:80"),
            ("http://a.example:/mcp", "a.example"),
            ("https://a.example/mcp", "a.example:443"),
            ("http://a.example:8787/mcp", "a.example:8787"),
            ("http://[::1]:8787/mcp", "[::1]:8787"),
            ("/mcp", "a.example:8787"),
        ] {
            for version in [Version::HTTP_11, Version::HTTP_2] {
                let stated = stated(version, target, &[host]);
                assert!(matches!(stated, Ok(Some(_))), "{target} {host}: {stated:?}");
            }
        }
        for (target, host) in [
            ("http://a.example/mcp", "b.example"),
            ("http://a.example/mcp", "a.example:8787"),
            ("https://a.example/mcp", "a.example:80"),
            ("http://a.example/mcp", "a.example."),
            ("http://[::1]/mcp", "[::2]"),
            ("http://a.example/mcp", ""),
        ] {
            let stated = stated(Version::HTTP_2, target, &[host]);
            let is_refused = matches!(stated, Err(Refusal::BadHost { .. }));
            assert!(is_refused, "{target} {host}: {stated:?}");
        }
    }

    #[test]
    fn a_host_is_stated_once_and_well_formed() {
        for hosts in [
            &["a.example", "a.example"][..],
            &[],
            &[""],
            &["user@a.example"],
            &["a.example:http"],
            &["a.example:70000"],
            &["a.example/"],
            &["a.example, b.example"],
            &["::1"],
            &["[::1"],
            &["[a.example]"],
            &["[::1]8787"],
            &["a:b:80"],
        ] {
            let stated = stated(Version::HTTP_11, "/mcp", hosts);
            let is_refused = matches!(stated, Err(Refusal::BadHost { .. }));
            assert!(is_refused, "{hosts:?}: {stated:?}");
        }
        assert_eq!(
            stated(Version::HTTP_2, "http://user@a.example/mcp", &[]),
            Err(Refusal::BadHost {
                why: "it must be a name or an address with or without a port"
            })
        );
        assert_eq!(stated(Version::HTTP_10, "/mcp", &[]), Ok(None));
    }
}
