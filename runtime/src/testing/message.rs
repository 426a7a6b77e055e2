//! What a call returns.

use std::fmt;
use std::ops::Index;

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The result of a call, as the client received it.
///
/// Members are read by name, as in `result["structuredContent"]["total"]`; an absent one is `Value::Null`.
#[derive(Debug, Clone, PartialEq)]
pub struct CallResult {
    result: Value,
    notifications: Vec<Value>,
}

impl CallResult {
    /// The member `result` of the response.
    pub fn value(&self) -> &Value {
        &self.result
    }

    /// The text of the result, one block a line: of a tool's `content`, a resource's `contents` or a prompt's `messages`.
    pub fn text(&self) -> String {
        let blocks = ["content", "contents", "messages"]
            .into_iter()
            .find_map(|member| self.result[member].as_array());
        let texts = blocks.into_iter().flatten().filter_map(|block| {
            let content = block.get("content").unwrap_or(block);
            content["text"].as_str()
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    /// A tool's `structuredContent`.
    ///
    /// Panics if it is not a `T`.
    pub fn structured<T: DeserializeOwned>(&self) -> T {
        let content = &self.result["structuredContent"];
        serde_json::from_value(content.clone())
            .unwrap_or_else(|error| panic!("the structured content is {content}: {error}"))
    }

    /// Whether a tool failed: the handler returned an error for the model to read.
    pub fn is_error(&self) -> bool {
        self.result["isError"] == true
    }

    /// The notifications before the response, oldest first: progress and log messages, if the client asked for them.
    pub fn notifications(&self) -> &[Value] {
        &self.notifications
    }

    /// The questions of a result that asks the user.
    pub(super) fn input_requests(&self) -> Option<&Map<String, Value>> {
        (self.result["resultType"] == "input_required")
            .then(|| self.result["inputRequests"].as_object())
            .flatten()
    }
}

impl<I: serde_json::value::Index> Index<I> for CallResult {
    type Output = Value;

    fn index(&self, index: I) -> &Value {
        &self.result[index]
    }
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CallError {
    /// The HTTP status.
    pub status: u16,
    /// The headers of the response, among them `WWW-Authenticate`.
    pub headers: Box<HeaderMap>,
    /// The JSON-RPC error code; `None` if the response is no JSON-RPC error.
    pub code: Option<i64>,
    /// The error message; the body if the response is no JSON-RPC error.
    pub message: String,
    /// The error's `data`, or `Value::Null`.
    pub data: Value,
    /// The questions to the user that the test has no answer to, by name.
    pub input_requests: Map<String, Value>,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} (HTTP {}, code {code})", self.message, self.status),
            None => write!(f, "{} (HTTP {})", self.message, self.status),
        }
    }
}

impl std::error::Error for CallError {}

impl CallError {
    pub(super) fn unanswered(
        response: &Response<Bytes>,
        input_requests: Map<String, Value>,
    ) -> Self {
        let name = input_requests.keys().next().map_or("", String::as_str);
        let question = input_requests
            .get(name)
            .map(|request| request["params"]["message"].to_string());
        Self {
            code: None,
            message: format!(
                "the server asks `{name}` ({}) and the test has no answer to it; give one with Client::answer",
                question.unwrap_or_default()
            ),
            data: Value::Null,
            input_requests,
            status: response.status().as_u16(),
            headers: Box::new(response.headers().clone()),
        }
    }

    fn of(response: &Response<Bytes>, error: Option<&Value>) -> Self {
        let body = || String::from_utf8_lossy(response.body()).into_owned();
        let message = error.and_then(|error| error["message"].as_str());
        Self {
            status: response.status().as_u16(),
            headers: Box::new(response.headers().clone()),
            code: error.and_then(|error| error["code"].as_i64()),
            message: message.map_or_else(body, str::to_owned),
            data: error.map_or(Value::Null, |error| error["data"].clone()),
            input_requests: Map::new(),
        }
    }
}

/// Reads the response to a call.
pub(super) fn read(response: &Response<Bytes>) -> Result<CallResult, CallError> {
    let mut notifications = Vec::new();
    for message in messages(response) {
        if let Some(result) = message.get("result") {
            return Ok(CallResult {
                result: result.clone(),
                notifications,
            });
        }
        if let Some(error) = message.get("error") {
            return Err(CallError::of(response, Some(error)));
        }
        notifications.push(message);
    }
    Err(CallError::of(response, None))
}

/// The messages in a body of JSON or server-sent events.
fn messages(response: &Response<Bytes>) -> Vec<Value> {
    let is_stream = response
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "text/event-stream");
    let body = String::from_utf8_lossy(response.body());
    if is_stream {
        let events = body.lines().filter_map(|line| line.strip_prefix("data: "));
        return events
            .filter_map(|event| serde_json::from_str(event).ok())
            .collect();
    }
    serde_json::from_str(&body).into_iter().collect()
}
