//! `tools/call` (2026-07-28, server/tools).

use serde_json::Value;

use super::{Failed, Served, Serving};
use crate::refusal::Refusal;
use crate::revision::Era;
use crate::server::{Governed, ToolError, ToolErrorKind, ToolResult};

impl Serving {
    pub(super) async fn call_tool(&self) -> Result<Served, Failed> {
        self.text("name")?;
        let arguments = Value::Object(self.arguments()?);
        let absent = || Refusal::InvalidParams {
            why: "there is no tool of that name; see tools/list".to_owned(),
        };
        let target = self.subject.target();
        let _permits = self.permit(target, Some(&arguments), absent()).await?;
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
                ToolErrorKind::Unsupported { required } => self.cannot_ask(required),
            },
        }
    }

    fn said(&self, sentence: String) -> Served {
        self.members(ToolResult::text(sentence).error()).into()
    }

    fn failed(&self, detail: String) -> Served {
        Served {
            detail: Some(detail),
            ..self.said("The tool failed; the server's log says why.".to_owned())
        }
    }

    /// A modern client is told which capability is missing. A legacy client may well have it, but answers in
    /// a request that nothing here could join to this one.
    fn cannot_ask(&self, required: Value) -> Result<Served, Failed> {
        match self.call.client.revision().era() {
            Era::Modern => Err(Refusal::MissingCapability { required }.into()),
            Era::Legacy => Ok(self.said(
                "This tool has to ask the user something, and this server can do that only with clients of protocol revision 2026-07-28 or later. Use such a client, or call a tool that takes the answer as an argument.".to_owned(),
            )),
        }
    }
}
