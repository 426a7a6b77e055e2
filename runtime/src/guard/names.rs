//! Which names a request may come to, and which pages it may come from (2026-07-28, basic/transports,
//! security warning: DNS rebinding).

use http::request::Parts;
use http::{Uri, header};

use crate::config::Settings;
use crate::refusal::Refusal;

/// Checks `Host` and `Origin`; gives the origin that may read the answer, if a browser asks.
///
/// Without any setting, pages of the server's own origin may call, and pages on this machine may call a
/// server on this machine. A name is checked where `access.hosts` lists names, and always where the server
/// can be reached from this machine only: there a foreign name in `Host` means that a page somewhere has
/// pointed its own domain at this machine. Everywhere else a proxy may have put any name.
pub(crate) fn check(
    head: &Parts,
    settings: &Settings,
    loopback_only: bool,
) -> Result<Option<String>, Refusal> {
    let host = one(head, header::HOST)
        .map_err(|Unreadable| Refusal::HostNotAllowed)?
        .or_else(|| head.uri.authority().map(http::uri::Authority::as_str));
    let public = settings.server.url.and_then(|url| url.parse::<Uri>().ok());
    let public_authority = public
        .as_ref()
        .and_then(Uri::authority)
        .map(|name| name.as_str());

    let host_is_allowed = match host {
        _ if settings.access.hosts.is_empty() && !loopback_only => true,
        None => false,
        Some(host) => {
            settings
                .access
                .hosts
                .iter()
                .chain(public_authority.as_ref())
                .any(|allowed| allowed.eq_ignore_ascii_case(host))
                || (loopback_only && is_loopback(without_port(host)))
        }
    };
    if !host_is_allowed {
        return Err(Refusal::HostNotAllowed);
    }

    let Some(origin) = one(head, header::ORIGIN).map_err(|Unreadable| Refusal::OriginNotAllowed)?
    else {
        return Ok(None);
    };
    let (scheme, authority) = origin.split_once("://").unwrap_or(("", origin));
    let is_public = public.as_ref().is_some_and(|url| {
        url.scheme_str() == Some(scheme)
            && public_authority.is_some_and(|public| public.eq_ignore_ascii_case(authority))
    });
    let is_local = is_loopback(without_port(authority))
        && host.is_some_and(|host| is_loopback(without_port(host)));
    let is_listed = settings
        .access
        .origins
        .iter()
        .any(|allowed| *allowed == "*" || allowed.eq_ignore_ascii_case(origin));
    if is_public || is_local || is_listed {
        Ok(Some(origin.to_owned()))
    } else {
        Err(Refusal::OriginNotAllowed)
    }
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

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Access, Server};

    fn settings(
        url: Option<&'static str>,
        hosts: &'static [&'static str],
        origins: &'static [&'static str],
    ) -> Settings {
        Settings {
            server: Server { url, path: "/mcp" },
            access: Access { origins, hosts },
            ..Settings::DEFAULT
        }
    }

    fn check_with(
        settings: &Settings,
        loopback_only: bool,
        host: &str,
        origin: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let mut request = http::Request::builder().uri("/mcp").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        check(&head, settings, loopback_only)
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
    }
}
