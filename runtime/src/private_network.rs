//! Addresses and names of networks that are not the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `host`, as a URL has it, names this machine or a private network: an address of such a class, `localhost`, a name
/// without a dot, or one below `internal`, `local`, `localhost` or `home.arpa` (RFC 6761, RFC 6762, RFC 8375).
///
/// A public name that resolves to a private address is not found out by its name.
pub fn is_private_host(host: &str) -> bool {
    let unbracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if let Ok(address) = unbracketed.parse() {
        return is_private_address(address);
    }
    let name = unbracketed.trim_end_matches('.').to_ascii_lowercase();
    let reserved = [".internal", ".local", ".localhost", ".home.arpa"];
    !name.contains('.')
        || host.starts_with('[')
        || ends_in_number(&name)
        || reserved.iter().any(|end| name.ends_with(end))
}

/// Whether a parser of URLs as browsers and Workers have it reads a name as an IPv4 address, such as `127.1` or `0x7f.0x1`
/// (WHATWG URL, 3.5).
pub(crate) fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.bytes().all(|byte| byte.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether `address` is not one of the public internet: loopback, private, link-local, shared (RFC 6598), reserved or multicast,
/// or an IPv6 address that embeds such an IPv4 address (mapped, NAT64, 6to4, Teredo).
pub fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // This network, private networks, loopback, and what is reserved or multicast.
        (0 | 10 | 127 | 224..=255, _, _) => true,
        // Shared address space of carriers.
        (100, 64..=127, _) => true,
        // Link-local, where metadata services are.
        (169, 254, _) => true,
        (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, benchmarks.
        (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [first, second] = high.to_be_bytes();
        let [third, fourth] = low.to_be_bytes();
        is_private_v4(Ipv4Addr::new(first, second, third, fourth))
    };
    match (a, b, c, d, e, f) {
        // Unspecified, loopback, and IPv4-compatible addresses, which no network may use.
        (0, 0, 0, 0, 0, 0) => true,
        (0, 0, 0, 0, 0, 0xffff) => embedded(g, h),
        // NAT64 (RFC 6052), and that of a network of one's own (RFC 8215).
        (0x64, 0xff9b, 0, 0, 0, 0) => embedded(g, h),
        (0x64, 0xff9b, 1, ..) => true,
        // Teredo has the client's address inverted (RFC 4380, 4).
        (0x2001, 0, ..) => embedded(!g, !h) || embedded(c, d),
        (0x2001, 0xdb8, ..) => true,
        // 6to4 (RFC 3056).
        (0x2002, high, low, ..) => embedded(high, low),
        // Discard-only, unique local, link-local and site-local, multicast.
        (0x100, 0, 0, 0, ..) | (0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..=0xffff, ..) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_hosts_are_recognised_in_every_form() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "app.localhost",
            "orders",
            "orders.",
            "orders.internal",
            "metadata.google.internal",
            "printer.local",
            "nas.home.arpa",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "[::1%25eth0]",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:169.254.169.254]",
            "[::10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[2002:a00:1::]",
            "[2001:0:0:0:0:0:f5ff:fffe]",
            "[2001:db8::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            assert!(is_private_host(host), "{host}");
        }
        for host in [
            "example.com",
            "internal.example.com",
            "local.example",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "[2606:4700::1]",
            "[::ffff:8.8.8.8]",
            "[64:ff9b::808:808]",
            "[2002:808:808::]",
            "[2001:0:4136:e378:8000:63bf:f7f7:f7f7]",
        ] {
            assert!(!is_private_host(host), "{host}");
        }
    }
}
