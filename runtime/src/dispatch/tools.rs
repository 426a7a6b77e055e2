//! `tools/call` (2026-07-28, server/tools).

use serde_json::Value;

use super::{CallError, CallHandler, CallOutput};
use crate::auth::Caller;
use crate::policy::Arguments;
use crate::protocol::bounds::MAX_NAME;
use crate::refusal::Refusal;
use crate::server::{ArgumentError, ToolError, ToolErrorKind, ToolResult, input_unavailable};

impl CallHandler {
    pub(super) async fn call_tool(&self) -> Result<CallOutput, CallError> {
        self.text("name", MAX_NAME)?;
        let arguments = Value::Object(self.arguments()?);
        let absent = || Refusal::InvalidParams {
            why: self.absent_tool(),
        };
        let target = self.subject.target();
        let _permits = self
            .permit(target, Arguments::Given(&arguments), absent())
            .await?;
        let (found, target) = self.subject.tool().zip(target).ok_or_else(absent)?;
        let tool = match found.open(&self.cx).await {
            Ok(tool) => tool,
            Err(error) => return self.failed_tool(error),
        };
        match tool.check(&arguments) {
            Ok(()) => {}
            // The schema may well allow it: that it was rounded is the fault of neither the model nor the schema.
            Err(ArgumentError::Violations(violations)) if violations.has_rounded() => {
                let why = violations.to_string();
                return Err(Refusal::InvalidParams { why }.into());
            }
            Err(ArgumentError::Violations(violations)) => {
                return Ok(self.said(format!("Invalid arguments: {violations}")));
            }
            Err(ArgumentError::Schema(detail)) => return Ok(self.failed(detail)),
        }
        self.intend(target).await?;
        match tool.call(self.cx.clone(), arguments).await {
            Ok(result) => {
                let revision = self.call.client.revision();
                let checked = result.check().map_err(|error| error.to_string());
                match checked.and_then(|()| tool.check_output(&result, revision)) {
                    Ok(()) => Ok(self.members(result).into()),
                    Err(detail) => Ok(self.failed(detail)),
                }
            }
            Err(error) => self.failed_tool(error),
        }
    }

    /// Why a call that names no tool of a list is refused. It tells of an operation only a caller who may know of it.
    fn absent_tool(&self) -> String {
        let asked = self.subject.asked().unwrap_or_default();
        let operation = self.instance.server.tools.operation(asked);
        match operation.filter(|(operation, _)| self.sees(operation.target())) {
            Some((_, broker)) => format!("`{asked}` is called through `{broker}`, as its `name`"),
            None => "there is no tool of that name; see tools/list".to_owned(),
        }
    }

    fn failed_tool(&self, ToolError(kind): ToolError) -> Result<CallOutput, CallError> {
        match kind {
            ToolErrorKind::Said(sentence) => Ok(self.said(sentence)),
            ToolErrorKind::Internal(detail) => Ok(self.failed(detail)),
            ToolErrorKind::InsufficientScope(scopes) => {
                let identity = &self.instance.identity;
                Err(match self.cx.caller() {
                    Caller::Anonymous => identity.sign_in(),
                    Caller::Principal(principal) => {
                        let all = principal.scopes().union(&scopes).cloned().collect();
                        Refusal::InsufficientScope(identity.challenge(&all))
                    }
                }
                .into())
            }
            ToolErrorKind::Unsupported { required } => {
                match input_unavailable(self.era(), required) {
                    // Said in the result, so that the model reads it.
                    refusal @ Refusal::InputUnsupported => Ok(self.said(refusal.to_string())),
                    refusal => Err(refusal.into()),
                }
            }
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
