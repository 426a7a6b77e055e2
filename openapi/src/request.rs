//! What a compilation is asked for.

use std::collections::BTreeMap;

use mcp_edge_catalog::Annotations;
use serde_json::Value;

/// The documents of one upstream, and what of them becomes tools.
pub struct Request<'a> {
    /// The name of the upstream in the configuration.
    pub upstream: String,
    /// Its URL, where the configuration has one: an operation whose own server is at it is not served elsewhere.
    pub url: Option<String>,
    /// Its documents.
    pub documents: Vec<Document>,
    /// Reads another file that a `$ref` names, by its path relative to where the names of `documents` start. The error is a
    /// sentence.
    pub read: &'a dyn Fn(&str) -> Result<String, String>,
    /// Which operations become tools.
    pub rules: Rules,
    /// The start of every generated tool name, followed by `_`. Empty for none.
    pub prefix: String,
    /// The origins of the configuration besides the upstream's own URL.
    pub origins: Vec<Origin>,
    /// What tools declare of their results, where a [`ToolChange`] sets nothing else.
    pub output: OutputPolicy,
    /// The maximum size of a tool's `inputSchema`, in bytes of JSON.
    pub max_input_bytes: usize,
    /// The maximum size of a tool's `outputSchema`, in bytes of JSON.
    pub max_output_bytes: usize,
    /// Changes to single tools.
    pub changes: Vec<ToolChange>,
}

impl<'a> Request<'a> {
    /// A request with the default limits, no rule, and no file besides `documents`.
    pub fn new(upstream: impl Into<String>, documents: Vec<Document>) -> Self {
        Request {
            upstream: upstream.into(),
            url: None,
            documents,
            read: &|_| Err("no other file is available".to_owned()),
            rules: Rules::default(),
            prefix: String::new(),
            origins: Vec::new(),
            output: OutputPolicy::Schema,
            max_input_bytes: 16 * 1024,
            max_output_bytes: 8 * 1024,
            changes: Vec::new(),
        }
    }
}

/// An OpenAPI document.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its path, as messages name it and as a `$ref` of another file finds it.
    pub name: String,
    /// Its JSON or YAML.
    pub text: String,
}

/// Which operations become tools. A rule is `METHOD /path`, `tag:NAME` or an `operationId`, each with `*` for any text. An
/// operation without an `operationId` has the name that is made of its method and path instead.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What may become a tool.
    pub allow: Vec<String>,
    /// What does not, whatever `allow` says.
    pub exclude: Vec<String>,
}

/// A place that requests may be sent to, by its name in the configuration.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The name.
    pub name: String,
    /// The URL, with a path where the origin has one.
    pub url: String,
}

/// What a tool declares of its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputPolicy {
    /// The schema of the document, if there is one within the limit.
    Schema,
    /// Structured content without a schema.
    Open,
    /// Text only.
    Text,
}

/// A change to one tool. Arguments are named as they are without the change.
#[derive(Debug, Clone, Default)]
pub struct ToolChange {
    /// The operation: `GET /path`, or its `operationId`.
    pub operation: String,
    /// The name of the tool, which gets no prefix.
    pub name: Option<String>,
    /// The name of the tool for people.
    pub title: Option<String>,
    /// What the tool does.
    pub description: Option<String>,
    /// The hints about the tool's behaviour that differ from those of its method.
    pub annotations: Annotations,
    /// The scopes that a caller must have.
    pub scopes: Vec<String>,
    /// Arguments that the tool does not have. Their values are never sent.
    pub hide: Vec<String>,
    /// Parameters that look like credentials, by their name in the document, which are arguments all the same.
    pub expose: Vec<String>,
    /// New names of arguments.
    pub rename: BTreeMap<String, String>,
    /// Values that are always sent. The arguments are hidden.
    pub fix: BTreeMap<String, Value>,
    /// Values that are sent where a call has none. The arguments become optional.
    pub default: BTreeMap<String, Value>,
    /// Descriptions of arguments.
    pub describe: BTreeMap<String, String>,
    /// Arguments that clients repeat in the header `Mcp-Param-` and this name.
    pub headers: BTreeMap<String, String>,
    /// Arguments of the path whose values may contain `/`.
    pub allow_slash: Vec<String>,
    /// Whether a body of a media type that has no other form is one argument of text.
    pub body_as_text: bool,
    /// JSON Pointers of the only values of a result to keep. `*` stands for each element of an array.
    pub select: Vec<String>,
    /// JSON Pointers of values of a result to remove.
    pub omit: Vec<String>,
    /// The maximum number of elements of each array of a result.
    pub max_items: Option<u32>,
    /// The argument with which a call gets the elements that were cut.
    pub page_argument: Option<String>,
    /// What the tool declares of its results.
    pub output: Option<OutputPolicy>,
}
