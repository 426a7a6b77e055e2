//! Cloudflare Queues, through the Worker's bindings.

use std::future::ready;

use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Object};
use mcp_edge_runtime::host::{HostError, Queues};
use wasm_bindgen::prelude::*;

use super::binding::Kind;
use super::host::message;
use crate::batches::batches;

const QUEUE: Kind = Kind {
    name: "queue",
    method: "sendBatch",
    section: "[[queues.producers]]",
};

#[wasm_bindgen(module = "/src/platform/queue.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = send)]
    async fn send_batch(binding: &JsValue, texts: &Array) -> Result<JsValue, JsValue>;
}

/// The queues that the Worker may write to.
pub(crate) struct QueueBindings(pub(crate) Object);

impl Queues for QueueBindings {
    fn check(&self, binding: &'static str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(ready(check(&self.0, binding)))
    }

    /// Sends as much at once as the platform takes. If it fails in between, the queue has some of the messages.
    fn send(
        &self,
        binding: &'static str,
        messages: Vec<String>,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(send(self.0.clone(), binding, messages))
    }
}

/// Whether `binding` is a queue.
pub(crate) fn check(environment: &Object, binding: &str) -> Result<(), HostError> {
    QUEUE
        .find(binding, environment)
        .map(drop)
        .map_err(|reason| HostError {
            operation: format!("use the queue `{binding}`"),
            reason,
        })
}

/// Puts messages into a queue.
pub(crate) async fn send(
    environment: Object,
    binding: &str,
    messages: Vec<String>,
) -> Result<(), HostError> {
    let failed = |reason: String| HostError {
        operation: format!("send to the queue `{binding}`"),
        reason,
    };
    let queue = QUEUE.find(binding, &environment).map_err(failed)?;
    for batch in batches(&messages).map_err(failed)? {
        let texts: Array = batch.iter().map(JsValue::from).collect();
        send_batch(&queue, &texts)
            .await
            .map_err(|error| failed(message(&error)))?;
    }
    Ok(())
}
