//! Subscriptions, of which there are none (2026-07-28, basic/patterns/subscriptions).

use serde_json::{Map, Value, json};

use super::resources::not_found;
use super::{CallError, CallHandler, CallOutput};
use crate::protocol::SUBSCRIPTION_ID;
use crate::protocol::bounds::MAX_URI;
use crate::refusal::Refusal;

impl CallHandler {
    /// Acknowledges nothing of what was asked for, since nothing of it can be delivered, and ends the stream
    /// as the revision wants it ended.
    pub(super) fn listen(&self) -> Result<CallOutput, CallError> {
        if !self
            .call
            .params
            .get("notifications")
            .is_some_and(Value::is_object)
        {
            return Err(Refusal::InvalidParams {
                why: "`notifications` must be an object".to_owned(),
            }
            .into());
        }
        let meta = json!({ SUBSCRIPTION_ID: self.call.id });
        self.cx.exchange().outbox.borrow_mut().push_back(json!({
            "jsonrpc": "2.0",
            "method": "notifications/subscriptions/acknowledged",
            "params": { "_meta": meta, "notifications": {} },
        }));
        let mut members = Map::new();
        members.insert("_meta".to_owned(), meta);
        Ok(members.into())
    }

    /// Legacy clients subscribe by name and wait on a stream that this server does not have. They are not
    /// told that they could, and nothing is wrong if they do.
    pub(super) fn subscribe(&self) -> Result<CallOutput, CallError> {
        let uri = self.text("uri", MAX_URI)?;
        let target = self.subject.target();
        if !target.is_some_and(|target| self.sees(target)) {
            return Err(self.absent(not_found(uri)).into());
        }
        Ok(Map::new().into())
    }
}
