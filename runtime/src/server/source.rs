//! Where a server's tools come from.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use mcp_edge_audit::canonical;
use mcp_edge_audit::digest::sha256;
use mcp_edge_schema::Violations;
use mcp_edge_schema::mirror::MirroredHeader;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::ToolError;
use super::result::ToolResult;
use crate::context::Context;
pub use crate::policy::Tenants;
use crate::policy::{Kind, Operations, Target};
use crate::revision::Revision;

/// The length of the digest of a definition, in bytes.
pub const DIGEST_BYTES: usize = 32;

/// The member of a described tool with the digest of its [behaviour](ToolSource::behaviour).
pub const BEHAVIOUR: &str = "behaviour";

/// The digest of a tool whose definition and behaviour have these: that of the canonical JSON (RFC 8785) of an object with both.
pub(crate) fn with_behaviour(definition: &str, behaviour: &str) -> String {
    let both = json!({ "definition": definition, BEHAVIOUR: behaviour });
    format!("sha256:{}", sha256(&canonical::to_vec(&both)))
}

/// Many tools with an index: a catalog of operations, another server, the tools that are written in Rust.
///
/// The **index** is in memory: lists, policy, rate limits, approvals and the audit log use it and nothing else. What is large,
/// the definition and the schemas, is in a [`ToolBody`], which is opened when a list shows the tool or a call runs it. A start
/// opens none, so that it takes as long with ten tools as with a thousand.
///
/// Tools have places, from 0 to [`count`](Self::count). Their order is that of lists, and must not change while the source lives.
pub trait ToolSource {
    /// What mistakes call it, for example ``the upstream `orders` ``.
    fn label(&self) -> &str;

    /// The number of tools, operations included.
    fn count(&self) -> usize;

    /// The place of the tool `name`.
    fn find(&self, name: &str) -> Option<usize>;

    /// What the index has of the tool at `place`.
    fn summary(&self, place: usize) -> Option<ToolSummary<'_>>;

    /// The SHA-256 of the canonical JSON (RFC 8785) of the tool's definition for the newest revision. `approvals.tools` names it,
    /// and a manifest contains it, together with the [behaviour](Self::behaviour) of a tool that has a digest of it.
    fn digest(&self, place: usize) -> Option<[u8; DIGEST_BYTES]>;

    /// A digest of what the tool does besides what its definition shows, if that can change without the program: which request
    /// it sends, and where to. An approval covers it.
    fn behaviour(&self, place: usize) -> Option<[u8; DIGEST_BYTES]> {
        let _ = place;
        None
    }

    /// Reads the tool at `place`. A source may store what was opened recently.
    ///
    /// # Errors
    ///
    /// It cannot be read. [`ToolError::internal`] tells the log why, and the caller that the tool failed.
    fn open(
        &self,
        place: usize,
        cx: &Context,
    ) -> LocalBoxFuture<'static, Result<Rc<dyn ToolBody>, ToolError>>;

    /// The definition of a tool for the newest revision, if it is in memory anyway: a manifest then contains it instead of its
    /// digest.
    fn definition(&self, place: usize) -> Option<Rc<RawValue>> {
        let _ = place;
        None
    }

    /// What a call of the [`Broker`](ToolRole::Broker) at `place` calls, by its arguments. Policy, rate limits, approvals and the
    /// audit log then are about that operation. `None` where the broker calls none, or where the arguments do not fit its schema,
    /// so that the broker itself is called.
    fn inner(&self, place: usize, arguments: &Value) -> Option<InnerCall> {
        let _ = (place, arguments);
        None
    }
}

/// What the index of a source has of a tool.
#[derive(Debug, Clone, Copy)]
pub struct ToolSummary<'a> {
    /// The name. No two tools of a server have the same one.
    pub name: &'a str,
    /// How clients reach it.
    pub role: ToolRole,
    /// Whether it changes nothing (`readOnlyHint`).
    pub read_only: bool,
    /// Whether it may destroy something. A tool whose definition has neither `readOnlyHint` nor `destructiveHint` may.
    pub destructive: bool,
    /// The scopes that a caller's access token must have been granted, besides what the policy asks for.
    pub scopes: &'a [String],
    /// The arguments that clients repeat in headers (`x-mcp-header`).
    pub mirrored: &'a [MirroredHeader],
    /// The name NAME of the `[upstreams.NAME]` that a call is sent to, if any. Rates count and select by it.
    pub upstream: Option<&'a str>,
    /// The tenants for whose callers it exists.
    pub tenants: Tenants<'a>,
}

/// How clients reach a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolRole {
    /// A list has it, and a call names it.
    Tool,
    /// No list has it. A call of a broker of the same source runs it ([`ToolSource::inner`]).
    Operation,
    /// A list has it. It finds, describes or calls operations: a caller may use it who may know of any of them, whatever rules
    /// say of its own name.
    Broker,
}

/// The operation that a call of a broker calls.
#[derive(Debug, Clone, PartialEq)]
pub struct InnerCall {
    /// Its name, in the caller's words: there may be none of that name.
    pub name: String,
    /// Its arguments, an object.
    pub arguments: Value,
}

/// A tool that has been opened.
pub trait ToolBody {
    /// Its definition, as clients of `revision` list it.
    ///
    /// # Errors
    ///
    /// It cannot be read; the log gets the sentence.
    fn definition(&self, revision: Revision) -> Result<Rc<RawValue>, String>;

    /// Checks the arguments of a call.
    fn check(&self, arguments: &Value) -> Result<(), ArgumentError>;

    /// Starts a call with arguments that were checked.
    fn call(
        &self,
        cx: Context,
        arguments: Value,
    ) -> LocalBoxFuture<'static, Result<ToolResult, ToolError>>;

    /// Checks the result of a call. The error is a sentence for the log.
    fn check_output(&self, result: &ToolResult, revision: Revision) -> Result<(), String> {
        let _ = (result, revision);
        Ok(())
    }
}

/// Why arguments cannot be used.
#[derive(Debug)]
pub enum ArgumentError {
    /// They do not fit the schema. The model reads how.
    Violations(Violations),
    /// The schema cannot be used; the log gets the sentence.
    Schema(String),
}

impl From<Violations> for ArgumentError {
    fn from(violations: Violations) -> Self {
        Self::Violations(violations)
    }
}

impl<'a> ToolSummary<'a> {
    /// What the policy sees of it, as far as the tool alone says.
    pub(crate) fn target(&self) -> Target<'a> {
        Target {
            kind: Kind::Tool,
            name: self.name,
            read_only: self.read_only,
            destructive: self.destructive,
            scopes: self.scopes,
            upstream: self.upstream,
            tenants: self.tenants,
            operations: None,
        }
    }

    /// Whether lists have it.
    pub(crate) fn is_listed(&self) -> bool {
        !matches!(self.role, ToolRole::Operation)
    }
}

/// What the policy sees of the tool of a source that has this `summary`.
pub(crate) fn target<'a>(source: &'a Rc<dyn ToolSource>, summary: &ToolSummary<'a>) -> Target<'a> {
    let operations: Option<&dyn Operations> = match summary.role {
        ToolRole::Broker => Some(source),
        ToolRole::Tool | ToolRole::Operation => None,
    };
    Target {
        operations,
        ..summary.target()
    }
}

/// What the brokers of a source stand for.
impl Operations for Rc<dyn ToolSource> {
    fn any(&self, is_one: &mut dyn FnMut(Target<'_>) -> bool) -> bool {
        let mut summaries = (0..self.count()).filter_map(|place| self.summary(place));
        summaries
            .any(|summary| matches!(summary.role, ToolRole::Operation) && is_one(summary.target()))
    }
}
