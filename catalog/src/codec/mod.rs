//! The binary form of a catalog.
//!
//! A gateway reads the [`Header`] and the [`Index`] at start. The rest is read by range: an operation when a request touches it,
//! and the search index when a request searches. Five sections follow one another:
//!
//! | section | content |
//! |---|---|
//! | header | magic bytes, version, and the lengths of the other sections, of a fixed size |
//! | index | the facts about each tool that routing, lists and policy need, and the dictionary of short texts |
//! | search | the [search index](SearchIndex) |
//! | shared | texts and JSON values that several operations have, each once |
//! | operations | the rest of each operation, beginning with the ranges of the shared section that it needs |
//!
//! Numbers, texts and lists have the form of [`mcp_edge_settings::wire`]; `values` describes JSON values. Decoding is strict:
//! numbers, orders and lengths have one form, and the reader rejects all others. Its work and memory are bounded by the length of
//! the input and by [`MAX_UNITS`].

mod body;
mod decode;
mod dictionary;
mod encode;
mod header;
mod index;
mod pool;
mod search;
#[cfg(test)]
mod tests;
mod values;

use thiserror::Error;

pub use self::{
    decode::PackedOperation,
    encode::encode,
    header::Header,
    index::{Index, Summary},
    search::{MAX_HITS, MAX_QUERY_BYTES, SearchHit, SearchIndex},
    values::{MAX_DEPTH, MAX_UNITS},
};

/// The reason why a catalog has no binary form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The name of a tool has characters that a name cannot have, or too many.
    #[error("tool `{0}`: a name has 1 to 64 letters, digits, `_` or `-`")]
    Name(String),
    /// Two tools have the same name.
    #[error("two tools are named `{0}`; rename one of them")]
    Duplicate(String),
    /// A client would reject the headers that the input mirrors.
    #[error("tool `{tool}`: {error}")]
    Mirror {
        /// The tool.
        tool: String,
        /// The problem.
        error: mcp_edge_schema::mirror::MirrorError,
    },
    /// The operation refers to a parameter that it does not have, or exceeds a limit of the reader.
    #[error(
        "tool `{0}`: its schemas are nested more than {MAX_DEPTH} levels deep or larger than {MAX_UNITS} bytes, or its path \
         has a parameter that is not declared"
    )]
    Unreadable(String),
    /// The catalog is larger than 4 GiB.
    #[error("the catalog is larger than 4 GiB")]
    TooLarge,
}

/// The bytes are not of a catalog of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They do not begin as a catalog does.
    #[error("the file is not a catalog; build it with `mcp-edge gateway build`")]
    NotACatalog,
    /// Another version of the program wrote them.
    #[error(
        "the catalog has version {0}, and this program reads version {VERSION}; rebuild the catalog with the same version of mcp-edge"
    )]
    Version(u8),
    /// They are damaged, or another range was asked for.
    #[error(
        "the catalog is damaged: its {0} cannot be read; rebuild it with `mcp-edge gateway build`"
    )]
    Damaged(&'static str),
}

/// The version of the form.
const VERSION: u8 = 1;
