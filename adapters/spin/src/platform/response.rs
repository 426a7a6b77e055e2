//! From the runtime's response to a WASI one.

use http::header::CONTENT_LENGTH;
use mcp_edge_runtime::http::{Body, Response};
use spin_sdk::wasip3::http::types::{self as wasi, ErrorCode, Fields};

use super::body;

/// A response whose body is written while the host sends it.
pub(crate) fn into_wasi(response: Response) -> Result<wasi::Response, ErrorCode> {
    let (mut head, body) = response.into_parts();
    if let Body::Whole(bytes) = &body {
        // Without it the host would send the body in chunks.
        head.headers.insert(CONTENT_LENGTH, bytes.len().into());
    }
    let headers = Fields::try_from(head.headers).map_err(|error| unusable(&error))?;
    let (contents, end) = body::send(body);
    let (response, _sent) = wasi::Response::new(headers, contents, end);
    response
        .set_status_code(head.status.as_u16())
        .map_err(|()| unusable(&"its status"))?;
    Ok(response)
}

fn unusable(what: &dyn std::fmt::Display) -> ErrorCode {
    ErrorCode::InternalError(Some(format!("the host refuses the response: {what}")))
}
