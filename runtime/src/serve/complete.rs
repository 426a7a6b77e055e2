//! `completion/complete` (2026-07-28, server/utilities/completion).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Failed, Served, Serving};
use crate::policy::Target;
use crate::refusal::Refusal;
use crate::server::{CompletionTarget, Governed, Partial};

/// The most values that one answer may hold.
const MOST: usize = 100;

fn invalid(why: &str) -> Refusal {
    Refusal::InvalidParams {
        why: why.to_owned(),
    }
}

impl Serving {
    pub(super) async fn complete(&self) -> Result<Served, Failed> {
        let (target, partial) = self.completion()?;
        let absent = || invalid("there is nothing of that name to complete");
        let owner = self.owner(&target);
        let _permits = self.permit(owner, None, absent()).await?;
        let Some(completer) = self.instance.server.completers.get(&target) else {
            self.exists(&target)?;
            return Ok(completion(&[]));
        };
        let values = completer
            .complete(self.cx.clone(), partial)
            .await
            .map_err(|error| Failed::request(error, None))?;
        Ok(completion(&values))
    }

    fn completion(&self) -> Result<(CompletionTarget, Partial), Refusal> {
        let params = &self.call.params;
        let text = |object: &str, member: &str| {
            params
                .get(object)
                .and_then(|object| object.get(member))
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| invalid(&format!("`{object}.{member}` must be a string")))
        };
        let argument = text("argument", "name")?;
        let target = match text("ref", "type")?.as_str() {
            "ref/prompt" => CompletionTarget::Prompt {
                name: text("ref", "name")?,
                argument,
            },
            "ref/resource" => CompletionTarget::Template {
                template: text("ref", "uri")?,
                variable: argument,
            },
            _ => return Err(invalid("`ref.type` must be ref/prompt or ref/resource")),
        };
        let known = params
            .get("context")
            .and_then(|context| context.get("arguments"))
            .and_then(Value::as_object);
        let mut arguments = BTreeMap::new();
        for (name, value) in known.into_iter().flatten() {
            if let Some(value) = value.as_str() {
                arguments.insert(name.clone(), value.to_owned());
            }
        }
        Ok((
            target,
            Partial {
                value: text("argument", "value")?,
                arguments,
            },
        ))
    }

    /// The prompt or template whose argument is to be completed, as the policy sees it.
    fn owner<'a>(&'a self, target: &'a CompletionTarget) -> Option<Target<'a>> {
        let server = &self.instance.server;
        match target {
            CompletionTarget::Prompt { name, .. } => {
                server.prompts.get(name).map(|prompt| prompt.target(name))
            }
            CompletionTarget::Template { template, .. } => server
                .templates
                .get(template)
                .map(|found| found.target(template)),
        }
    }

    /// Tells an argument without a completion from one that is not there.
    fn exists(&self, target: &CompletionTarget) -> Result<(), Refusal> {
        let server = &self.instance.server;
        let exists = match target {
            CompletionTarget::Prompt { name, argument } => server
                .prompts
                .get(name)
                .is_some_and(|prompt| prompt.has_argument(argument)),
            CompletionTarget::Template { template, variable } => server
                .templates
                .get(template)
                .is_some_and(|template| template.has_variable(variable)),
        };
        if exists {
            Ok(())
        } else {
            Err(invalid("there is nothing of that name to complete"))
        }
    }
}

fn completion(values: &[String]) -> Served {
    let shown = values.get(..MOST).unwrap_or(values);
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
