//! `prompts/get` (2026-07-28, server/prompts).

use serde_json::Value;

use super::{CallError, CallHandler, CallOutput};
use crate::policy::Arguments;
use crate::protocol::bounds::MAX_NAME;
use crate::refusal::Refusal;

impl CallHandler {
    pub(super) async fn get_prompt(&self) -> Result<CallOutput, CallError> {
        self.text("name", MAX_NAME)?;
        let mut arguments = self.arguments()?;
        arguments.retain(|_, argument| !argument.is_null());
        let absent = || Refusal::InvalidParams {
            why: "there is no prompt of that name; see prompts/list".to_owned(),
        };
        let prompt = self.subject.prompt().map(|entry| &entry.item);
        let read = match prompt {
            Some(prompt) => prompt.read(arguments.clone()),
            None => Value::Null,
        };
        let target = self.subject.target();
        let _permits = self
            .permit(target, Arguments::Given(&read), absent())
            .await?;
        let prompt = prompt.ok_or_else(absent)?;
        prompt
            .check(&arguments, &read)
            .map_err(|why| Refusal::InvalidParams { why })?;
        let result = prompt
            .get(self.cx.clone(), read)
            .await
            .map_err(|error| self.failed_request(error, None))?;
        result.check().map_err(CallError::internal)?;
        Ok(result.members(self.call.client.revision()).into())
    }
}
