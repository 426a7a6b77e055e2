//! The cache of the location that a Worker runs in.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Cache, HostError};
use wasm_bindgen::prelude::*;

use crate::host::message;
use crate::read;

/// The longest value that is read, in bytes.
const LONGEST: usize = 1 << 20;

#[wasm_bindgen(module = "/src/cache.js")]
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
        let url = url(key);
        Box::pin(async move {
            let failed = |error: &JsValue| failed("read from the cache", error);
            let found = find(&url).await.map_err(|error| failed(&error))?;
            if found.is_undefined() {
                return Ok(None);
            }
            let value = read::response(&found, LONGEST)
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
        let url = url(key);
        Box::pin(async move {
            put(&url, &value, lifetime.as_secs_f64().floor())
                .await
                .map(drop)
                .map_err(|error| failed("write to the cache", &error))
        })
    }
}

/// The URL of a value, under a host that nobody can ask for (RFC 6761, 6.4).
fn url(key: &str) -> String {
    let mut url = "https://mcp-edge.invalid/".to_owned();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

fn failed(operation: &str, error: &JsValue) -> HostError {
    HostError {
        operation: operation.to_owned(),
        reason: message(error),
    }
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn different_keys_have_different_urls() {
        assert_eq!(url("keys-1_a"), "https://mcp-edge.invalid/keys-1_a");
        assert_eq!(url("a/../b"), "https://mcp-edge.invalid/a%2F%2E%2E%2Fb");
        assert_eq!(
            url("a?b#c%2F ä"),
            "https://mcp-edge.invalid/a%3Fb%23c%252F%20%C3%A4"
        );
        assert_ne!(url("A"), url("a"));
    }
}
