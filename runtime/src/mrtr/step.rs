//! Work that happens once for all rounds of a request.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::journal::{Kind, digest};
use crate::context::Context;
use crate::finite_json;

/// A step that is about to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    idempotency_key: String,
}

impl Step {
    /// The same every time this step of this conversation runs, and never the same for another. Hand it to
    /// whatever the step changes, so that a second run changes nothing.
    pub fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Why a step gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// The journal is too full to hold another result, so the step was not run.
    #[error(
        "this conversation has become too long to go on; start again (limits.state_bytes in mcp.toml)"
    )]
    NoRoom,
    /// The step ran in an earlier round, before a deploy that changed what it gives.
    #[error("the server has changed since this conversation began; start again")]
    Changed,
    /// The result cannot be written down.
    #[error("the result of the step `{step}` cannot be kept: {why}")]
    Unwritable {
        /// The name of the step.
        step: String,
        /// Which field, as a JSON pointer, and why.
        why: String,
    },
    /// The host gave no random bytes for the name of the conversation.
    #[error("the host has no random bytes")]
    NoRandomness,
}

/// Runs `work`, unless an earlier round has; gives what it gave.
pub(crate) async fn run<T, F, R>(cx: Context, name: String, work: F) -> Result<T, StepError>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce(Step) -> R,
    R: Future<Output = T>,
{
    let occurrence = cx.memory().occur(Kind::Step, &name);
    let recalled = cx
        .memory()
        .restore_journal(Kind::Step, &name, occurrence, "");
    if let Some(value) = recalled {
        return serde_json::from_value(value).map_err(|_| StepError::Changed);
    }
    if !cx.has_room_for_step() {
        return Err(StepError::NoRoom);
    }
    let flow = cx.flow().map_err(|_| StepError::NoRandomness)?;
    let step = Step {
        idempotency_key: digest(&json!([flow, name, occurrence])),
    };
    let result = {
        let _busy = cx.busy();
        work(step).await
    };
    let value = finite_json::to_value(&result).map_err(|why| StepError::Unwritable {
        step: name.clone(),
        why: why.to_string(),
    })?;
    cx.memory().record(Kind::Step, &name, occurrence, "", value);
    Ok(result)
}
