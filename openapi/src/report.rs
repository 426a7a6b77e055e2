//! What a compilation reports: the place of every operation, and everything of the documents that tools lack.

use std::fmt;

use mcp_edge_catalog::Operation;
use thiserror::Error;

/// The tools of an upstream, and the report about its documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compilation {
    /// The tools, by path and method.
    pub operations: Vec<Operation>,
    /// The result for each operation of the documents.
    pub report: Report,
}

/// The result for each operation of the documents. Every operation is in exactly one of the first three lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The operations that are tools.
    pub tools: Vec<Tool>,
    /// The operations that the rules leave out.
    pub excluded: Vec<Exclusion>,
    /// The operations that the rules allow, and that no tool can express.
    pub unmappable: Vec<Unmappable>,
    /// What concerns documents as wholes.
    pub warnings: Vec<Loss>,
}

/// An operation that is a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The operation, as in `GET /patients/{id}`.
    pub operation: String,
    /// The name of the tool.
    pub name: String,
    /// What of the document the tool lacks or changes.
    pub losses: Vec<Loss>,
}

/// An operation that the rules leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The operation.
    pub operation: String,
    /// The rule of `exclude`. `None`: no rule of `allow` matches.
    pub rule: Option<String>,
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "{}: excluded by \"{rule}\"", self.operation),
            None => write!(f, "{}: no rule allows it", self.operation),
        }
    }
}

/// An operation that no tool can express.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{operation}: {reason} ({at})")]
pub struct Unmappable {
    /// The operation.
    pub operation: String,
    /// Why.
    pub reason: String,
    /// The document and the JSON Pointer in it.
    pub at: String,
}

/// Something of a document that a tool lacks or changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{text} ({at})")]
pub struct Loss {
    /// What.
    pub text: String,
    /// The document and the JSON Pointer in it.
    pub at: String,
}

/// Something that the operator must change before there is a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong, where, and what to change.
    pub message: String,
    /// The operations that it is about.
    pub operations: Vec<String>,
}

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Mistake {
            message: message.into(),
            operations: Vec::new(),
        }
    }
}

/// Why an operation cannot be a tool.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    pub(crate) reason: String,
    pub(crate) at: String,
}

impl Rejection {
    pub(crate) fn new(reason: impl Into<String>, at: impl Into<String>) -> Self {
        Rejection {
            reason: reason.into(),
            at: at.into(),
        }
    }
}

/// The maximum number of losses that are reported of one tool.
const MAX_LOSSES: usize = 64;

/// Losses while they are found.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    found: Vec<Loss>,
    more: usize,
}

impl Losses {
    pub(crate) fn add(&mut self, text: impl Into<String>, at: impl fmt::Display) {
        if self.found.len() >= MAX_LOSSES {
            self.more = self.more.saturating_add(1);
            return;
        }
        let loss = Loss {
            text: text.into(),
            at: at.to_string(),
        };
        if !self.found.contains(&loss) {
            self.found.push(loss);
        }
    }

    pub(crate) fn extend(&mut self, other: Losses) {
        for loss in other.found {
            self.add(loss.text, loss.at);
        }
        self.more = self.more.saturating_add(other.more);
    }

    pub(crate) fn into_list(mut self, at: impl fmt::Display) -> Vec<Loss> {
        if self.more > 0 {
            self.found.push(Loss {
                text: format!("{} more of this kind are not listed", self.more),
                at: at.to_string(),
            });
        }
        self.found
    }
}
