//! Cloudflare Queues, through the Worker's bindings.

use std::future::ready;

use futures_util::future::LocalBoxFuture;
use js_sys::{Array, Object};
use mcp_edge_runtime::host::{HostError, Queues};
use wasm_bindgen::prelude::*;

use crate::binding::Kind;
use crate::host::message;

/// The longest message, in bytes. The platform takes 128,000, with about 100 that it adds itself.
pub(crate) const LONGEST: usize = 127_000;
/// The most bytes that are sent at once. The platform takes 256,000, with those that it adds to each message.
const MOST_BYTES: usize = 245_000;
/// The most messages that the platform takes at once.
const MOST_MESSAGES: usize = 100;

const QUEUE: Kind = Kind {
    name: "queue",
    method: "sendBatch",
    section: "[[queues.producers]]",
};

#[wasm_bindgen(module = "/src/queue.js")]
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

/// Messages in as few batches as the platform takes; nothing of them if one is too long for it.
fn batches(messages: &[String]) -> Result<Vec<&[String]>, String> {
    let mut batches = Vec::new();
    let mut rest = messages;
    while !rest.is_empty() {
        let mut bytes = 0_usize;
        let mut count = 0_usize;
        for message in rest.iter().take(MOST_MESSAGES) {
            if message.len() > LONGEST {
                return Err(format!(
                    "a message of {} bytes is longer than a queue takes, which is {LONGEST}; record less of calls (`bytes` of [[contents]] in mcp.toml)",
                    message.len()
                ));
            }
            bytes = bytes.saturating_add(message.len());
            if bytes > MOST_BYTES {
                break;
            }
            count = count.saturating_add(1);
        }
        let (batch, others) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        batches.push(batch);
        rest = others;
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(messages: &[usize]) -> Result<Vec<Vec<usize>>, String> {
        let messages: Vec<_> = messages.iter().map(|length| "x".repeat(*length)).collect();
        let batches = batches(&messages)?;
        Ok(batches
            .into_iter()
            .map(|batch| batch.iter().map(String::len).collect())
            .collect())
    }

    #[test]
    fn messages_stay_in_order_and_within_what_the_platform_takes() {
        assert_eq!(lengths(&[]), Ok(vec![]));
        assert_eq!(lengths(&[1, 2]), Ok(vec![vec![1, 2]]));
        let many = lengths(&[1; 250]).unwrap();
        assert_eq!(
            many.iter().map(Vec::len).collect::<Vec<_>>(),
            [100, 100, 50]
        );
        assert_eq!(
            lengths(&[100_000, 100_000, 100_000, 5]),
            Ok(vec![vec![100_000, 100_000], vec![100_000, 5]])
        );
        assert_eq!(
            lengths(&[LONGEST, LONGEST, LONGEST]),
            Ok(vec![vec![LONGEST], vec![LONGEST], vec![LONGEST]])
        );
    }

    #[test]
    fn a_message_that_is_too_long_is_told_with_what_to_change() {
        let error = lengths(&[1, LONGEST + 1]).unwrap_err();
        assert!(error.contains("127001 bytes"), "{error}");
        assert!(error.contains("[[contents]]"), "{error}");
    }
}
