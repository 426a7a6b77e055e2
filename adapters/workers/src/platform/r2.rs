//! R2, through the Worker's bindings.

use std::future::ready;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use js_sys::{Object, Uint8Array};
use mcp_edge_runtime::host::{HostError, ObjectStore};
use wasm_bindgen::prelude::*;

use super::binding::Kind;
use super::host::message;

pub(super) const BUCKET: Kind = Kind {
    name: "bucket of R2",
    // A key-value namespace has `put` as well.
    method: "createMultipartUpload",
    section: "[[r2_buckets]]",
};

#[wasm_bindgen(module = "/src/platform/r2.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = put)]
    async fn put_object(
        binding: &JsValue,
        key: &str,
        content_type: &str,
        bytes: &Uint8Array,
    ) -> Result<JsValue, JsValue>;
}

/// The buckets of the Worker.
pub(crate) struct Buckets(pub(crate) Object);

impl ObjectStore for Buckets {
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let checked = BUCKET
            .find(binding, &self.0)
            .map(drop)
            .map_err(|reason| HostError {
                operation: format!("use the bucket `{binding}`"),
                reason,
            });
        Box::pin(ready(checked))
    }

    fn put(
        &self,
        binding: &'static str,
        key: &str,
        content_type: &'static str,
        bytes: Bytes,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let bucket = BUCKET.find(binding, &self.0);
        let key = key.to_owned();
        Box::pin(async move {
            let stored = match bucket {
                Ok(bucket) => {
                    let bytes = Uint8Array::from(bytes.as_ref());
                    put_object(&bucket, &key, content_type, &bytes)
                        .await
                        .map(drop)
                        .map_err(|error| message(&error))
                }
                Err(reason) => Err(reason),
            };
            stored.map_err(|reason| HostError {
                operation: format!("store an object in the bucket `{binding}`"),
                reason,
            })
        })
    }
}
