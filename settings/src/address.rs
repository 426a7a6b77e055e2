//! Hosts of URLs, as the check of `mcp.toml` and the runtime tell them apart.

use core::net::IpAddr;

/// Whether `host` is a name or an address that means this machine: `localhost`, a name below it (RFC 6761, 6.3), or a loopback
/// address.
pub fn is_loopback(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || address(host).is_some_and(|address| address.is_loopback())
}

/// The address that `host` is, in the form of a URL: an IPv6 address is in brackets (RFC 3986, 3.2.2).
pub fn address(host: &str) -> Option<IpAddr> {
    match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(address) => address.parse().map(IpAddr::V6).ok(),
        None => host.parse().map(IpAddr::V4).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in [
            "localhost",
            "api.LOCALHOST",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example",
            "127.0.0.1.example",
            "10.0.0.1",
            "::1",
            "[::2]",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
