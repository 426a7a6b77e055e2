//! `tools/call` (2026-07-28, server/tools).

use serde_json::Value;

use super::{CallError, CallHandler, CallOutput};
use crate::policy::Arguments;
use crate::protocol::bounds::MAX_NAME;
use crate::refusal::Refusal;
use crate::server::{PolicySubject, ToolError, ToolErrorKind, ToolResult, input_unavailable};

impl CallHandler {
    pub(super) async fn call_tool(&self) -> Result<CallOutput, CallError> {
        self.text("name", MAX_NAME)?;
        let arguments = Value::Object(self.arguments()?);
        let absent = || Refusal::InvalidParams {
            why: "there is no tool of that name; see tools/list".to_owned(),
        };
        let target = self.subject.target();
        let _permits = self
            .permit(target, Arguments::Given(&arguments), absent())
            .await?;
        let entry = self.subject.tool().ok_or_else(absent)?;
        let tool = &entry.item;
        if let Err(violations) = tool.check(&arguments) {
            // The schema may well allow it: that it was rounded is the fault of neither the model nor the schema.
            if violations.has_rounded() {
                let why = violations.to_string();
                return Err(Refusal::InvalidParams { why }.into());
            }
            return Ok(self.said(format!("Invalid arguments: {violations}")));
        }
        self.intend(tool.target(&entry.name)).await?;
        match tool.call(self.cx.clone(), arguments).await {
            Ok(result) => {
                if let Err(detail) = tool.check_output(&result, self.call.client.revision()) {
                    return Ok(self.failed(detail));
                }
                Ok(self.members(result).into())
            }
            Err(ToolError(kind)) => match kind {
                ToolErrorKind::Said(sentence) => Ok(self.said(sentence)),
                ToolErrorKind::Internal(detail) => Ok(self.failed(detail)),
                ToolErrorKind::Unsupported { required } => {
                    match input_unavailable(self.era(), required) {
                        // Said in the result, so that the model reads it.
                        refusal @ Refusal::InputUnsupported => Ok(self.said(refusal.to_string())),
                        refusal => Err(refusal.into()),
                    }
                }
            },
        }
    }

    fn said(&self, sentence: String) -> CallOutput {
        self.members(ToolResult::text(sentence).error()).into()
    }

    fn failed(&self, detail: String) -> CallOutput {
        CallOutput {
            detail: Some(detail),
            ..self.said("The tool failed; the server's log says why.".to_owned())
        }
    }
}
