//! The result that a response becomes (2026-07-28, `CallToolResult`).
//!
//! A response is never withheld because it differs from the API's document. A failure becomes its status and a bounded, cleaned
//! extract of the body. Header fields stay with the gateway, but for those of a `HEAD` response.

mod clean;
mod empty;
mod failure;
mod media;
mod pointer;
mod shape;
mod size;
#[cfg(test)]
mod tests;

use http::{HeaderMap, StatusCode};
use mcp_edge_schema::Schema;
use serde_json::{Map, Value};

use self::media::{Decoded, MediaKind};
use crate::{Method, Operation, Output};

/// The limits of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultLimits {
    /// The maximum length of text, and of structured content as JSON, in bytes. Arrays are cut to fit, and text is.
    pub max_text_bytes: usize,
    /// The maximum length of an image, a sound or another file, in bytes.
    pub max_file_bytes: usize,
}

impl Default for ResultLimits {
    /// 96 KiB of text, which are about 25,000 tokens, and files of 4 MiB.
    fn default() -> Self {
        Self {
            max_text_bytes: 96 * 1024,
            max_file_bytes: 4 * 1024 * 1024,
        }
    }
}

/// A result, in the parts from which a gateway makes one in its caller's revision.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultParts {
    /// Whether the call failed, as the model should see it.
    pub is_error: bool,
    /// The content blocks.
    pub content: Vec<ResultContent>,
    /// The structured content.
    pub structured: Option<Value>,
    /// The difference between the response and the tool's declaration, for the log. It contains no value of the response.
    pub mismatch: Option<String>,
    /// The outcome by the status, for the gateway.
    pub outcome: Outcome,
}

/// A content block (2026-07-28, `ContentBlock`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultContent {
    /// Text.
    Text(String),
    /// An image.
    Image {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A sound.
    Audio {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Another file, which becomes an embedded resource.
    File {
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// The outcome of a call by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The API accepted the request (2xx, 304).
    Success,
    /// The API rejected the request: the arguments do not fit, or nothing has them.
    Rejected,
    /// The API rejected the gateway's credential (401, 403): a fault of the gateway's configuration, for its log.
    Credential,
    /// The API rejects requests for a time (429, 503).
    Limited {
        /// The seconds to wait, if the API gives them as a number (RFC 9110, 10.2.3).
        retry_after: Option<u32>,
    },
    /// The API answered with a redirect, which the gateway does not follow.
    Redirected,
    /// The API failed.
    Failed,
}

/// Reads a response.
pub fn read(
    operation: &Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    limits: ResultLimits,
) -> ResultParts {
    if status == StatusCode::NOT_MODIFIED {
        return empty::not_modified(operation);
    }
    if !status.is_success() {
        return failure::read(operation, status, headers, body);
    }
    if operation.method == Method::Head {
        return empty::head(operation, status, headers);
    }
    if body.is_empty() {
        return empty::success(operation, status);
    }
    match media::decode(headers, body, operation.output != Output::Text) {
        Decoded::Json(value) => json(operation, value, limits),
        Decoded::Text(text) => plain(operation, text, limits),
        Decoded::File(kind, media_type) => file(operation, kind, media_type, body, limits),
    }
}

impl ResultParts {
    /// The same without what the API says of a failure: its status only.
    #[must_use]
    pub fn without_details(mut self, upstream: &str, status: StatusCode) -> Self {
        if self.outcome != Outcome::Success {
            let text = format!("The upstream `{upstream}` answered {}.", status.as_u16());
            self.content = vec![ResultContent::Text(text)];
        }
        self
    }

    fn success(content: Vec<ResultContent>) -> Self {
        Self {
            is_error: false,
            content,
            structured: None,
            mismatch: None,
            outcome: Outcome::Success,
        }
    }

    fn error(text: String, outcome: Outcome) -> Self {
        Self {
            is_error: true,
            outcome,
            ..Self::success(vec![ResultContent::Text(text)])
        }
    }

    /// The same without structured content, where the tool declares it. Clients drop such a result unless it is an error, so it
    /// is one, and tells the model that the call succeeded.
    fn mismatched(mut self, problem: String) -> Self {
        let note = "The call succeeded. The API's response does not fit the output schema of the tool, so it follows without \
                    structured content, and is marked as an error for clients that ignore such results.";
        self.content.insert(0, ResultContent::Text(note.to_owned()));
        self.is_error = true;
        self.structured = None;
        self.mismatch = Some(problem);
        self
    }

    /// Adds structured content, if the tool declares that it has this.
    fn with_structured(mut self, operation: &Operation, value: Value) -> Self {
        match &operation.output {
            Output::Text => self,
            Output::Open => {
                self.structured = Some(value);
                self
            }
            Output::Schema { schema, .. } => match misfit(schema, &value) {
                None => {
                    self.structured = Some(value);
                    self
                }
                Some(problem) => self.mismatched(problem),
            },
        }
    }

    /// The result of a response that has no value, where the tool declares structured content.
    fn without_value(self, operation: &Operation, problem: &str) -> Self {
        match &operation.output {
            Output::Schema { .. } => self.mismatched(problem.to_owned()),
            _ => self,
        }
    }
}

/// The reason why a value does not fit a schema. It contains names of the value's members only.
fn misfit(schema: &Value, value: &Value) -> Option<String> {
    match Schema::compile(schema) {
        Ok(schema) => match schema.validate(value) {
            Ok(()) => None,
            Err(violations) => Some(violations.by_size().to_string()),
        },
        Err(error) => Some(error.to_string()),
    }
}

/// The value as a member, where structured content must be an object.
fn wrapped(operation: &Operation, value: Value) -> Value {
    let wraps = match &operation.output {
        Output::Schema { wrapped, .. } => *wrapped,
        Output::Open => !value.is_object(),
        Output::Text => false,
    };
    if wraps {
        Value::Object(Map::from_iter([("result".to_owned(), value)]))
    } else {
        value
    }
}

fn json(operation: &Operation, value: Value, limits: ResultLimits) -> ResultParts {
    let (value, mut cuts) = shape::apply(&operation.shape, value);
    let value = wrapped(operation, value);
    let page = operation.shape.page_argument.as_deref();
    let Some((value, text)) = size::fit(value, limits.max_text_bytes, &mut cuts) else {
        return too_large("text", limits.max_text_bytes, page);
    };
    let mut content = vec![ResultContent::Text(text)];
    content.extend(cuts.note(page).map(ResultContent::Text));
    ResultParts::success(content).with_structured(operation, value)
}

fn plain(operation: &Operation, text: String, limits: ResultLimits) -> ResultParts {
    let mut content = vec![ResultContent::Text(text)];
    if let Some(ResultContent::Text(text)) = content.first_mut()
        && text.len() > limits.max_text_bytes
    {
        let length = text.len();
        text.truncate(text.floor_char_boundary(limits.max_text_bytes));
        let note = format!(
            "The text is cut: the first {} of {length} bytes.",
            text.len()
        );
        content.push(ResultContent::Text(note));
    }
    ResultParts::success(content).without_value(operation, "the response is not JSON")
}

fn file(
    operation: &Operation,
    kind: MediaKind,
    media_type: String,
    body: &[u8],
    limits: ResultLimits,
) -> ResultParts {
    if body.len() > limits.max_file_bytes {
        return too_large(&media_type, limits.max_file_bytes, None);
    }
    let bytes = body.to_vec();
    let content = match kind {
        MediaKind::Image => ResultContent::Image { media_type, bytes },
        MediaKind::Audio => ResultContent::Audio { media_type, bytes },
        _ => ResultContent::File { media_type, bytes },
    };
    ResultParts::success(vec![content]).without_value(operation, "the response is not JSON")
}

/// The result of a response that is larger than a client could use.
fn too_large(kind: &str, limit: usize, page: Option<&str>) -> ResultParts {
    let how = match page {
        Some(page) => format!("ask for less, for example with `{page}`"),
        None => "ask for less".to_owned(),
    };
    let text = format!(
        "The call succeeded, but its response has more than {limit} bytes of {kind}; {how}."
    );
    ResultParts::error(text, Outcome::Success)
}
