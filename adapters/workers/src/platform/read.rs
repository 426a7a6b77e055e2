//! Bodies that are read up to a limit.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/read.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = read)]
    async fn read_message(
        message: &JsValue,
        limit: f64,
        discarded: f64,
        bounded: bool,
    ) -> Result<JsValue, JsValue>;
}

/// What is read of a request beyond its limit, and thrown away, in bytes. Where a Worker stops reading a body of no
/// stated length, a proxy that sends requests to it may tell the client of a lost connection instead of the answer.
const DISCARDED: u32 = 16 << 20;

/// Reads the body of a request; `None` if it is longer than `limit` bytes.
pub(crate) async fn request(request: &JsValue, limit: usize) -> Result<Option<Bytes>, JsValue> {
    read(request, limit, DISCARDED, false).await
}

/// Reads the body of a response; `None` as soon as it is known to be longer than `limit` bytes. It is `bounded` if it comes over
/// HTTP: another Worker may send more than it states.
pub(crate) async fn response(
    response: &JsValue,
    limit: usize,
    bounded: bool,
) -> Result<Option<Bytes>, JsValue> {
    read(response, limit, 0, bounded).await
}

async fn read(
    message: &JsValue,
    limit: usize,
    discarded: u32,
    bounded: bool,
) -> Result<Option<Bytes>, JsValue> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let bytes = read_message(message, limit.into(), discarded.into(), bounded).await?;
    Ok(bytes
        .dyn_ref::<Uint8Array>()
        .map(|bytes| bytes.to_vec().into()))
}
