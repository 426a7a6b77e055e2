//! From a Worker's request to the runtime's.

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use mcp_edge_runtime::http::{BodyError, Incoming, Request};
use wasm_bindgen::JsValue;

use super::read;
use crate::client_address::client_address;
use crate::headers;
use crate::target::addressed;

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
    let url = Uri::try_from(url).map_err(|_| StatusCode::URI_TOO_LONG)?;
    let headers = headers::from_lines(lines).ok_or(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)?;
    let (target, headers) = addressed(url, headers);

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
    *converted.uri_mut() = target;
    if let Some(address) = client_address(&headers) {
        converted.extensions_mut().insert(address);
    }
    *converted.headers_mut() = headers;
    Ok(converted)
}
