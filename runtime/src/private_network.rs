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

/// Whether `address` is not one of the public internet: it is in a block of the IANA special-purpose address registries
/// (RFC 6890), is multicast, belongs to the platform of a cloud, or is an IPv6 address that embeds such an IPv4 address.
pub fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, private networks, loopback, and what is multicast or reserved.
        [0 | 10 | 127 | 224..=255, ..] => true,
        // Shared address space of carriers (RFC 6598). Alibaba Cloud has its metadata service there.
        [100, 64..=127, ..] => true,
        // Link-local, where the metadata services of most clouds are.
        [169, 254, ..] => true,
        // The platform of Azure: agents of virtual machines, DNS and health probes.
        [168, 63, 129, 16] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // Protocol assignments, where Oracle Cloud has a metadata service, and documentation.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // AS112, AMT, the relays of 6to4: nodes of networks that serve no API.
        [192, 31, 196, _] | [192, 52, 193, _] | [192, 88, 99, _] | [192, 175, 48, _] => true,
        // Benchmarks.
        [198, 18 | 19, ..] => true,
        _ => false,
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [.., high, low] = segments;
    let v4 = |high: u16, low: u16| {
        let [first, second] = high.to_be_bytes();
        let [third, fourth] = low.to_be_bytes();
        is_private_v4(Ipv4Addr::new(first, second, third, fourth))
    };
    match segments {
        // Unspecified, loopback, and IPv4-compatible addresses, which no network may use.
        [0, 0, 0, 0, 0, 0, ..] => true,
        // IPv4-mapped (RFC 4291, 2.5.5.2) and IPv4-translated (RFC 2765, 2.1).
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => v4(high, low),
        // NAT64 (RFC 6052), and that of a network of one's own (RFC 8215).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(high, low),
        [0x64, 0xff9b, 1, ..] => true,
        // Discard-only (RFC 6666) and the dummy prefix (RFC 9780).
        [0x100, 0, 0, 0 | 1, ..] => true,
        // Teredo has the client's address inverted (RFC 4380, 4).
        [0x2001, 0, server_high, server_low, ..] => v4(!high, !low) || v4(server_high, server_low),
        // Protocol assignments (RFC 2928), and documentation (RFC 3849, RFC 9637).
        [0x2001, 1..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => true,
        // 6to4 (RFC 3056).
        [0x2002, first, second, ..] => v4(first, second),
        // AS112, and segment identifiers (RFC 9602).
        [0x2620, 0x4f, 0x8000, ..] | [0x5f00, ..] => true,
        // Unique local, link-local and site-local, multicast.
        [0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..=0xffff, ..] => true,
        // ISATAP (RFC 5214, 6.1), below any prefix.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => v4(high, low),
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

    /// The first and the last address of each block of the IANA IPv4 and IPv6 Special-Purpose Address Registries, and of what
    /// else no request may reach.
    #[test]
    fn special_purpose_blocks_are_private_from_their_first_to_their_last_address() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.31.196.0", "192.31.196.255"),
            ("192.52.193.0", "192.52.193.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("192.175.48.0", "192.175.48.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"),
            ("::", "::1"),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
            ("100::", "100::ffff:ffff:ffff:ffff"),
            ("100:0:0:1::", "100::1:ffff:ffff:ffff:ffff"),
            ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            // Of clouds: Azure, AWS and most others, AWS over IPv6, Alibaba, Oracle, Google over IPv6.
            ("168.63.129.16", "168.63.129.16"),
            ("169.254.169.254", "169.254.170.2"),
            ("fd00:ec2::254", "fd00:ec2::23"),
            ("100.100.100.200", "100.100.100.200"),
            ("192.0.0.192", "192.0.0.192"),
            ("fd20:ce::254", "fd20:ce::254"),
        ] {
            for address in [first, last] {
                assert!(is_private_address(address.parse().unwrap()), "{address}");
            }
        }
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "100:0:0:2::",
            "2001:200::",
            "2001:4860:4860::8888",
            "2001:db7::",
            "2001:db9::",
            "2003::",
            "2620:4f:8001::",
            "3fff:1000::",
            "5f01::",
            "fbff::",
            "fe7f::",
        ] {
            assert!(!is_private_address(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_embedded_address_counts_as_itself() {
        let embedded = |form: &str, v4: &str| {
            let address: Ipv4Addr = v4.parse().unwrap();
            let [a, b, c, d] = address.octets();
            let hexadecimal = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
            let inverted = format!("{:02x}{:02x}:{:02x}{:02x}", !a, !b, !c, !d);
            let text = form
                .replace("V4", &hexadecimal)
                .replace("INVERTED", &inverted);
            let address: IpAddr = text.parse().unwrap();
            is_private_address(address)
        };
        for form in [
            "::ffff:V4",
            "::ffff:0:V4",
            "64:ff9b::V4",
            "2002:V4::1",
            "2001:0:808:808:8000:63bf:INVERTED",
            "2001:0:V4:8000:63bf:f7f7:f7f7",
            "2606:4700::5efe:V4",
            "2606:4700::200:5efe:V4",
        ] {
            for private in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "168.63.129.16"] {
                assert!(embedded(form, private), "{form} {private}");
            }
            assert!(!embedded(form, "8.8.8.8"), "{form}");
        }
    }
}
