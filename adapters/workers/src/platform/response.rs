//! From the runtime's response to a Worker's.

use futures_util::StreamExt as _;
use http::StatusCode;
use js_sys::Uint8Array;
use mcp_edge_runtime::http::{Body, Response};
use wasm_bindgen::prelude::*;
use wasm_streams::ReadableStream;

use crate::headers;

#[wasm_bindgen(module = "/src/platform/response.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn whole(status: u16, lines: &str, bytes: &[u8]) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    fn streamed(status: u16, lines: &str, stream: &JsValue) -> Result<JsValue, JsValue>;
}

/// A response whose body is produced while the Worker sends it. The stream behind it is dropped when the
/// Worker cancels it, which it does once it notices that the caller has left.
pub(crate) fn into_js(response: Response) -> Result<JsValue, JsValue> {
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    let lines = headers::to_lines(&head.headers);
    match body {
        Body::Empty => streamed(status, &lines, &JsValue::NULL),
        Body::Whole(bytes) => whole(status, &lines, &bytes),
        Body::Stream(chunks) => {
            let chunks = chunks.map(|chunk| match chunk {
                Ok(bytes) => Ok(Uint8Array::from(bytes.as_ref()).into()),
                Err(cut) => Err(js_sys::Error::new(&cut.to_string()).into()),
            });
            let stream = ReadableStream::from_stream(chunks).into_raw();
            streamed(status, &lines, &stream)
        }
    }
}

/// A response that says no more than `status`, where the runtime cannot be asked for one.
pub(crate) fn bare(status: StatusCode) -> Result<JsValue, JsValue> {
    streamed(status.as_u16(), "", &JsValue::NULL)
}
