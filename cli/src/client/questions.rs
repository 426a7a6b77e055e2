//! Questions of a server, asked on the terminal or answered on the command line.

use std::io::{IsTerminal as _, stderr, stdin};

use clap::Args;
use serde_json::{Map, Value as Json, json};

use crate::output::Failure;
use crate::style::{HEADING, say, shown, styled};

/// Answers that are known before the questions.
#[derive(Args)]
pub(super) struct Answers {
    /// The answer to a question; may be given several times. `decline` alone declines every question
    #[arg(long = "answer", value_name = "NAME=VALUE")]
    given: Vec<String>,
}

impl Answers {
    /// The responses to `questions` (2026-07-28, `inputRequests`).
    pub(super) fn to(&self, questions: &Map<String, Json>) -> Result<Map<String, Json>, Failure> {
        let mut responses = Map::new();
        for (name, question) in questions {
            let method = question.get("method").and_then(Json::as_str);
            let schema = question.pointer("/params/requestedSchema");
            let (Some("elicitation/create"), Some(schema)) = (method, schema) else {
                return Err(Failure::check(format!(
                    "the server asks with {}, which this client does not answer; use another client",
                    shown(method.unwrap_or("no method"))
                )));
            };
            let message = question.pointer("/params/message").and_then(Json::as_str);
            let response = self.respond(message.unwrap_or_default(), schema)?;
            responses.insert(name.clone(), response);
        }
        Ok(responses)
    }

    fn respond(&self, message: &str, schema: &Json) -> Result<Json, Failure> {
        if self.given.iter().any(|answer| answer == "decline") {
            return Ok(json!({ "action": "decline" }));
        }
        let is_asking = stdin().is_terminal() && stderr().is_terminal();
        if is_asking {
            say(&format!("{}\n", styled(HEADING, &shown(message))));
        }
        let required = schema.get("required").and_then(Json::as_array);
        let properties = schema.get("properties").and_then(Json::as_object);
        let mut content = Map::new();
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
            let given = self.given.iter().find_map(|answer| {
                let (of, value) = answer.split_once('=')?;
                (of == name).then_some(value)
            });
            if let Some(value) = given {
                content.insert(name.clone(), value_of(name, property, value)?);
            } else if is_asking {
                match ask(name, property, is_required)? {
                    Some(value) => content.extend(value.map(|value| (name.clone(), value))),
                    None => return Ok(json!({ "action": "cancel" })),
                }
            } else if is_required {
                return Err(Failure::usage(format!(
                    "the server asks for `{}`: {}; answer with --answer {}=VALUE, or run the command on a terminal",
                    shown(name),
                    shown(message),
                    shown(name)
                )));
            }
        }
        Ok(json!({ "action": "accept", "content": content }))
    }
}

/// Asks until the answer fits; `None` at the end of the input, `Some(None)` where an optional answer is left out.
fn ask(name: &str, property: &Json, is_required: bool) -> Result<Option<Option<Json>>, Failure> {
    let title = property
        .get("title")
        .or_else(|| property.get("description"));
    let title = title
        .and_then(Json::as_str)
        .map_or_else(String::new, |title| format!(", {}", shown(title)));
    let choices = property.get("enum").map_or_else(String::new, |choices| {
        format!(" {}", shown(&choices.to_string()))
    });
    let optional = if is_required { "" } else { " (optional)" };
    loop {
        say(&format!("{}{title}{choices}{optional}: ", shown(name)));
        let mut line = String::new();
        let read = stdin().read_line(&mut line);
        match read.map_err(|error| Failure::usage(format!("cannot read the answer: {error}")))? {
            0 => return Ok(None),
            _ if line.trim().is_empty() && !is_required => return Ok(Some(None)),
            _ => match value_of(name, property, line.trim()) {
                Ok(value) => return Ok(Some(Some(value))),
                Err(failure) => say(&format!("{}\n", failure.sentence)),
            },
        }
    }
}

/// `text` as a value of the type that `property` has.
fn value_of(name: &str, property: &Json, text: &str) -> Result<Json, Failure> {
    let kind = property
        .get("type")
        .and_then(Json::as_str)
        .unwrap_or("string");
    let value = match kind {
        "string" => Some(Json::from(text)),
        "boolean" => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" => Some(Json::Bool(true)),
            "false" | "no" | "n" => Some(Json::Bool(false)),
            _ => None,
        },
        "integer" => text.parse::<i64>().ok().map(Json::from),
        "number" => serde_json::from_str::<Json>(text)
            .ok()
            .filter(Json::is_number),
        _ => serde_json::from_str(text).ok(),
    };
    value.ok_or_else(|| {
        Failure::usage(format!(
            "`{}` must be of type {}, got `{}`",
            shown(name),
            shown(kind),
            shown(text)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(given: &[&str]) -> Result<Json, Failure> {
        let given = given.iter().map(|answer| (*answer).to_owned()).collect();
        let schema = json!({
            "properties": { "amount": { "type": "integer" }, "sure": { "type": "boolean" }, "note": { "type": "string" } },
            "required": ["amount", "sure"],
        });
        let questions = json!({ "q": {
            "method": "elicitation/create", "params": { "message": "How much?", "requestedSchema": schema },
        } });
        let responses = Answers { given }.to(questions.as_object().unwrap());
        responses.map(|responses| responses["q"].clone())
    }

    #[test]
    fn answers_have_the_types_of_the_questions() {
        assert_eq!(
            respond(&["amount=5000", "sure=yes", "note=a=b"]).unwrap(),
            json!({ "action": "accept", "content": { "amount": 5000, "sure": true, "note": "a=b" } })
        );
        assert_eq!(
            respond(&["decline"]).unwrap(),
            json!({ "action": "decline" })
        );
        let wrong = respond(&["amount=many", "sure=no"]).unwrap_err();
        assert_eq!(
            wrong.sentence,
            "`amount` must be of type integer, got `many`"
        );
    }

    #[test]
    fn a_question_without_an_answer_says_how_to_give_one() {
        let missing = respond(&["amount=1"]).unwrap_err();
        assert!(
            missing
                .sentence
                .contains("How much?; answer with --answer sure=VALUE"),
            "{missing:?}"
        );
    }
}
