//! `allowed_outbound_hosts`: where a component may send requests.

use std::str::FromStr;

use http::Uri;
use wasmtime::error::Context as _;
use wasmtime::{Error, Result, bail};

/// Everything that is not matched by a pattern is refused.
pub(crate) struct AllowedHosts(Vec<Pattern>);

/// `scheme://host[:port]`, each part possibly `*`.
#[derive(Debug)]
pub(crate) struct Pattern {
    scheme: Option<String>,
    host: Host,
    port: Option<u16>,
}

#[derive(Debug)]
enum Host {
    Any,
    Exactly(String),
    /// Any subdomain of this one; starts with a dot.
    Below(String),
}

impl AllowedHosts {
    pub(crate) fn allow(&self, uri: &Uri) -> bool {
        self.0.iter().any(|pattern| pattern.allows(uri))
    }
}

impl FromIterator<Pattern> for AllowedHosts {
    fn from_iter<I: IntoIterator<Item = Pattern>>(patterns: I) -> Self {
        Self(patterns.into_iter().collect())
    }
}

impl Pattern {
    fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        let port = uri.port_u16().or_else(|| default_port(scheme));
        let host = host.to_ascii_lowercase();
        self.scheme
            .as_deref()
            .is_none_or(|allowed| allowed == scheme)
            && self.port.is_none_or(|allowed| port == Some(allowed))
            && match &self.host {
                Host::Any => true,
                Host::Exactly(allowed) => host == *allowed,
                Host::Below(suffix) => host.ends_with(suffix.as_str()),
            }
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(pattern: &str) -> Result<Self> {
        parse(pattern.trim())
            .with_context(|| format!("{pattern:?} in allowed_outbound_hosts is not understood"))
    }
}

fn parse(pattern: &str) -> Result<Pattern> {
    let (scheme, rest) = pattern
        .split_once("://")
        .context("it has no scheme, such as https://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    // The colons of an IPv6 address stand inside brackets.
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    Ok(Pattern {
        port: match port {
            Some("*") => None,
            Some(number) => Some(number.parse::<u16>().context("its port is no number")?),
            None => Some(default_port(scheme).context("it needs a port")?),
        },
        host: parse_host(host)?,
        scheme: (scheme != "*").then(|| scheme.to_owned()),
    })
}

fn parse_host(host: &str) -> Result<Host> {
    let host = host.to_ascii_lowercase();
    if host == "*" {
        return Ok(Host::Any);
    }
    if host == "self" || host == "self.alt" || host.ends_with(".spin.internal") {
        bail!("the stand-in has neither self-requests nor service chaining");
    }
    if host.contains('/') {
        bail!("the stand-in has no ranges of addresses");
    }
    match host.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') && !suffix.contains('*') => {
            Ok(Host::Below(suffix.to_owned()))
        }
        None if !host.is_empty() && !host.contains('*') => Ok(Host::Exactly(host)),
        _ => bail!("its host is neither a name, nor *, nor * and a domain"),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, uri: &str) -> bool {
        pattern
            .parse::<Pattern>()
            .unwrap()
            .allows(&uri.parse().unwrap())
    }

    #[test]
    fn a_pattern_allows_its_scheme_host_and_port_only() {
        assert!(allows("https://example.com", "https://example.com/path"));
        assert!(allows(
            "https://example.com",
            "https://EXAMPLE.com:443/path"
        ));
        assert!(!allows("https://example.com", "http://example.com/"));
        assert!(!allows("https://example.com", "https://example.com:8443/"));
        assert!(!allows("https://example.com", "https://sub.example.com/"));
        assert!(allows("http://[::1]:8080", "http://[::1]:8080/"));
    }

    #[test]
    fn stars_widen_one_part_each() {
        assert!(allows("*://example.com:*", "http://example.com:81/"));
        assert!(allows("https://*.example.com", "https://a.b.example.com/"));
        assert!(!allows("https://*.example.com", "https://example.com/"));
        assert!(!allows("https://*.example.com", "https://notexample.com/"));
        assert!(allows("*://*:*", "http://127.0.0.1:9/"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "example.com",
            "*://example.com",
            "http://self",
            "http://10.0.0.0/8",
            "http://a.*.com",
            "http://example.com:http",
        ] {
            assert!(pattern.parse::<Pattern>().is_err(), "{pattern}");
        }
    }
}
