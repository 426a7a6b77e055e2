//! The address of a client.

use std::net::IpAddr;

use http::HeaderMap;
use mcp_edge_runtime::http::ClientAddress;

/// The address at the other end of the connection, which the platform puts in place of what the client sent.
pub(crate) fn client_address(headers: &HeaderMap) -> Option<ClientAddress> {
    let address: IpAddr = headers
        .get("cf-connecting-ip")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(ClientAddress::Platform(address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::from_lines;

    #[test]
    fn the_address_is_one_or_none() {
        let address = |line: &str| {
            let headers = from_lines(["cf-connecting-ip", line].into_iter()).unwrap();
            client_address(&headers)
        };
        for (line, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
        ] {
            let expected = ClientAddress::Platform(expected.parse().unwrap());
            assert_eq!(address(line), Some(expected), "{line}");
        }
        assert_eq!(address("192.0.2.7, 198.51.100.1"), None);
        assert_eq!(address(""), None);
    }
}
