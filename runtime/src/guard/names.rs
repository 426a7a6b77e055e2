//! Which names a request may come to, and which pages it may come from (2026-07-28, basic/transports,
//! security warning: DNS rebinding).

use http::header;
use http::request::Parts;

use crate::config::Access;
use crate::location::Location;
use crate::refusal::Refusal;
use crate::url::{is_loopback, without_port};

/// The longest `Origin`, in bytes, which the answer repeats: a scheme, a name of 253 bytes (RFC 1035, 2.3.4) and a port.
const MAX_ORIGIN: usize = 512;

/// Checks `Host`.
///
/// A name is checked where `access.hosts` lists names, and always where the server can be reached from this
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
        _ if access.hosts.is_empty() && !loopback_only => true,
        None => false,
        Some(host) => {
            access
                .hosts
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
    let Some(origin) = one(head, header::ORIGIN).map_err(|Unreadable| Refusal::OriginNotAllowed)?
    else {
        return Ok(None);
    };
    let host = stated_host(head)?;
    let (scheme, authority) = origin.split_once("://").unwrap_or(("", origin));
    let is_local = is_loopback(without_port(authority))
        && host.is_some_and(|host| is_loopback(without_port(host)));
    let is_listed = access
        .origins
        .iter()
        .any(|allowed| *allowed == "*" || allowed.eq_ignore_ascii_case(origin));
    let is_short = origin.len() <= MAX_ORIGIN;
    if is_short && (location.is_origin(scheme, authority) || is_local || is_listed) {
        Ok(Some(origin.to_owned()))
    } else {
        Err(Refusal::OriginNotAllowed)
    }
}

fn stated_host(head: &Parts) -> Result<Option<&str>, Refusal> {
    let stated = one(head, header::HOST).map_err(|Unreadable| Refusal::HostNotAllowed)?;
    Ok(stated.or_else(|| head.uri.authority().map(http::uri::Authority::as_str)))
}

struct Unreadable;

fn one(head: &Parts, name: http::HeaderName) -> Result<Option<&str>, Unreadable> {
    let mut values = head.headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Unreadable),
        (Some(_), Some(_)) => Err(Unreadable),
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
                origins,
                hosts,
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
}
