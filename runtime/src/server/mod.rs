//! What a user of this crate writes: a server, and what it offers.

mod build;
mod capabilities;
mod complete;
mod content;
mod describe;
mod described;
mod error;
mod generated;
mod governed;
mod handler;
mod list;
mod prompt;
mod resource;
mod result;
mod source;
mod state;
mod texts;
mod tool;
mod tool_set;
mod uri_template;

pub use crate::implementation::Implementation;
pub use build::{Server, ServerBuilder};
pub use complete::CompletionRequest;
pub use content::{Annotations, Content, Role};
pub use error::{RequestError, ToolError};
pub use generated::OutputSchema;
pub use mcp_edge_schema::mirror::MirroredHeader;
pub use mcp_edge_schema::{Schema, Violations};
pub use prompt::{IntoPrompt, IntoPromptResult, Prompt, PromptMessage, PromptResult};
pub use resource::{
    IntoResource, IntoResourceContents, IntoTemplate, Resource, ResourceContents, ResourceTemplate,
};
pub use result::{IntoToolResult, Json, ToolResult};
pub use source::{
    ArgumentError, BEHAVIOUR, DIGEST_BYTES, InnerCall, Tenants, ToolBody, ToolRole, ToolSource,
    ToolSummary,
};
pub use state::{MissingState, State};
pub use tool::{IntoTool, NoInput, Tool};

pub(crate) use build::ServerInner;
pub(crate) use capabilities::Capabilities;
pub(crate) use complete::CompletionTarget;
pub(crate) use error::{ToolErrorKind, input_unavailable};
pub(crate) use generated::finish;
pub(crate) use governed::PolicySubject;
pub(crate) use handler::read;
pub(crate) use list::{Entry, ListPage, Registry};
pub(crate) use prompt::BuiltPrompt;
pub(crate) use resource::{BuiltTemplate, Readable};
pub(crate) use source::with_behaviour;
pub(crate) use tool_set::{CalledTool, FoundTool, ToolPage, ToolSet};
