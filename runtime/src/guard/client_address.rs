//! Where a client is: at the other end of the connection, or where trusted proxies say.
//!
//! `Forwarded` (RFC 7239) and `X-Forwarded-For` are lists to which each proxy adds, at the right, the address that it was
//! called from. What is further left than the first address that is not a trusted proxy's is the client's own word. So a list
//! is read from the right, and no further than to that address: nothing that a client sends can change what is found.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::header::{FORWARDED, GetAll, HeaderName, HeaderValue, ValueIter};
use http::request::Parts;

use crate::config::{Access, Network};
use crate::http::ClientAddress;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Entries of a list that are read, those of trusted proxies and empty ones.
const MAX_HOPS: usize = 32;

/// The length of an entry that is read, in bytes.
const MAX_ENTRY: usize = 256;

/// Where the client is; `None` where the host does not say.
pub(crate) fn address(head: &Parts, access: &Access) -> Option<IpAddr> {
    match head.extensions.get::<ClientAddress>()? {
        ClientAddress::Platform(address) => Some(address.to_canonical()),
        ClientAddress::Connection(peer) if access.trusted_proxies.is_empty() => {
            Some(peer.to_canonical())
        }
        ClientAddress::Connection(peer) => {
            let told = |name, quotes, read| {
                let lines = head.headers.get_all(name);
                follow(
                    *peer,
                    Entries::of(&lines, quotes),
                    read,
                    access.trusted_proxies,
                )
            };
            Some(
                match (
                    told(FORWARDED, true, forwarded),
                    told(X_FORWARDED_FOR, false, node),
                ) {
                    (HeaderAddress::Address(one), HeaderAddress::Nothing)
                    | (HeaderAddress::Nothing, HeaderAddress::Address(one)) => one,
                    (HeaderAddress::Address(one), HeaderAddress::Address(other))
                        if one == other =>
                    {
                        one
                    }
                    // Proxies say nothing, or nothing that can be read, or two things. The peer is sure.
                    _ => peer.to_canonical(),
                },
            )
        }
    }
}

/// What one of the headers says.
enum HeaderAddress {
    Nothing,
    Unreadable,
    Address(IpAddr),
}

/// Follows a list from `peer` to the first address that is not a trusted proxy's, or to the end of the list.
fn follow<'h>(
    peer: IpAddr,
    entries: impl Iterator<Item = &'h [u8]>,
    read: fn(&str) -> Option<IpAddr>,
    trusted: &[Network],
) -> HeaderAddress {
    let mut hop = peer;
    let mut told = HeaderAddress::Nothing;
    for (count, entry) in entries.enumerate() {
        if !trusted.iter().any(|network| network.contains(hop)) {
            break;
        }
        // RFC 9110, 5.6.1.2: a list may have empty entries.
        if entry.is_empty() && count < MAX_HOPS {
            continue;
        }
        let address = Some(entry)
            .filter(|_| count < MAX_HOPS)
            .and_then(|entry| std::str::from_utf8(entry).ok())
            .and_then(read);
        let Some(address) = address else {
            return HeaderAddress::Unreadable;
        };
        hop = address.to_canonical();
        told = HeaderAddress::Address(hop);
    }
    told
}

/// The entries of a list, the last first. One that is longer than [`MAX_ENTRY`] is cut, and then nothing that can be read.
struct Entries<'h> {
    lines: std::iter::Rev<ValueIter<'h, HeaderValue>>,
    /// What is left of the line.
    rest: Option<&'h [u8]>,
    /// Whether a comma may stand within quotes.
    quotes: bool,
}

impl<'h> Entries<'h> {
    fn of(lines: &GetAll<'h, HeaderValue>, quotes: bool) -> Self {
        Self {
            lines: lines.iter().rev(),
            rest: None,
            quotes,
        }
    }
}

impl<'h> Iterator for Entries<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let line = match self.rest.take() {
            Some(rest) => rest,
            None => self.lines.next()?.as_bytes(),
        };
        let mut within_quotes = false;
        let mut length = 0_usize;
        for (place, byte) in line.iter().enumerate().rev() {
            match byte {
                b'"' if self.quotes && !(within_quotes && is_escaped(line, place)) => {
                    within_quotes = !within_quotes;
                }
                b',' if !within_quotes => {
                    let (rest, entry) = line.split_at_checked(place)?;
                    self.rest = Some(rest);
                    return entry.get(1..).map(<[u8]>::trim_ascii);
                }
                _ => {}
            }
            length = length.saturating_add(1);
            if length > MAX_ENTRY {
                break;
            }
        }
        // From its beginning, or from where it is too long.
        let start = line.len().saturating_sub(length);
        line.get(start..).map(<[u8]>::trim_ascii)
    }
}

/// Whether an odd number of backslashes stands before `place`.
fn is_escaped(line: &[u8], place: usize) -> bool {
    let before = line.get(..place).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    slashes.count() % 2 == 1
}

/// The address in `for` of an element of `Forwarded` (RFC 7239, 4).
fn forwarded(element: &str) -> Option<IpAddr> {
    let mut address = None;
    let mut rest = element;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(';') {
            rest = after;
            continue;
        }
        if rest.is_empty() {
            return address;
        }
        let (name, after) = rest.split_once('=')?;
        let (value, after) = value(after)?;
        let after = after.trim_ascii_start();
        if !is_token(name) || !(after.is_empty() || after.starts_with(';')) {
            return None;
        }
        if name.eq_ignore_ascii_case("for") {
            let is_bare = value.parse::<Ipv6Addr>().is_ok();
            let found = node(&value).filter(|_| !is_bare)?;
            if address.replace(found).is_some() {
                return None;
            }
        }
        rest = after;
    }
}

/// A token or a quoted string, and what follows it (RFC 9110, 5.6.2 and 5.6.4).
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text
            .find(|letter: char| letter == ';' || letter.is_ascii_whitespace())
            .unwrap_or(text.len());
        let (token, rest) = text.split_at_checked(end)?;
        return is_token(token).then_some((Cow::Borrowed(token), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next()? {
            '"' => return Some((Cow::Owned(value), letters.as_str())),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

/// The address of a node with or without a port: RFC 7239, 6, and besides an IPv6 address without brackets, as it is in
/// `X-Forwarded-For`. `unknown` and names that hide an address are none.
fn node(text: &str) -> Option<IpAddr> {
    if let Some(bracketed) = text.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        return (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
            .then_some(address.into());
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(address.into());
    }
    let (address, port) = match text.split_once(':') {
        Some((address, port)) => (address, Some(port)),
        None => (text, None),
    };
    let address: Ipv4Addr = address.parse().ok()?;
    port.is_none_or(is_port).then_some(address.into())
}

/// A port, or a name that hides one.
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(hidden) => {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !hidden.is_empty() && hidden.bytes().all(is_letter)
        }
        None => text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok(),
    }
}

/// `token` (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::config::Settings;

    const PEER: &str = "10.0.0.1";

    fn network(address: &str, prefix: u8) -> Network {
        Network::new(address.parse().unwrap(), prefix)
    }

    /// Where a client is whose request arrives from `peer` with these headers. Trusted are 10/8, 192.0.2.9 and 2001:db8:f::/48.
    fn found(peer: &str, headers: &[(&str, &[u8])]) -> String {
        let trusted = vec![
            network("10.0.0.0", 8),
            network("192.0.2.9", 32),
            network("2001:db8:f::", 48),
        ];
        let access = Access {
            trusted_proxies: trusted.leak(),
            ..Settings::DEFAULT.access
        };
        let mut request = Request::new(());
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(name, value);
        }
        let peer = ClientAddress::Connection(peer.parse().unwrap());
        request.extensions_mut().insert(peer);
        let (head, ()) = request.into_parts();
        address(&head, &access).unwrap().to_string()
    }

    fn by_list(value: &str) -> String {
        found(PEER, &[("x-forwarded-for", value.as_bytes())])
    }

    fn by_standard(value: &str) -> String {
        found(PEER, &[("forwarded", value.as_bytes())])
    }

    #[test]
    fn the_last_address_that_is_not_a_trusted_proxys_counts() {
        for (value, client) in [
            ("198.51.100.7", "198.51.100.7"),
            ("203.0.113.1, 198.51.100.7", "198.51.100.7"),
            ("203.0.113.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("198.51.100.7,192.0.2.9 ,\t10.0.0.2", "198.51.100.7"),
            ("198.51.100.7, 192.0.2.8, 10.0.0.2", "192.0.2.8"),
            // Where all are trusted, the first is the client.
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("198.51.100.7, 2001:db8:f::1", "198.51.100.7"),
            ("::ffff:198.51.100.7, ::ffff:10.0.0.2", "198.51.100.7"),
            (", ,198.51.100.7,,", "198.51.100.7"),
            ("unknown, 198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(by_list(value), client, "{value}");
        }
    }

    /// The examples of RFC 7239, 4 and 6, and some others.
    #[test]
    fn the_standard_header_is_read_as_it_is_written() {
        for (value, client) in [
            ("for=192.0.2.43", "192.0.2.43"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("by=203.0.113.43;FOR=192.0.2.60", "192.0.2.60"),
            ("for=192.0.2.43, for=198.51.100.17", "198.51.100.17"),
            ("for=\"192.0.2.43:47011\"", "192.0.2.43"),
            ("for=\"192.0.2.43:_secret\"", "192.0.2.43"),
            ("for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"),
            ("for=\"192\\.0.2.43\"", "192.0.2.43"),
            (
                "for=198.51.100.7;ext=\"a, b;c=\\\"d\\\"\", for=10.0.0.2",
                "198.51.100.7",
            ),
            (
                "for=_hidden, for=198.51.100.7, for=10.0.0.2",
                "198.51.100.7",
            ),
            (";for=198.51.100.7; proto=https;", "198.51.100.7"),
            // What hides the address, or is not what the standard asks for.
            ("for=unknown", PEER),
            ("for=_hidden", PEER),
            ("for=\"_SEVKISEK\"", PEER),
            ("proto=https", PEER),
            ("for=", PEER),
            ("for", PEER),
            ("for=198.51.100.7:80", PEER),
            ("for=[2001:db8::7]", PEER),
            ("for=\"2001:db8::7\"", PEER),
            ("for=\"[2001:db8::7]x\"", PEER),
            ("for=\"[2001:db8::7]:99999\"", PEER),
            ("for=\"198.51.100.7\"x", PEER),
            ("for=\"198.51.100.7", PEER),
            ("for=198.51.100.7;for=198.51.100.8", PEER),
            ("f or=198.51.100.7", PEER),
            ("for=198.51.100.7 proto=https", PEER),
        ] {
            assert_eq!(by_standard(value), client, "{value}");
        }
    }

    #[test]
    fn without_a_trusted_proxy_no_header_is_read() {
        for peer in ["198.51.100.1", "192.0.2.8", "2001:db8:e::1", "::1"] {
            let headers: [(&str, &[u8]); 2] = [
                ("x-forwarded-for", b"203.0.113.1"),
                ("forwarded", b"for=203.0.113.1"),
            ];
            assert_eq!(found(peer, &headers), peer);
        }
        let (mut head, ()) = Request::new(()).into_parts();
        let header = HeaderValue::from_static("203.0.113.1");
        head.headers.insert(X_FORWARDED_FOR, header);
        let access = &Settings::DEFAULT.access;
        assert_eq!(address(&head, access), None);
        for own in [ClientAddress::Connection, ClientAddress::Platform] {
            head.extensions.insert(own(PEER.parse().unwrap()));
            assert_eq!(address(&head, access).unwrap().to_string(), PEER);
        }
    }

    #[test]
    fn the_platforms_address_overrides_headers() {
        let (mut head, ()) = Request::new(()).into_parts();
        let header = HeaderValue::from_static("203.0.113.1");
        head.headers.insert(X_FORWARDED_FOR, header);
        let platform = ClientAddress::Platform(PEER.parse().unwrap());
        head.extensions.insert(platform);
        let access = Access {
            trusted_proxies: vec![network("10.0.0.0", 8)].leak(),
            ..Settings::DEFAULT.access
        };
        assert_eq!(address(&head, &access).unwrap().to_string(), PEER);
    }

    #[test]
    fn a_peer_that_is_mapped_into_ipv6_is_an_ipv4_address() {
        let headers: [(&str, &[u8]); 1] = [("x-forwarded-for", b"203.0.113.1")];
        assert_eq!(found("::ffff:10.0.0.1", &headers), "203.0.113.1");
        assert_eq!(found("::ffff:198.51.100.1", &headers), "198.51.100.1");
    }

    #[test]
    fn two_headers_count_where_they_agree() {
        let both = |list: &str, standard: &str| {
            let headers: [(&str, &[u8]); 2] = [
                ("x-forwarded-for", list.as_bytes()),
                ("forwarded", standard.as_bytes()),
            ];
            found(PEER, &headers)
        };
        assert_eq!(both("203.0.113.1", "for=203.0.113.1"), "203.0.113.1");
        assert_eq!(
            both("9.9.9.9, 203.0.113.1", "for=203.0.113.1"),
            "203.0.113.1"
        );
        assert_eq!(both("203.0.113.1", ""), "203.0.113.1");
        assert_eq!(both("", "for=203.0.113.1"), "203.0.113.1");
        assert_eq!(both("203.0.113.1", "for=203.0.113.2"), PEER);
        assert_eq!(both("203.0.113.1", "for=unknown"), PEER);
        assert_eq!(both("unknown", "for=203.0.113.1"), PEER);
        assert_eq!(both("", ""), PEER);
    }

    #[test]
    fn lines_are_one_list() {
        let headers: [(&str, &[u8]); 3] = [
            ("x-forwarded-for", b"203.0.113.1"),
            ("x-forwarded-for", b"198.51.100.7, 10.0.0.3"),
            ("x-forwarded-for", b"10.0.0.2"),
        ];
        assert_eq!(found(PEER, &headers), "198.51.100.7");
    }

    #[test]
    fn a_list_is_read_up_to_a_length() {
        let chain = |proxies: usize| format!("203.0.113.1{}", ", 10.0.0.2".repeat(proxies));
        assert_eq!(by_list(&chain(MAX_HOPS - 1)), "203.0.113.1");
        assert_eq!(by_list(&chain(MAX_HOPS)), PEER);
        assert_eq!(by_list(&format!("203.0.113.1{}", ",".repeat(10_000))), PEER);
        let long = format!("for=203.0.113.1;ext={}", "x".repeat(MAX_ENTRY));
        assert_eq!(by_standard(&long), PEER);
        // What is further left costs nothing, and changes nothing.
        let left = format!("{}, 203.0.113.1", "x".repeat(100_000));
        assert_eq!(by_list(&left), "203.0.113.1");
    }

    /// Bytes that a header may hold, those that mean something more often than others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            prop::sample::select(b"\",;=\\[]:. \tfor10".to_vec()),
            prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff],
        ];
        vec(byte, 0..40)
    }

    fn addresses() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<Ipv4Addr>().prop_map(IpAddr::V4),
            any::<Ipv6Addr>().prop_map(IpAddr::V6),
            prop::sample::select(vec!["10.0.0.2", "10.1.2.3", "192.0.2.9", "2001:db8:f::2"])
                .prop_map(|trusted| trusted.parse().unwrap()),
        ]
    }

    fn is_trusted(address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(own) => own.octets()[0] == 10 || own == Ipv4Addr::new(192, 0, 2, 9),
            IpAddr::V6(own) => own.segments()[..3] == [0x2001, 0xdb8, 0xf],
        }
    }

    fn element(address: IpAddr) -> String {
        match address {
            IpAddr::V4(address) => format!("for={address};proto=https"),
            IpAddr::V6(address) => format!("proto=https;for=\"[{address}]:4711\""),
        }
    }

    proptest! {
        /// A trusted proxy adds the address that it was called from, on the same line or on another.
        #[test]
        fn nothing_that_a_client_sends_changes_what_is_found(
            sent in bytes(),
            client in addresses().prop_filter("not a proxy", |address| !is_trusted(*address)),
            proxies in vec(addresses().prop_filter("a proxy", |address| is_trusted(*address)), 0..4),
            same_line in any::<bool>(),
        ) {
            let chain: Vec<_> = std::iter::once(client).chain(proxies).collect();
            let written: [(&str, Vec<String>); 2] = [
                ("x-forwarded-for", chain.iter().map(ToString::to_string).collect()),
                ("forwarded", chain.iter().copied().map(element).collect()),
            ];
            for (name, added) in written {
                let added = added.join(", ").into_bytes();
                let found = if same_line {
                    found(PEER, &[(name, &[&sent[..], b", ", &added].concat())])
                } else {
                    found(PEER, &[(name, &sent), (name, &added)])
                };
                prop_assert_eq!(found, client.to_canonical().to_string(), "{}", name);
            }
        }

        /// Against the definition, spelled out.
        #[test]
        fn agrees_with_its_definition(chain in vec(addresses(), 0..8)) {
            let from_right = chain.iter().rev().copied();
            let expected = from_right
                .clone()
                .find(|address| !is_trusted(*address))
                .or(from_right.last())
                .unwrap_or(PEER.parse().unwrap());
            let list: Vec<_> = chain.iter().map(ToString::to_string).collect();
            let standard: Vec<_> = chain.iter().copied().map(element).collect();
            let expected = expected.to_canonical().to_string();
            prop_assert_eq!(by_list(&list.join(",")), &expected[..]);
            prop_assert_eq!(by_standard(&standard.join(" , ")), &expected[..]);
        }

        #[test]
        fn an_address_that_is_found_was_in_a_header(one in bytes(), other in bytes(), name in prop::sample::select(vec!["forwarded", "x-forwarded-for"])) {
            let found: IpAddr = found(PEER, &[(name, &one), (name, &other)]).parse().unwrap();
            if found != PEER.parse::<IpAddr>().unwrap() {
                let text = String::from_utf8_lossy(&[one, b" ".to_vec(), other].concat()).replace('\\', "");
                let was_told = text
                    .split(|letter: char| !(letter.is_ascii_hexdigit() || letter == ':' || letter == '.'))
                    .any(|word| {
                        let alone = word.parse::<IpAddr>().ok();
                        let with_port = word.split_once(':').and_then(|(address, _)| address.parse().ok());
                        [alone, with_port].into_iter().flatten().any(|address| address.to_canonical() == found)
                    });
                prop_assert!(was_told, "{found} {text}");
            }
        }
    }
}
