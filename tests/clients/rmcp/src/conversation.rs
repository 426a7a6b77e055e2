//! What is in `conversation.json`.

use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct Conversation {
    pub(crate) tools: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) templates: Vec<String>,
    pub(crate) prompts: Vec<String>,
    pub(crate) call: Call,
    pub(crate) resource: Contents,
    pub(crate) template: Contents,
    pub(crate) prompt: Prompt,
    pub(crate) completion: Completion,
    pub(crate) ask: Ask,
    pub(crate) wrong: Wrong,
    pub(crate) unknown: String,
    pub(crate) crowd: Crowd,
}

#[derive(Deserialize)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: JsonObject,
    pub(crate) result: Value,
    pub(crate) progress: Vec<Step>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Step {
    pub(crate) progress: f64,
    pub(crate) total: Option<f64>,
    pub(crate) message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contents {
    pub(crate) uri: String,
    pub(crate) mime_type: Option<String>,
    pub(crate) mentions: String,
}

#[derive(Deserialize)]
pub(crate) struct Prompt {
    pub(crate) name: String,
    pub(crate) arguments: JsonObject,
    pub(crate) mentions: String,
}

#[derive(Deserialize)]
pub(crate) struct Completion {
    pub(crate) prompt: String,
    pub(crate) argument: Argument,
    pub(crate) values: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Deserialize)]
pub(crate) struct Ask {
    pub(crate) name: String,
    pub(crate) arguments: JsonObject,
    pub(crate) answers: Vec<JsonObject>,
    pub(crate) result: JsonObject,
    pub(crate) legacy: String,
}

#[derive(Deserialize)]
pub(crate) struct Wrong {
    pub(crate) name: String,
    pub(crate) arguments: JsonObject,
    pub(crate) mentions: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Crowd {
    pub(crate) prefix: String,
    pub(crate) count: usize,
}

impl Conversation {
    pub(crate) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../conversation.json"))
    }
}

impl Crowd {
    /// The names of everybody in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let prefix = &self.prefix;
        let numbers = 0..self.count;
        numbers
            .map(|number| format!("{prefix}{number:03}"))
            .collect()
    }
}
