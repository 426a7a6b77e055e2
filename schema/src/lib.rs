//! JSON Schema 2020-12 for schemas that are data, bounded in time and memory, and small in WebAssembly.
//!
//! ```
//! use mcp_edge_schema::Schema;
//! use serde_json::json;
//!
//! let schema = Schema::compile(&json!({
//!     "type": "object",
//!     "properties": { "days": { "type": "integer", "maximum": 14 } },
//!     "required": ["days"]
//! }))?;
//! assert!(schema.validate(&json!({ "days": 7 })).is_ok());
//! let violations = schema.validate(&json!({ "days": 20 })).unwrap_err();
//! assert_eq!(violations.to_string(), "`days`: expected an integer of at most 14, found 20.");
//! # Ok::<(), mcp_edge_schema::SchemaError>(())
//! ```
//!
//! It supports every assertion and applicator of the standard within one document. It fetches nothing, and rejects other
//! dialects and custom vocabularies. Compilation and validation are bounded ([`limits`]). `format` is an annotation unless
//! [`FormatMode::Assert`] asks for more. Patterns are ECMA-262 without look-around, back-references and `\p{…}`, and take
//! linear time.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod budget;
mod compile;
mod describe;
mod equality;
mod error;
mod evaluate;
mod format;
mod index;
pub mod limits;
mod listed;
mod loops;
pub mod mirror;
mod node;
mod number;
pub mod path;
mod pattern;
mod shape;
#[cfg(test)]
mod tests;
pub mod text;
mod uri;
mod violation;

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

pub use self::{
    budget::LimitExceeded,
    error::SchemaError,
    listed::listed,
    number::EXACT,
    violation::{Violation, Violations},
};
use self::{index::NodeId, node::Node};

/// A compiled schema.
pub struct Schema {
    nodes: Vec<Node>,
    /// By resource: what its `$dynamicAnchor`s name.
    dynamic_anchors: Vec<BTreeMap<String, NodeId>>,
    /// See [`exact`](Schema::exact).
    exact: bool,
}

/// What `format` means (2020-12 validation §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatMode {
    /// Nothing that a value could fail.
    Annotate,
    /// `email`, `uri`, `date` and `date-time`, which are what elicitation may ask for, must hold. Others stay annotations.
    Assert,
}

impl Schema {
    const ROOT: NodeId = 0;

    /// Compiles a schema with [`FormatMode::Annotate`].
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        Self::compile_with(schema, FormatMode::Annotate)
    }

    /// Compiles a schema. Refuses what is malformed, too large, another dialect, or refers to another document.
    pub fn compile_with(schema: &Value, formats: FormatMode) -> Result<Self, SchemaError> {
        compile::compile(schema, formats)
    }

    /// Refuses, where a schema allows integers and no other numbers, an integer that is known only roughly: one that 64 bits
    /// cannot hold, or one beyond 2^53 that was written with a fraction or an exponent. To the standard they are integers.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Decides whether a value fits. The error is no answer: the work was given up before there was one.
    pub fn fits(&self, value: &Value) -> Result<bool, LimitExceeded> {
        evaluate::fits(self, value)
    }

    /// Checks a value. The error says of each violation where it is and what was expected, and never what the value contains
    /// but for the names of properties.
    pub fn validate(&self, value: &Value) -> Result<(), Violations> {
        evaluate::validate(self, value)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Schema")
            .field("subschemas", &self.nodes.len())
            .finish_non_exhaustive()
    }
}
