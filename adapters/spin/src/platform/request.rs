//! From a WASI request to the runtime's.

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue};
use mcp_edge_runtime::http::{BodyError, Incoming, Request};
use spin_sdk::wasip3::http::types::{self as wasi, ErrorCode};
use spin_sdk::wasip3::wit_future;

use super::body;
use crate::client_address::client_address;

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

async fn read_body(request: wasi::Request, limit: usize) -> Result<Bytes, BodyError> {
    let (_processed, processed) = wit_future::new(|| Ok(()));
    let (contents, end) = wasi::Request::consume_body(request, processed);
    body::read(contents, end, limit).await
}
