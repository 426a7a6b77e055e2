//! The types of a catalog.

use serde::Serialize;
use serde_json::Value;

/// The tools that a gateway makes of the operations of its upstreams, in the order of their list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// Each has a name of its own.
    pub operations: Vec<Operation>,
}

/// An operation of an HTTP API, as a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The name of the tool: 1 to 64 letters, digits, `_` or `-`.
    pub name: String,
    /// The name of the tool for people.
    pub title: Option<String>,
    /// What the tool does, for the model.
    pub description: String,
    /// The hints about the tool's behaviour (2026-07-28, `ToolAnnotations`).
    pub annotations: Annotations,
    /// The scopes that a caller must have, from the configuration.
    pub scopes: Vec<String>,
    /// The operation's tags in its document.
    pub tags: Vec<String>,
    /// The name of the upstream in the configuration.
    pub upstream: String,
    /// The origin of the upstream that serves the operation, by its name in the configuration; `None` is the upstream's `url`.
    pub origin: Option<String>,
    /// The method.
    pub method: Method,
    /// The path below the upstream's URL: its segments, without the slashes between them. A template of `/a/{id}.json` is
    /// `[[Literal("a")], [Parameter(0), Literal(".json")]]`. A trailing slash is an empty last segment.
    pub path: Vec<Vec<PathPiece>>,
    /// Names and values of the query that are the same for every call.
    pub fixed_query: Vec<(String, String)>,
    /// The parameters. Those of the path are all used in it.
    pub parameters: Vec<Parameter>,
    /// The body of the request, if it can have one.
    pub body: Option<Body>,
    /// The value of the `Accept` header.
    pub accept: String,
    /// The schema of the arguments, as clients see it: a closed object without references.
    pub input: Value,
    /// The schema that arguments are checked against, where it accepts less than `input`: a recursive one, which `input` cuts.
    pub strict_input: Option<Value>,
    /// What the tool declares of its results.
    pub output: Output,
    /// What of a response becomes the result.
    pub shape: ResultShape,
}

/// The hints about a tool's behaviour. `None` is not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annotations {
    /// The tool changes nothing.
    pub read_only: Option<bool>,
    /// The tool may destroy something.
    pub destructive: Option<bool>,
    /// A second call with the same arguments changes nothing more.
    pub idempotent: Option<bool>,
    /// The tool acts on entities outside the upstream.
    pub open_world: Option<bool>,
}

/// An HTTP method that OpenAPI has operations of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Trace,
}

/// A piece of a segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PathPiece {
    /// Text that is in every request, percent-encoded as far as it needs to be.
    Literal(String),
    /// The value of the parameter with this index in [`Operation::parameters`].
    Parameter(usize),
}

/// Where a value of a request comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An argument of the tool.
    Argument {
        /// Its name in [`Operation::input`].
        name: String,
        /// Whether a call without it is refused. [`Operation::input`] requires the same.
        required: bool,
        /// The value where a call has none, if the configuration sets one.
        default: Option<Value>,
    },
    /// The configuration: the model neither sees nor changes it.
    Fixed(Value),
    /// There is none. The document declares the parameter and requests do not have it, nor may a free-form object of another
    /// argument set it.
    Absent,
}

/// A parameter of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name in the request.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// Its place in the request.
    pub location: Location,
    /// How its value is written.
    pub encoding: Encoding,
    /// Whether a value in the path may contain `/`. Each of its segments is checked alone.
    pub allow_slash: bool,
}

/// The place of a parameter in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    Path,
    Query,
    Header,
    Cookie,
}

/// How a value becomes text (OpenAPI 3.1, Parameter Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// By `style` and `explode`.
    Style {
        /// The style.
        style: Style,
        /// Whether each member has a `name=value` of its own.
        explode: bool,
        /// Whether reserved characters that cannot change the structure of the query stay as they are.
        allow_reserved: bool,
    },
    /// As JSON, of a parameter with `content`.
    Json,
}

/// A style of OpenAPI (3.1, Style Values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[allow(missing_docs)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Body {
    /// Its media type, which is sent as it is; a multipart type gets a boundary.
    pub media_type: String,
    /// Whether a request without arguments for it has a body all the same: `{}`, or an empty one.
    pub required: bool,
    /// How arguments become its content.
    pub content: BodyContent,
}

/// How arguments become the content of a body.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyContent {
    /// One argument is the whole body.
    Whole {
        /// Where the value comes from.
        source: Source,
        /// How it is written.
        form: WholeForm,
    },
    /// The body is an object, and arguments are its members.
    Members {
        /// The members.
        members: Vec<Member>,
        /// How they are written.
        form: BodyForm,
    },
}

/// How one argument is written as a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WholeForm {
    /// As JSON.
    Json,
    /// As text: the argument is a string.
    Text,
    /// As bytes: the argument is a string of standard Base64 (RFC 4648, 4).
    Base64,
    /// As a form: the argument is an object, each member of which is a field in `form` style, exploded.
    UrlEncoded,
}

/// How the members of an object are written as a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// As a JSON object.
    Json,
    /// As `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// As `multipart/form-data` (RFC 7578).
    Multipart,
}

/// A member of a body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// Its name in the body.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// How a form writes it. JSON writes every value as JSON.
    pub encoding: Encoding,
    /// The media type of its part in a multipart body, if the document sets one.
    pub content_type: Option<String>,
    /// Whether the argument is Base64 of the bytes to send, in a multipart body as a file.
    pub is_binary: bool,
}

/// What a tool declares of its results.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// A schema for `structuredContent`, of type `object`.
    Schema {
        /// The schema, without references to other documents.
        schema: Value,
        /// Whether the response's value is the member `result` of the structured content, since it is no object.
        wrapped: bool,
    },
    /// Structured content without a declaration.
    Open,
    /// Text only.
    Text,
}

/// What of a JSON response becomes the result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ResultShape {
    /// JSON Pointers (RFC 6901) of the only values to keep. Empty: all. `*` as a token stands for each element of an array.
    pub select: Vec<String>,
    /// JSON Pointers of values to remove, in the same form.
    pub omit: Vec<String>,
    /// The maximum number of elements of each array.
    pub max_items: Option<u32>,
    /// The argument with which a call gets the elements that were cut, named in the note about them.
    pub page_argument: Option<String>,
}
