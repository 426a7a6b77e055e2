//! The URL of an upstream.

use std::net::{Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use super::percent;

const MAX_HOST_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// The URL of an upstream: scheme, host, port, and the path that all its operations are below.
///
/// It is in the form that every parser of URLs keeps as it is: the host in lower case, no port that the scheme has anyway, no
/// slash at the end of the path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    text: String,
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    /// The offset of the path in the text.
    path_start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

/// The reason why a URL cannot be an upstream's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The scheme is another one.
    #[error("the URL must begin with https:// or http://")]
    Scheme,
    /// It has a user name or a password.
    #[error("the URL must not have a user name or a password; configure a credential")]
    UserInfo,
    /// The host is missing, or is neither a name nor an address in its usual form.
    #[error(
        "the URL must have a host: a name of letters, digits, `-`, `_` and `.` (an international one in Punycode), an IPv4 address \
         as four decimal numbers, or an IPv6 address in brackets"
    )]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port of the URL must be a number from 1 to 65535")]
    Port,
    /// The path has an empty segment, a dot segment, or a character that must be percent-encoded.
    #[error(
        "the path of the URL must have segments that are neither empty nor `.` or `..`, and all but letters, digits and \
         -._~!$&'()*+,;=:@ percent-encoded"
    )]
    Path,
    /// It has a query or a fragment.
    #[error("the URL must not have a query or a fragment; configure fixed parameters")]
    Query,
}

impl BaseUrl {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// The URL is not one of an upstream.
    pub fn parse(url: &str) -> Result<Self, BaseUrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(BaseUrlError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let path_start = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest
            .split_at_checked(path_start)
            .ok_or(BaseUrlError::Host)?;
        if authority.contains('@') {
            return Err(BaseUrlError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let host = normal_host(host).ok_or(BaseUrlError::Host)?;
        let port = port.filter(|port| *port != scheme.port());
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.split('/').skip(1).all(is_prefix_segment) {
            return Err(BaseUrlError::Path);
        }
        let mut text = format!("{}://{host}", scheme.name());
        if let Some(port) = port {
            text.push_str(&format!(":{port}"));
        }
        let path_start = text.len();
        text.push_str(path);
        Ok(Self {
            text,
            scheme,
            host,
            port,
            path_start,
        })
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme, host and port.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path_start).unwrap_or_default()
    }

    /// The path: empty, or segments each with a slash before it.
    pub fn path(&self) -> &str {
        self.text.get(self.path_start..).unwrap_or_default()
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.scheme.name()
    }

    /// The host in lower case; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if it is not the one of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), BaseUrlError> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => return Ok((authority, None)),
    };
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_number && port > 0 => Ok((host, Some(port))),
        _ => Err(BaseUrlError::Port),
    }
}

fn normal_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let host = host.to_ascii_lowercase();
    let name = host.strip_suffix('.').unwrap_or(&host);
    let is_label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if name.len() > MAX_HOST_BYTES || !name.split('.').all(is_label) {
        return None;
    }
    // A browser's parser, which Workers have, reads a name that ends in a number as an address (WHATWG URL, 3.5).
    if ends_in_number(name) {
        let address: Ipv4Addr = host.parse().ok()?;
        return Some(address.to_string());
    }
    Some(host)
}

fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_prefix_segment(segment: &str) -> bool {
    let decoded = percent::decode(segment.as_bytes());
    segment
        .bytes()
        .all(|byte| byte == b'%' || percent::is_path_character(byte))
        && percent::is_encoded(segment)
        && !super::path::is_dot_segment(&decoded)
        && !decoded.is_empty()
        && !decoded.contains(&b'/')
        && !decoded.contains(&b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_one_form() {
        for (url, normal) in [
            ("https://API.Example.com", "https://api.example.com"),
            ("HTTPS://api.example.com/", "https://api.example.com"),
            (
                "https://api.example.com:443/v1/",
                "https://api.example.com/v1",
            ),
            (
                "http://api.example.com:443/v1",
                "http://api.example.com:443/v1",
            ),
            ("http://127.0.0.1:80/a/b", "http://127.0.0.1/a/b"),
            ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
            (
                "https://my_service.internal./x%20y",
                "https://my_service.internal./x%20y",
            ),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example",
            ),
        ] {
            let base = BaseUrl::parse(url).unwrap();
            assert_eq!(base.as_str(), normal);
            assert_eq!(format!("{}{}", base.origin(), base.path()), normal);
            let parsed = url::Url::parse(normal).unwrap();
            assert_eq!(parsed.scheme(), base.scheme());
            assert_eq!(parsed.host_str(), Some(base.host()));
            assert_eq!(parsed.port(), base.port());
            assert_eq!(parsed.path().trim_end_matches('/'), base.path());
        }
    }

    #[test]
    fn urls_that_are_not_of_an_upstream_are_rejected() {
        use BaseUrlError::{Host, Path, Port, Query, Scheme, UserInfo};
        for (url, error) in [
            ("", Scheme),
            ("api.example.com", Scheme),
            ("ftp://api.example.com", Scheme),
            ("file:///etc", Scheme),
            ("https://", Host),
            ("https:///v1", Host),
            ("https://bücher.example", Host),
            ("https://a b", Host),
            ("https://a\\b", Host),
            ("https://a\tb", Host),
            ("https://a..b", Host),
            ("https://.", Host),
            ("https://2130706433", Host),
            ("https://0x7f.1", Host),
            ("https://127.1", Host),
            ("https://010.0.0.1", Host),
            ("https://127.0.0.1.", Host),
            ("https://[::1", Host),
            ("https://[v1.a]", Host),
            ("https://::1", Host),
            ("https://a%41", Host),
            ("https://a:", Port),
            ("https://a:0", Port),
            ("https://a:+1", Port),
            ("https://a:65536", Port),
            ("https://user@a", UserInfo),
            ("https://user:secret@a/b", UserInfo),
            ("https://a/b?c", Query),
            ("https://a/b#c", Query),
            ("https://a?b", Query),
            ("https://a//b", Path),
            ("https://a/b//", Path),
            ("https://a/./b", Path),
            ("https://a/%2E%2e", Path),
            ("https://a/..;/b", Path),
            ("https://a/b%2fc", Path),
            ("https://a/b%5cc", Path),
            ("https://a/b\\c", Path),
            ("https://a/b c", Path),
            ("https://a/é", Path),
            ("https://a/%4", Path),
            ("https://a/{b}", Path),
        ] {
            assert_eq!(BaseUrl::parse(url), Err(error), "{url}");
        }
    }
}
