//! The outbox: a queue that the same Worker consumes.

use std::future::ready;

use futures_util::future::LocalBoxFuture;
use js_sys::Object;
use mcp_edge_runtime::host::{HostError, Outbox};

use super::queues;
use crate::batches::MAX_MESSAGE_BYTES;

const BINDING: &str = "MCP_EDGE_OUTBOX";

/// Puts parcels into the queue bound to `MCP_EDGE_OUTBOX`. The platform hands them to the Worker's `queue`, so that no instance
/// has to look for them, and none can. A parcel is safe once the queue has it, until it is delivered, or until the queue
/// gives it up: after `max_retries` or when it has kept it for as long as it keeps messages. Then it goes to the
/// `dead_letter_queue`, where the consumer names one, or is gone.
pub(crate) struct QueueOutbox(pub(crate) Object);

impl Outbox for QueueOutbox {
    fn check(&self) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(ready(queues::check(&self.0, BINDING)))
    }

    fn longest(&self) -> usize {
        MAX_MESSAGE_BYTES
    }

    fn put(&self, _key: &str, parcel: String) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(queues::send(self.0.clone(), BINDING, vec![parcel]))
    }

    fn keys(
        &self,
        _prefix: &str,
        _most: usize,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, HostError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn get(&self, _key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        Box::pin(ready(Ok(None)))
    }

    fn remove(&self, _key: &str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(ready(Ok(())))
    }
}
