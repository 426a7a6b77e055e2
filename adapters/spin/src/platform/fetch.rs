//! Outbound HTTP.

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Request, Response, StatusCode};
use mcp_edge_runtime::host::{FetchError, FetchOptions, check_encoding, origin};
use mcp_edge_runtime::http::{Body, BodyError};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{self as wasi, ErrorCode, Fields};
use spin_sdk::wasip3::wit_future;

use super::body;

/// Sends `request` and reads the answer. Spin decodes no content encoding.
pub(crate) async fn fetch(
    mut request: Request<Bytes>,
    options: FetchOptions,
) -> Result<Response<Bytes>, FetchError> {
    options.check_network()?;
    let headers = request.headers_mut();
    headers
        .entry(ACCEPT_ENCODING)
        .or_insert(HeaderValue::from_static("identity"));
    let origin = origin(request.uri());
    let request = into_wasi(request)?;
    let response = client::send(request).await.map_err(|code| match code {
        ErrorCode::HttpRequestDenied => FetchError::NotAllowed(origin),
        code => FetchError::Failed(code.to_string()),
    })?;
    let response = from_wasi(response, options.max_bytes).await?;
    check_encoding(response.headers(), &[])?;
    Ok(response)
}

fn into_wasi(request: Request<Bytes>) -> Result<wasi::Request, FetchError> {
    let (mut head, bytes) = request.into_parts();
    let body = if bytes.is_empty() {
        Body::Empty
    } else {
        // Without it the host would send the body in chunks, which not every server takes.
        head.headers.insert(CONTENT_LENGTH, bytes.len().into());
        Body::Whole(bytes)
    };
    let headers =
        Fields::try_from(head.headers).map_err(|error| FetchError::Failed(error.to_string()))?;
    let (contents, end) = body::send(body);
    let (request, _sent) = wasi::Request::new(headers, contents, end, None);
    request
        .set_method(&head.method.into())
        .and_then(|()| request.set_scheme(head.uri.scheme().map(wasi::Scheme::from).as_ref()))
        .and_then(|()| {
            request.set_authority(head.uri.authority().map(|authority| authority.as_str()))
        })
        .and_then(|()| {
            request.set_path_with_query(head.uri.path_and_query().map(|target| target.as_str()))
        })
        .map_err(|()| FetchError::Failed("the host refuses its method or URL".to_owned()))?;
    Ok(request)
}

async fn from_wasi(response: wasi::Response, limit: usize) -> Result<Response<Bytes>, FetchError> {
    let unusable = |what: &str| FetchError::Failed(format!("the answer has an unusable {what}"));
    let status =
        StatusCode::from_u16(response.get_status_code()).map_err(|_| unusable("status"))?;
    let headers = response
        .get_headers()
        .try_into()
        .map_err(|_: ErrorCode| unusable("header"))?;
    let (_processed, processed) = wit_future::new(|| Ok(()));
    let (contents, end) = wasi::Response::consume_body(response, processed);
    let body = body::read(contents, end, limit)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge => FetchError::TooLarge(limit),
            BodyError::Interrupted => FetchError::Failed("the answer ended early".to_owned()),
            BodyError::TimedOut => FetchError::Failed("the answer took too long".to_owned()),
        })?;

    let mut converted = Response::new(body);
    *converted.status_mut() = status;
    *converted.headers_mut() = headers;
    Ok(converted)
}
