//! The cache of the location that a Worker runs in.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Cache, HostError};
use wasm_bindgen::prelude::*;

use super::host::message;
use super::read;
use crate::cache_url::cache_url;

/// The longest value that is read, in bytes.
const MAX_ENTRY_BYTES: usize = 1 << 20;

#[wasm_bindgen(module = "/src/platform/cache.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = match)]
    async fn find(url: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    async fn put(url: &str, value: &str, seconds: f64) -> Result<JsValue, JsValue>;
}

/// Keeps values in `caches.default`, which holds responses under URLs.
pub(crate) struct LocationCache;

impl Cache for LocationCache {
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let url = cache_url(key);
        Box::pin(async move {
            let failed = |error: &JsValue| failed("read from the cache", error);
            let found = find(&url).await.map_err(|error| failed(&error))?;
            if found.is_undefined() {
                return Ok(None);
            }
            let value = read::response(&found, MAX_ENTRY_BYTES, false)
                .await
                .map_err(|error| failed(&error))?;
            Ok(value.and_then(|bytes| String::from_utf8(bytes.into()).ok()))
        })
    }

    fn put(
        &self,
        key: &str,
        value: String,
        lifetime: Duration,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let url = cache_url(key);
        Box::pin(async move {
            put(&url, &value, lifetime.as_secs_f64().floor())
                .await
                .map(drop)
                .map_err(|error| failed("write to the cache", &error))
        })
    }
}

fn failed(operation: &str, error: &JsValue) -> HostError {
    HostError {
        operation: operation.to_owned(),
        reason: message(error),
    }
}
