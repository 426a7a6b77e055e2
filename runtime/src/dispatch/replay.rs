//! Taking up a conversation where an earlier round left it (2026-07-28, basic/patterns/mrtr).

use serde_json::{Map, Value};

use super::{CallError, CallHandler};
use crate::jsonrpc::member;
use crate::mrtr::Journal;
use crate::protocol::Call;
use crate::refusal::Refusal;
use crate::revision::Era;
use crate::token::{RequestDigest, RequestState};

/// What makes a call the same call when it is sent again.
pub(crate) fn digest(call: &Call) -> RequestDigest {
    let mut same = Map::new();
    for name in ["name", "uri", "arguments"] {
        if let Some(value) = member(&call.params, name) {
            same.insert(name.to_owned(), value.clone());
        }
    }
    RequestDigest::of(call.method.as_str(), &Value::Object(same))
}

impl CallHandler {
    /// Fills the handler's memory with what the request brings back.
    pub(super) fn restore_journal(&self) -> Result<(), CallError> {
        if !self.call.method.may_ask() || self.era() == Era::Legacy {
            return Ok(());
        }
        let answers = match member(&self.call.params, "inputResponses") {
            None => Map::new(),
            Some(Value::Object(answers)) => answers
                .iter()
                .filter(|(_, answer)| !answer.is_null())
                .map(|(name, answer)| (name.clone(), answer.clone()))
                .collect(),
            Some(_) => {
                return Err(Refusal::InvalidParams {
                    why: "`inputResponses` must be an object".to_owned(),
                }
                .into());
            }
        };
        let mut memory = self.cx.memory();
        memory.answered(answers);
        let token = match member(&self.call.params, "requestState") {
            None => return Ok(()),
            Some(Value::String(token)) => token,
            Some(_) => return Err(Refusal::InvalidRequestState.into()),
        };
        let opened = self
            .instance
            .codec
            .open::<RequestState<Journal>>(
                token,
                &self.cx.caller().binding().and_request(digest(&self.call)),
                self.cx.now(),
            )
            .map_err(|error| CallError::token(Refusal::InvalidRequestState, error))?;
        let state = opened.content;
        let deployed = state.tool != self.instance.server.identity.version;
        memory.resume(state.flow, state.round, state.journal, deployed);
        Ok(())
    }
}
