//! From a WASI request to the runtime's.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue};
use mcp_edge_runtime::http::{BodyError, ClientAddress, Incoming, Request};
use spin_sdk::wasip3::http::types::{self as wasi, ErrorCode};
use spin_sdk::wasip3::wit_future;

use crate::body;

/// The head of `request`, and its body for when it is asked for.
///
/// The authority of the URI becomes the `Host` header, and the only one: WASI hosts take that header away.
pub(crate) fn from_wasi(request: wasi::Request) -> Result<Request, ErrorCode> {
    let method = request
        .get_method()
        .try_into()
        .map_err(|_| ErrorCode::HttpRequestMethodInvalid)?;
    let uri = request
        .get_path_with_query()
        .as_deref()
        .unwrap_or("/")
        .parse()
        .map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let mut headers: HeaderMap = request.get_headers().try_into()?;
    if let Some(authority) = request.get_authority() {
        let host =
            HeaderValue::try_from(authority).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
        headers.insert(HOST, host);
    }

    let mut converted = Request::new(Incoming::new(move |limit| read_body(request, limit)));
    *converted.method_mut() = method;
    *converted.uri_mut() = uri;
    if let Some(address) = client_address(&headers) {
        converted.extensions_mut().insert(address);
    }
    *converted.headers_mut() = headers;
    Ok(converted)
}

/// The address at the other end of the connection. Spin adds it after all that the client sent, so only the
/// last line is Spin's.
fn client_address(headers: &HeaderMap) -> Option<ClientAddress> {
    let line = headers.get_all("spin-client-addr").iter().next_back()?;
    let address: SocketAddr = line.to_str().ok()?.parse().ok()?;
    Some(ClientAddress::Platform(address.ip().to_canonical()))
}

async fn read_body(request: wasi::Request, limit: usize) -> Result<Bytes, BodyError> {
    let (_processed, processed) = wit_future::new(|| Ok(()));
    let (contents, end) = wasi::Request::consume_body(request, processed);
    body::read(contents, end, limit).await
}

#[cfg(test)]
mod tests {
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
    fn what_is_no_address_is_none() {
        assert_eq!(address(&[]), None);
        assert_eq!(address(&["192.0.2.7"]), None);
        assert_eq!(address(&["192.0.2.7:5000", "unknown"]), None);
    }
}
