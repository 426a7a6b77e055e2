//! The address of a client.

use std::net::SocketAddr;

use http::HeaderMap;
use mcp_edge_runtime::http::ClientAddress;

/// The address at the other end of the connection. Spin adds it after all that the client sent, so only the
/// last line is Spin's.
pub(crate) fn client_address(headers: &HeaderMap) -> Option<ClientAddress> {
    let line = headers.get_all("spin-client-addr").iter().next_back()?;
    let address: SocketAddr = line.to_str().ok()?.parse().ok()?;
    Some(ClientAddress::Platform(address.ip().to_canonical()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn address(lines: &[&'static str]) -> Option<ClientAddress> {
        let lines = lines.iter().map(|line| {
            (
                "spin-client-addr".parse().unwrap(),
                HeaderValue::from_static(line),
            )
        });
        client_address(&lines.collect())
    }

    #[test]
    fn the_last_line_is_the_hosts() {
        for (lines, expected) in [
            (&["192.0.2.7:5000"][..], "192.0.2.7"),
            (&["198.51.100.1:1", "192.0.2.7:5000"], "192.0.2.7"),
            (&["[2001:db8::7]:5000"], "2001:db8::7"),
            (&["[::ffff:192.0.2.7]:5000"], "192.0.2.7"),
        ] {
            let expected = ClientAddress::Platform(expected.parse().unwrap());
            assert_eq!(address(lines), Some(expected), "{lines:?}");
        }
    }

    #[test]
    fn an_invalid_address_is_absent() {
        assert_eq!(address(&[]), None);
        assert_eq!(address(&["192.0.2.7"]), None);
        assert_eq!(address(&["192.0.2.7:5000", "unknown"]), None);
    }
}
