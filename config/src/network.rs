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
        if network.prefix == 0 {
            return Err(
                "must not be every address there is: any client could then name the address that it likes".into(),
            );
        }
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
        ] {
            let network = Network::parse(written).map(|network| network.to_string());
            assert_eq!(network.as_deref(), Ok(read), "{written}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
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
            ("0.0.0.0/0", "must not be every address there is"),
            ("::/0", "must not be every address there is"),
            ("::ffff:0.0.0.0/96", "must not be every address there is"),
        ] {
            let error = Network::parse(text).unwrap_err();
            assert!(error.starts_with(says), "{text}: {error}");
        }
    }
}
