//! Outbound HTTP.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use js_sys::{Object, Uint8Array};
use mcp_edge_runtime::host::{FetchError, FetchOptions, check_encoding};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::binding::Kind;
use super::read;
use crate::headers;

#[wasm_bindgen(module = "/src/platform/fetch.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn send(
        binding: &JsValue,
        method: &str,
        url: &str,
        lines: &str,
        body: &JsValue,
        signal: &AbortSignal,
    ) -> Result<JsValue, JsValue>;

    fn head(response: &JsValue) -> String;
}

const SERVICE: Kind = Kind {
    name: "service",
    method: "fetch",
    section: "[[services]]",
};

/// The content encodings that Workers decodes by itself.
const DECODED: [&str; 2] = ["gzip", "br"];

/// Sends `request` and reads the answer. Dropped before, it is called off.
///
/// A redirect is an answer like any other: only the caller knows where a request may go.
pub(crate) async fn fetch(
    request: Request<Bytes>,
    options: FetchOptions,
    environment: Object,
) -> Result<Response<Bytes>, FetchError> {
    let limit = options.max_bytes;
    let binding = match options.binding {
        Some(binding) => SERVICE
            .find(binding, &environment)
            .map_err(FetchError::Failed)?,
        None => JsValue::UNDEFINED,
    };
    let mut exchange = Exchange {
        controller: AbortController::new().map_err(|error| failed(&error))?,
        is_over: false,
    };
    let (parts, bytes) = request.into_parts();
    let body = if bytes.is_empty() {
        JsValue::UNDEFINED
    } else {
        Uint8Array::from(bytes.as_ref()).into()
    };
    let answer = send(
        &binding,
        parts.method.as_str(),
        &parts.uri.to_string(),
        &headers::to_lines(&parts.headers),
        &body,
        &exchange.controller.signal(),
    )
    .await
    .map_err(|error| failed(&error))?;

    let head = head(&answer);
    let mut lines = head.split('\n');
    let status = lines
        .next()
        .and_then(|status| StatusCode::from_bytes(status.as_bytes()).ok())
        .ok_or_else(|| unusable("status"))?;
    let headers = headers::from_lines(lines).ok_or_else(|| unusable("header"))?;
    check_encoding(&headers, &DECODED)?;
    let body = read::response(&answer, limit, options.binding.is_none())
        .await
        .map_err(|error| failed(&error))?
        .ok_or(FetchError::TooLarge(limit))?;
    exchange.is_over = true;

    let mut converted = Response::new(body);
    *converted.status_mut() = status;
    *converted.headers_mut() = headers;
    Ok(converted)
}

/// An exchange with another server, which ends with this.
struct Exchange {
    controller: AbortController,
    /// Whether the whole response was read: aborting makes an exception, and a listener of each that has the signal is called.
    is_over: bool,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.is_over {
            self.controller.abort();
        }
    }
}

fn unusable(what: &str) -> FetchError {
    FetchError::Failed(format!("the answer has an unusable {what}"))
}

fn failed(error: &JsValue) -> FetchError {
    FetchError::Failed(super::host::message(error))
}
