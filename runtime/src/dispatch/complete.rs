//! `completion/complete` (2026-07-28, server/utilities/completion).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{CallError, CallHandler, CallOutput};
use crate::jsonrpc::member;
use crate::policy::Arguments;
use crate::protocol::bounds::{self, MAX_NAME, MAX_URI};
use crate::refusal::Refusal;
use crate::server::CompletionRequest;

/// The most values that one answer may hold.
const MAX_VALUES: usize = 100;

fn invalid(why: &str) -> Refusal {
    Refusal::InvalidParams {
        why: why.to_owned(),
    }
}

impl CallHandler {
    pub(super) async fn complete(&self) -> Result<CallOutput, CallError> {
        let (argument, partial) = self.completion()?;
        let absent = || invalid("there is nothing of that name to complete");
        let subject = &self.subject;
        let _permits = self
            .permit(subject.target(), Arguments::Unknown, absent())
            .await?;
        let target = subject.completion(&argument).ok_or_else(absent)?;
        let Some(completer) = self.instance.server.completers.get(&target) else {
            return Ok(completion(&[]));
        };
        let values = completer
            .complete(self.cx.clone(), partial)
            .await
            .map_err(|error| self.failed_request(error, None))?;
        Ok(completion(&values))
    }

    /// The name of the argument to complete, and what is known of its value.
    fn completion(&self) -> Result<(String, CompletionRequest), Refusal> {
        let params = &self.call.params;
        let text = |object: &str, member: &str, limit: usize| {
            let value = params.get(object).and_then(|object| object.get(member));
            bounds::text(&format!("{object}.{member}"), value, limit).map(str::to_owned)
        };
        let argument = text("argument", "name", MAX_NAME)?;
        match text("ref", "type", MAX_NAME)?.as_str() {
            "ref/prompt" => text("ref", "name", MAX_NAME)?,
            "ref/resource" => text("ref", "uri", MAX_URI)?,
            _ => return Err(invalid("`ref.type` must be ref/prompt or ref/resource")),
        };
        let known = match member(params, "context") {
            None => None,
            Some(Value::Object(context)) => member(context, "arguments"),
            Some(_) => return Err(invalid("`context` must be an object")),
        };
        let mut arguments = BTreeMap::new();
        match known {
            None => {}
            Some(Value::Object(known)) => {
                for (name, value) in known.iter().filter(|(_, value)| !value.is_null()) {
                    let value = value.as_str().ok_or_else(|| {
                        invalid("the values in `context.arguments` must be strings")
                    })?;
                    arguments.insert(name.clone(), value.to_owned());
                }
            }
            Some(_) => return Err(invalid("`context.arguments` must be an object")),
        }
        Ok((
            argument,
            CompletionRequest {
                value: text("argument", "value", usize::MAX)?,
                arguments,
            },
        ))
    }
}

fn completion(values: &[String]) -> CallOutput {
    let shown = values.get(..MAX_VALUES).unwrap_or(values);
    let mut members = Map::new();
    members.insert(
        "completion".to_owned(),
        json!({
            "values": shown,
            "total": values.len(),
            "hasMore": shown.len() < values.len(),
        }),
    );
    members.into()
}
