//! Bodies that are read up to a limit.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/read.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = read)]
    async fn read_message(message: &JsValue, limit: f64) -> Result<JsValue, JsValue>;
}

/// Reads the body of a request or a response; `None` as soon as it is known to be longer than `limit` bytes.
pub(crate) async fn read(message: &JsValue, limit: usize) -> Result<Option<Bytes>, JsValue> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let bytes = read_message(message, limit.into()).await?;
    Ok(bytes
        .dyn_ref::<Uint8Array>()
        .map(|bytes| bytes.to_vec().into()))
}
