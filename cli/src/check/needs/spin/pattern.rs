//! An entry of `allowed_outbound_hosts`, as Spin reads it.
//!
//! This is a language of its own: a `*` is a whole scheme or port, or the first characters of a host; a port may be a range, and
//! a host a network.

use std::net::IpAddr;

/// A scheme, a host and a port, of which each may be any.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    scheme: String,
    host: String,
    port: Port,
}

#[derive(Debug, PartialEq, Eq)]
enum Port {
    Any,
    /// From the first to below the last.
    Range(u16, u32),
}

impl Pattern {
    /// What `text` allows; `None` if Spin does not take it.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The colons of an IPv6 address stand inside brackets.
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        // A slash of a host is that of a range of addresses.
        let is_host = match host.split_once('/') {
            Some((address, _)) => address.parse::<IpAddr>().is_ok(),
            None => !host.is_empty(),
        };
        is_host.then_some(Self {
            port: match port {
                Some("*") => Port::Any,
                Some(port) => Port::of(port)?,
                None => Port::one(default_port(scheme)?),
            },
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_ascii_lowercase(),
        })
    }

    /// Whether requests to `origin` get through.
    pub(super) fn allows(&self, origin: &str) -> bool {
        let Some(to) = Self::of(origin) else {
            return false;
        };
        let host = match self.host.strip_prefix('*') {
            Some(suffix) => to.host.ends_with(suffix),
            None => to.host == self.host || self.has_address(&to.host),
        };
        let scheme = self.scheme == "*" || self.scheme == to.scheme;
        scheme && host && self.port.allows(&to.port)
    }

    /// Whether every host is allowed, over TLS at least.
    pub(super) fn allows_any_host(&self) -> bool {
        self.host == "*" && matches!(self.scheme.as_str(), "*" | "https")
    }

    /// Whether the host is a range of addresses, with `host` in it.
    fn has_address(&self, host: &str) -> bool {
        let range = self.host.split_once('/');
        let range = range.and_then(|(network, bits)| {
            Some((network.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?))
        });
        match (range, host.parse::<IpAddr>()) {
            (Some((IpAddr::V4(network), bits)), Ok(IpAddr::V4(address))) => {
                let shift = 32_u32.saturating_sub(bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl Port {
    fn one(port: u16) -> Self {
        Self::Range(port, u32::from(port).saturating_add(1))
    }

    fn of(text: &str) -> Option<Self> {
        match text.split_once("..") {
            Some((first, end)) => Some(Self::Range(first.parse().ok()?, end.parse().ok()?)),
            None => text.parse().ok().map(Self::one),
        }
    }

    fn allows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Range(first, end), Self::Range(port, _)) => {
                first <= port && u32::from(*port) < *end
            }
            (Self::Range(..), Self::Any) => false,
        }
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

    fn allows(pattern: &str, origin: &str) -> bool {
        Pattern::of(pattern).unwrap().allows(origin)
    }

    #[test]
    fn a_pattern_allows_what_it_says() {
        for (pattern, origin) in [
            ("https://id.example.com", "https://id.example.com"),
            ("https://id.example.com/", "https://ID.example.com:443"),
            ("https://*.example.com", "https://a.b.example.com"),
            ("*://*:*", "http://127.0.0.1:4318"),
            ("http://127.0.0.1:*", "http://127.0.0.1:4318"),
            ("http://127.0.0.0/8:4000..5000", "http://127.1.2.3:4318"),
            ("http://[::1]:4318", "http://[::1]:4318"),
        ] {
            assert!(allows(pattern, origin), "{pattern} {origin}");
        }
        for (pattern, origin) in [
            ("https://id.example.com", "http://id.example.com"),
            ("https://id.example.com", "https://id.example.com:8443"),
            ("https://id.example.com", "https://example.com"),
            ("https://*.example.com", "https://example.com"),
            ("http://127.0.0.0/8:4000..4318", "http://127.0.0.1:4318"),
            ("http://10.0.0.0/8:*", "http://11.0.0.1:80"),
        ] {
            assert!(!allows(pattern, origin), "{pattern} {origin}");
        }
    }

    #[test]
    fn what_spin_does_not_take_is_none() {
        for text in [
            "",
            "id.example.com",
            "https://",
            "https://id.example.com/oauth2",
            "*://a",
            "http://a:b",
        ] {
            assert_eq!(Pattern::of(text), None, "{text}");
        }
    }
}
