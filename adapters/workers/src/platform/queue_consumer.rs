//! What the queue of the outbox hands out.

use std::rc::Rc;

use futures_util::{StreamExt as _, stream};
use js_sys::{Array, Object, Reflect};
use mcp_edge_runtime::Runtime;
use mcp_edge_runtime::host::{Host as _, SharedHost};
use wasm_bindgen::prelude::*;

use super::host::Workers;
use crate::retry_delay::retry_delay;

/// How many messages are on their way at once: as many connections as a Worker may open at a time.
const AT_ONCE: usize = 6;

#[wasm_bindgen]
extern "C" {
    /// Messages that a queue hands out together.
    #[wasm_bindgen(extends = Object)]
    pub type Batch;

    #[wasm_bindgen(method, getter)]
    fn messages(this: &Batch) -> Array;

    type Message;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Message) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn attempts(this: &Message) -> JsValue;

    #[wasm_bindgen(method, catch)]
    fn ack(this: &Message) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn retry(this: &Message, options: &Object) -> Result<(), JsValue>;
}

/// Delivers each message, and acknowledges or retries each by itself.
pub(crate) async fn consume(runtime: Rc<Runtime>, batch: Batch, host: Rc<Workers>) {
    stream::iter(batch.messages().iter())
        .map(|message| settle(&runtime, message.unchecked_into(), &host))
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
}

async fn settle(runtime: &Runtime, message: Message, host: &Rc<Workers>) {
    let told = if is_delivered(runtime, &message, host).await {
        message.ack()
    } else {
        let attempts = message.attempts().as_f64().unwrap_or_default();
        // A cast of a float saturates.
        let delay = retry_delay(attempts as u32).as_secs_f64();
        let options = Object::new();
        Reflect::set(&options, &"delaySeconds".into(), &delay.into())
            .and_then(|_| message.retry(&options))
    };
    if told.is_err() {
        host.warn(
            "acknowledging or retrying a message of the queue failed; events may be delivered twice",
        );
    }
}

async fn is_delivered(runtime: &Runtime, message: &Message, host: &Rc<Workers>) -> bool {
    let Some(parcel) = message.body().as_string() else {
        host.warn("a message of the queue is no text; it was not put there by this server");
        return false;
    };
    match runtime
        .deliver(&parcel, Rc::clone(host) as SharedHost)
        .await
    {
        Ok(delivered) => delivered,
        Err(error) => {
            host.warn(&error.to_string());
            false
        }
    }
}
