//! Documents that operators replace while the Worker is deployed: values of KV and objects of R2.

use std::future::ready;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use js_sys::Object;
use mcp_edge_runtime::host::{DocumentPlace, HostError};
use wasm_bindgen::prelude::*;

use super::binding::Kind;
use super::host::message;
use super::r2::BUCKET;
use super::read;

const NAMESPACE: Kind = Kind {
    name: "namespace of KV",
    // A bucket has `get` as well.
    method: "getWithMetadata",
    section: "[[kv_namespaces]]",
};

#[wasm_bindgen(module = "/src/platform/document.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = inNamespace)]
    async fn in_namespace(binding: &JsValue, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = inBucket)]
    async fn in_bucket(binding: &JsValue, key: &str) -> Result<JsValue, JsValue>;
}

/// The document at a place of the Worker's bindings.
pub(crate) fn read(
    place: DocumentPlace<'_>,
    max_bytes: usize,
    environment: &Object,
) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
    let (is_namespace, name, key) = match place {
        DocumentPlace::KeyValue { store, key } => (true, store, key),
        DocumentPlace::Object { bucket, key } => (false, bucket, key),
        DocumentPlace::File { .. } => return Box::pin(ready(Err(place.unsupported("workers")))),
    };
    let kind = if is_namespace { &NAMESPACE } else { &BUCKET };
    let binding = kind.find(name, environment);
    let (name, key) = (name.to_owned(), key.to_owned());
    Box::pin(async move {
        let read = async {
            let binding = binding?;
            let found = match is_namespace {
                true => in_namespace(&binding, &key).await,
                false => in_bucket(&binding, &key).await,
            };
            let response = found.map_err(|error| message(&error))?;
            if response.is_undefined() {
                return Ok(None);
            }
            let bytes = read::response(&response, max_bytes, false).await;
            match bytes.map_err(|error| message(&error))? {
                Some(bytes) => Ok(Some(bytes)),
                None => Err(format!("it is longer than {max_bytes} bytes")),
            }
        };
        read.await.map_err(|reason| HostError {
            operation: format!("read `{key}` of the binding `{name}`"),
            reason,
        })
    })
}
