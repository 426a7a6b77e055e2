//! What a tool gives back (2026-07-28, `CallToolResult`).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::content::Content;
use super::error::ToolError;
use super::generated::OutputSchema;
use crate::finite_json::{self, NotFiniteError};
use crate::revision::Revision;

/// A value that goes out as structured content, and as text for clients that know only text.
///
/// Its type gives the tool its output schema. A value with a number that JSON does not have (NaN, an infinity), or that does
/// not fit what the schema asks beyond the type, such as a range, fails the call; the host's log names the field.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<T>(pub T);

/// What a tool gives back: content for the model, and structured content for a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolResult {
    content: Vec<Content>,
    structured: Option<Value>,
    is_error: bool,
}

impl ToolResult {
    /// A result without content, to be added to.
    pub fn new() -> Self {
        Self::default()
    }

    /// A result that says nothing but `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with(Content::text(text))
    }

    /// Adds a piece of content.
    #[must_use]
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.content.push(content.into());
        self
    }

    /// Sets the structured content. A result without other content gets it as text as well.
    #[must_use]
    pub fn structured(mut self, value: Value) -> Self {
        self.structured = Some(value);
        self
    }

    /// Marks it as a failure that the model should see.
    #[must_use]
    pub fn error(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Whether it is a failure.
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// The structured content, if any.
    pub fn structured_content(&self) -> Option<&Value> {
        self.structured.as_ref()
    }

    /// Checks the hints of its content.
    pub(crate) fn check(&self) -> Result<(), NotFiniteError> {
        let mut content = self.content.iter().enumerate();
        content.try_for_each(|(place, content)| content.check(&format!("/content/{place}")))
    }

    /// The members of the result in `revision`.
    pub(crate) fn members(self, revision: Revision) -> Map<String, Value> {
        let mut content = self.content;
        if content.is_empty()
            && let Some(value) = &self.structured
        {
            content.push(Content::text(value.to_string()));
        }
        if !revision.has_structured_content() {
            content = content.into_iter().map(Content::without_links).collect();
        }
        let structured = self.structured.filter(|value| {
            revision.has_any_structured_content()
                || (revision.has_structured_content() && value.is_object())
        });

        let mut members = Map::new();
        // Content is made of strings and checked numbers: it always serializes.
        let content = serde_json::to_value(content).unwrap_or(Value::Array(Vec::new()));
        members.insert("content".to_owned(), content);
        if let Some(value) = structured {
            members.insert("structuredContent".to_owned(), value);
        }
        if self.is_error {
            members.insert("isError".to_owned(), Value::Bool(true));
        }
        members
    }
}

/// What a tool may return.
pub trait IntoToolResult {
    /// The schema of the structured content, where the type says what that is.
    fn output_schema() -> Option<OutputSchema> {
        None
    }

    /// The result itself.
    fn into_tool_result(self) -> Result<ToolResult, ToolError>;
}

impl IntoToolResult for ToolResult {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(self)
    }
}

impl IntoToolResult for () {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(ToolResult::new())
    }
}

impl IntoToolResult for String {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(ToolResult::text(self))
    }
}

impl IntoToolResult for &str {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(ToolResult::text(self))
    }
}

impl IntoToolResult for Content {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(ToolResult::new().with(self))
    }
}

impl IntoToolResult for Vec<Content> {
    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        Ok(ToolResult {
            content: self,
            ..ToolResult::default()
        })
    }
}

impl<T: Serialize + JsonSchema> IntoToolResult for Json<T> {
    fn output_schema() -> Option<OutputSchema> {
        Some(OutputSchema::of::<T>())
    }

    fn into_tool_result(self) -> Result<ToolResult, ToolError> {
        let value = finite_json::to_value(&self.0).map_err(ToolError::internal)?;
        Ok(ToolResult::new().structured(value))
    }
}
