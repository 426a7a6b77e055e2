//! Networks of addresses.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3). One of IPv4 addresses written as IPv6 is the IPv4 network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Its first address.
    pub address: IpAddr,
    /// How many bits of an address name the network.
    pub prefix: u8,
}

/// A regular expression for editors, which is wider than what is accepted.
pub(crate) const PATTERN: &str = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$";

pub(crate) const DESCRIBED: &str = "a network, as \"10.0.0.0/8\"";

impl Network {
    /// Reads a network, or one address. The error is the end of a sentence that begins with the key.
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        const SHAPE: &str =
            "must be a network, as \"10.0.0.0/8\" or \"2001:db8::/32\", or one address";
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| SHAPE)?;
        let bits = bits_of(address);
        let prefix = match prefix {
            None => bits,
            Some(digits) if is_number(digits) => digits
                .parse()
                .ok()
                .filter(|prefix| *prefix <= bits)
                .ok_or_else(|| format!("must have a length of at most {bits}, not {digits}"))?,
            Some(_) => return Err(SHAPE.into()),
        };
        let network = Self { address, prefix }.canonical();
        let first = network.first();
        if first != network.address {
            return Err(format!(
                "must begin with its first address; write {}",
                Self {
                    address: first,
                    ..network
                }
            )
            .into());
        }
        Ok(network)
    }

    /// The IPv4 network, where the addresses are IPv4 addresses mapped into IPv6 (RFC 4291, 2.5.5.2).
    fn canonical(self) -> Self {
        match (self.address.to_canonical(), self.prefix.checked_sub(96)) {
            (address @ IpAddr::V4(_), Some(prefix)) if self.address.is_ipv6() => {
                Self { address, prefix }
            }
            _ => self,
        }
    }

    /// Its first and its last address as numbers.
    fn ends(self) -> (u128, u128) {
        let first = match self.address {
            IpAddr::V4(address) => address.to_bits().into(),
            IpAddr::V6(address) => address.to_bits(),
        };
        let host = bits_of(self.address).saturating_sub(self.prefix);
        let others = u128::MAX
            .checked_shl(host.into())
            .map_or(u128::MAX, |mask| !mask);
        (first, first | others)
    }

    fn first(self) -> IpAddr {
        let host = bits_of(self.address).saturating_sub(self.prefix);
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(host.into()).unwrap_or(0);
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(host.into()).unwrap_or(0);
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
        }
    }
}

/// Refuses networks that together have every public address of a family, which are then those of clients too. The error is the
/// end of a sentence that begins with the key.
pub(crate) fn check_all(networks: &[Network]) -> Result<(), String> {
    let families = [("IPv4", NOT_PUBLIC_V4), ("IPv6", NOT_PUBLIC_V6)];
    for (family, not_public) in families {
        let not_public = not_public
            .iter()
            .filter_map(|network| Network::parse(network).ok());
        let is_of_family = |network: &Network| network.address.is_ipv4() == (family == "IPv4");
        let networks = networks.iter().copied().filter(is_of_family);
        if is_everything(networks.chain(not_public).collect()) {
            return Err(format!(
                "must not have every public {family} address: any client could then name the address that it likes; list \
                 the networks of the proxies only"
            ));
        }
    }
    Ok(())
}

/// The networks without public addresses: IANA IPv4 Special-Purpose Address Registry (RFC 6890), those that are not globally
/// reachable, with multicast (RFC 5771) and what is reserved behind it.
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// The same of IPv6, where only 2000::/3 is assigned to public addresses (IANA IPv6 Address Space).
const NOT_PUBLIC_V6: &[&str] = &["::/3", "2001:db8::/32", "3fff::/20", "4000::/2", "8000::/1"];

/// Whether networks of one family have all of its addresses.
fn is_everything(mut networks: Vec<Network>) -> bool {
    networks.sort_by_key(|network| network.address);
    // The first address that no network before has; `None` behind the last one.
    let mut next = Some(0_u128);
    for network in networks {
        let Some(missing) = next else { break };
        let (first, last) = network.ends();
        if first > missing {
            return false;
        }
        if last >= missing {
            let length = bits_of(network.address);
            let max = u128::MAX
                .checked_shr(128_u32.saturating_sub(length.into()))
                .unwrap_or(0);
            next = last.checked_add(1).filter(|next| *next <= max);
        }
    }
    next.is_none()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The length of an address.
const fn bits_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_one_form() {
        for (written, read) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("192.0.2.7/32", "192.0.2.7/32"),
            ("128.0.0.0/1", "128.0.0.0/1"),
            ("2001:DB8:0::/32", "2001:db8::/32"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("::1/128", "::1/128"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.0.0.1", "10.0.0.1/32"),
            ("::/1", "::/1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            let network = Network::parse(written).map(|network| network.to_string());
            assert_eq!(network.as_deref(), Ok(read), "{written}");
        }
    }

    #[test]
    fn an_invalid_network_is_rejected() {
        const SHAPE: &str = "must be a network,";
        for (text, says) in [
            ("", SHAPE),
            ("*", SHAPE),
            ("localhost", SHAPE),
            ("10.0.0.0/", SHAPE),
            ("10.0.0.0/+8", SHAPE),
            ("10.0.0.0/8/8", SHAPE),
            ("10.0.0/8", SHAPE),
            ("010.0.0.0/8", SHAPE),
            ("10.0.0.0/255.0.0.0", SHAPE),
            ("[2001:db8::]/32", SHAPE),
            ("fe80::1%eth0", SHAPE),
            ("10.0.0.0/33", "must have a length of at most 32, not 33"),
            ("::/129", "must have a length of at most 128, not 129"),
            (
                "10.0.0.1/8",
                "must begin with its first address; write 10.0.0.0/8",
            ),
            (
                "::ffff:10.0.0.1/104",
                "must begin with its first address; write 10.0.0.0/8",
            ),
            (
                "2001:db8::1/32",
                "must begin with its first address; write 2001:db8::/32",
            ),
        ] {
            let error = Network::parse(text).unwrap_err();
            assert!(error.starts_with(says), "{text}: {error}");
        }
    }

    #[test]
    fn networks_are_not_every_public_address_together() {
        for (networks, family) in [
            (&["0.0.0.0/0"][..], "IPv4"),
            (&["::ffff:0.0.0.0/96"], "IPv4"),
            (&["128.0.0.0/1", "0.0.0.0/1"], "IPv4"),
            (
                &["0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/2", "192.0.0.0/3"],
                "IPv4",
            ),
            (&["10.0.0.0/8", "::/0"], "IPv6"),
            (&["8000::/1", "::/1"], "IPv6"),
            (&["2000::/3"], "IPv6"),
            (&["::/1"], "IPv6"),
            (&["3000::/4", "2000::/4"], "IPv6"),
        ] {
            let error = check(networks).unwrap_err();
            let expected = format!("must not have every public {family} address:");
            assert!(error.starts_with(&expected), "{networks:?}: {error}");
        }
    }

    #[test]
    fn every_public_address_but_one_network_is_left_to_the_operator() {
        for networks in [
            &[][..],
            &["10.0.0.0/8", "fd00::/8", "127.0.0.1", "::1"],
            &["0.0.0.0/1"],
            &["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/4"],
            &["2000::/4", "3000::/5"],
        ] {
            assert_eq!(check(networks), Ok(()), "{networks:?}");
        }
    }

    fn check(networks: &[&str]) -> Result<(), String> {
        let networks: Vec<_> = networks
            .iter()
            .map(|network| Network::parse(network).unwrap())
            .collect();
        check_all(&networks)
    }

    #[test]
    fn the_ends_of_a_network_are_its_first_and_last_address() {
        for (network, first, last) in [
            ("10.0.0.0/8", 0x0a00_0000, 0x0aff_ffff),
            ("10.0.0.1", 0x0a00_0001, 0x0a00_0001),
            ("0.0.0.0/0", 0, u32::MAX.into()),
            ("::/0", 0, u128::MAX),
            ("::1", 1, 1),
        ] {
            assert_eq!(
                Network::parse(network).unwrap().ends(),
                (first, last),
                "{network}"
            );
        }
    }
}
