//! Tools (2026-07-28, server/tools).

use std::rc::Rc;

use mcp_edge_schema::mirror::{MirroredHeader, mirrored};
use mcp_edge_schema::{Schema, listed};
use schemars::JsonSchema;
use schemars::generate::Contract;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::described::{Described, described};
use super::error::ToolError;
use super::generated::{OutputSchema, schema_of};
use super::handler::{Handler, HandlerOutcome, read};
use super::list::{Definition, Entry, check_name, render};
use super::result::{IntoToolResult, ToolResult};
use super::source::{ArgumentError, ToolBody, ToolRole, ToolSummary};
use super::state::Requirement;
use crate::context::Context;
use crate::policy::Tenants;
use crate::revision::Revision;
use crate::start::BuildError;

/// Something that becomes a tool: a [`Tool`], or a function with `#[tool]`.
pub trait IntoTool {
    /// The tool.
    fn into_tool(self) -> Tool;
}

impl IntoTool for Tool {
    fn into_tool(self) -> Tool {
        self
    }
}

/// What the attribute makes of a function: another one, that gives the tool.
impl<F: FnOnce() -> Tool> IntoTool for F {
    fn into_tool(self) -> Tool {
        self()
    }
}

/// The input of a tool that takes none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoInput {}

/// A function that a model may call.
pub struct Tool {
    name: String,
    described: Described,
    hints: Hints,
    scopes: Vec<String>,
    input_schema: Value,
    output_schema: Option<OutputSchema>,
    requirements: Vec<Requirement>,
    handler: Handler<ToolResult, ToolError>,
}

described!(Tool);

#[derive(Debug, Default, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hints {
    #[serde(skip_serializing_if = "Option::is_none")]
    read_only_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destructive_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotent_hint: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_world_hint: Option<bool>,
}

impl Hints {
    /// A tool that says nothing of itself may destroy something (2026-07-28, `ToolAnnotations`).
    fn may_destroy(&self) -> bool {
        self.read_only_hint != Some(true) && self.destructive_hint != Some(false)
    }
}

impl Tool {
    /// A tool whose input is a Rust type: the type's schema is what clients see and what arguments are
    /// checked against.
    pub fn typed<I, F, R, T, E>(name: impl Into<String>, handler: F) -> Self
    where
        I: DeserializeOwned + JsonSchema + 'static,
        F: Fn(Context, I) -> R + 'static,
        R: Future<Output = Result<T, E>> + 'static,
        T: IntoToolResult,
        E: Into<ToolError>,
    {
        let handler = Rc::new(handler);
        Self {
            output_schema: T::output_schema(),
            ..Self::untyped(
                name,
                schema_of::<I>(Contract::Deserialize),
                move |cx, arguments| {
                    let handler = Rc::clone(&handler);
                    async move {
                        let input = read(arguments)
                            .map_err(|why| ToolError::new(format!("Invalid arguments: {why}.")))?;
                        handler(cx, input)
                            .await
                            .map_err(Into::into)?
                            .into_tool_result()
                    }
                },
            )
        }
    }

    /// A tool whose input is described by a JSON Schema and arrives as JSON that satisfies it.
    pub fn untyped<F, R>(name: impl Into<String>, input_schema: Value, handler: F) -> Self
    where
        F: Fn(Context, Value) -> R + 'static,
        R: Future<Output = Result<ToolResult, ToolError>> + 'static,
    {
        Self {
            name: name.into(),
            described: Described::default(),
            hints: Hints::default(),
            scopes: Vec::new(),
            input_schema,
            output_schema: None,
            requirements: Vec::new(),
            handler: Box::new(move |cx, arguments| Box::pin(handler(cx, arguments))),
        }
    }

    /// The schema of its structured content. Results are checked against it before they leave.
    #[must_use]
    pub fn output_schema(mut self, schema: Value) -> Self {
        self.output_schema = Some(schema.into());
        self
    }

    /// The scopes, with spaces between, that a caller's access token must have been granted (RFC 6749, 3.3),
    /// besides whatever the policy asks for. A server with such a tool needs an issuer in `mcp.toml`.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes
            .extend(scope.split_whitespace().map(str::to_owned));
        self
    }

    /// It changes nothing (`readOnlyHint`).
    #[must_use]
    pub fn read_only(mut self, hint: bool) -> Self {
        self.hints.read_only_hint = Some(hint);
        self
    }

    /// It may destroy something (`destructiveHint`).
    #[must_use]
    pub fn destructive(mut self, hint: bool) -> Self {
        self.hints.destructive_hint = Some(hint);
        self
    }

    /// Calling it twice does no more than calling it once (`idempotentHint`).
    #[must_use]
    pub fn idempotent(mut self, hint: bool) -> Self {
        self.hints.idempotent_hint = Some(hint);
        self
    }

    /// It reaches things outside the server (`openWorldHint`).
    #[must_use]
    pub fn open_world(mut self, hint: bool) -> Self {
        self.hints.open_world_hint = Some(hint);
        self
    }

    pub(super) fn build(self) -> Result<Entry<BuiltTool>, BuildError> {
        check_name("tool", &self.name)?;
        let broken = |problem: String| BuildError::new(format!("tool `{}`: {problem}", self.name));
        if let Some(scope) = self.scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(broken(format!(
                "`{scope}` is no scope: it has printable ASCII characters without quotes and backslashes"
            )));
        }
        if self.input_schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(broken(
                "its input must be an object; use a struct with named fields, or a schema with \"type\": \"object\"".to_owned(),
            ));
        }
        let input = Schema::compile(&self.input_schema)
            .map_err(|error| broken(format!("its input schema cannot be used: {error}")))?
            .exact();
        let output = self
            .output_schema
            .as_ref()
            .map(OutputSchema::check)
            .transpose()
            .map_err(|error| broken(format!("its output schema cannot be used: {error}")))?;
        let mirrors = mirrored(&self.input_schema).map_err(|error| broken(error.to_string()))?;

        let definition = |output: Option<&Value>| {
            let mut definition = Map::new();
            definition.insert("name".to_owned(), Value::from(self.name.as_str()));
            self.described.write(&mut definition);
            if self.hints != Hints::default() {
                definition.insert("annotations".to_owned(), json!(self.hints));
            }
            definition.insert("inputSchema".to_owned(), listed(&self.input_schema));
            if let Some(schema) = output {
                definition.insert("outputSchema".to_owned(), listed(schema));
            }
            render(&Value::Object(definition))
        };
        let output_schema = self.output_schema.as_ref().map(OutputSchema::as_value);
        let object_output = output_schema
            .filter(|schema| schema.get("type").and_then(Value::as_str) == Some("object"));

        Ok(Entry {
            definition: Definition::Tool {
                modern: definition(output_schema)?,
                legacy: definition(object_output)?,
                first: definition(None)?,
            },
            item: BuiltTool {
                input,
                output: output.flatten(),
                mirrors,
                read_only: self.hints.read_only_hint == Some(true),
                destructive: self.hints.may_destroy(),
                scopes: self.scopes,
                handler: self.handler,
            },
            name: self.name,
        })
    }
}

/// A tool that has been checked.
pub(crate) struct BuiltTool {
    input: Schema,
    /// What results are checked against, unless their type vouches for them.
    output: Option<Schema>,
    mirrors: Vec<MirroredHeader>,
    read_only: bool,
    destructive: bool,
    scopes: Vec<String>,
    handler: Handler<ToolResult, ToolError>,
}

impl BuiltTool {
    /// What the index of tools has of it.
    pub(super) fn summary<'a>(&'a self, name: &'a str) -> ToolSummary<'a> {
        ToolSummary {
            name,
            role: ToolRole::Tool,
            read_only: self.read_only,
            destructive: self.destructive,
            scopes: &self.scopes,
            mirrored: &self.mirrors,
            upstream: None,
            tenants: Tenants::ALL,
        }
    }
}

impl ToolBody for Entry<BuiltTool> {
    fn definition(&self, revision: Revision) -> Result<Rc<RawValue>, String> {
        Ok(self.definition.in_revision(revision))
    }

    fn check(&self, arguments: &Value) -> Result<(), ArgumentError> {
        Ok(self.item.input.validate(arguments)?)
    }

    fn call(&self, cx: Context, arguments: Value) -> HandlerOutcome<ToolResult, ToolError> {
        (self.item.handler)(cx, arguments)
    }

    /// Checks what it gave, as the revision demands of a tool with an output schema.
    fn check_output(&self, result: &ToolResult, revision: Revision) -> Result<(), String> {
        let Some(schema) = &self.item.output else {
            return Ok(());
        };
        if result.is_error() || !revision.has_structured_content() {
            return Ok(());
        }
        match result.structured_content() {
            None => Err("the tool has an output schema but gave no structured content".to_owned()),
            Some(value) => schema.validate(value).map_err(|violations| {
                format!(
                    "the tool's structured content does not fit its output schema: {}",
                    violations.by_size()
                )
            }),
        }
    }
}

/// `scope-token` (RFC 6749, 3.3).
fn is_scope(scope: &str) -> bool {
    scope
        .bytes()
        .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
