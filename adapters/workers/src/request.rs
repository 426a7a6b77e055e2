//! From a Worker's request to the runtime's.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use mcp_edge_runtime::http::{BodyError, ClientAddress, Incoming, Request};
use wasm_bindgen::JsValue;

use crate::read;

/// The runtime's request, or the status that says what is wrong with it.
///
/// `head` holds method, URL, and names and values of the headers, a line each; `body` is there if it has been
/// read already.
pub(crate) fn from_js(
    head: &str,
    body: Option<Vec<u8>>,
    request: &web_sys::Request,
) -> Result<Request, StatusCode> {
    let mut lines = head.split('\n');
    let method = lines.next().unwrap_or_default();
    let url = lines.next().unwrap_or_default();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| StatusCode::NOT_IMPLEMENTED)?;
    let uri = Uri::try_from(url).map_err(|_| StatusCode::URI_TOO_LONG)?;
    let headers = headers(lines).ok_or(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)?;

    let body = match body {
        Some(bytes) => Bytes::from(bytes).into(),
        None => {
            let request = JsValue::from(request);
            Incoming::new(move |limit| async move {
                match read::request(&request, limit).await {
                    Ok(Some(bytes)) => Ok(bytes),
                    Ok(None) => Err(BodyError::TooLarge),
                    Err(_) => Err(BodyError::Interrupted),
                }
            })
        }
    };
    let mut converted = Request::new(body);
    *converted.method_mut() = method;
    *converted.uri_mut() = uri;
    if let Some(address) = client_address(&headers) {
        converted.extensions_mut().insert(address);
    }
    *converted.headers_mut() = headers;
    Ok(converted)
}

/// The address at the other end of the connection, which the platform puts in place of what the client sent.
fn client_address(headers: &HeaderMap) -> Option<ClientAddress> {
    let address: IpAddr = headers
        .get("cf-connecting-ip")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    Some(ClientAddress::Platform(address.to_canonical()))
}

/// Headers from lines that are names and values in turn. A value keeps bytes that are not ASCII, for the
/// runtime to refuse.
pub(crate) fn headers<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        headers.try_append(name, value).ok()?;
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_what_is_not_ascii() {
        let headers = headers("mcp-method\ntools/çall\naccept\n".split('\n')).unwrap();
        assert_eq!(headers["mcp-method"].as_bytes(), "tools/çall".as_bytes());
        assert!(headers["mcp-method"].to_str().is_err());
        assert_eq!(headers["accept"], "");
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        assert_eq!(headers("a name\nvalue".split('\n')), None);
    }

    #[test]
    fn the_address_is_one_or_none() {
        let address = |line: &str| {
            let headers = headers(["cf-connecting-ip", line].into_iter()).unwrap();
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
