//! The reasons why arguments make no request.

use mcp_edge_schema::text::{MAX_SHOWN, shorten};
use thiserror::Error;

use crate::Source;

/// The reason why arguments make no request. It names the argument, and never contains its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// A required argument is missing, or is `null` where the request has no form for that.
    #[error("argument `{argument}` is required")]
    Missing {
        /// Its name in the input schema.
        argument: String,
    },
    /// The request cannot carry the value.
    #[error("argument `{argument}` {rule}")]
    Rejected {
        /// Its name in the input schema.
        argument: String,
        /// The rule that its value breaks, as the rest of the sentence.
        rule: &'static str,
    },
    /// The request would be too large.
    #[error("the {part} of the request would be larger than {limit} bytes; use shorter arguments")]
    TooLarge {
        /// The part of the request.
        part: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The URL would not be the one of the operation.
    #[error(
        "the arguments would change which resource the request is for; use plain names and numbers"
    )]
    Target,
    /// The query has a parameter that is kept for a credential.
    #[error("they set `{0}`, which the gateway sets itself")]
    Reserved(String),
    /// A fixed value of the configuration cannot be sent.
    #[error("the fixed value of `{parameter}` {rule}; change it in the configuration")]
    Fixed {
        /// The parameter's name in the request.
        parameter: String,
        /// The rule that its value breaks, as the rest of the sentence.
        rule: &'static str,
    },
    /// No request can be made of the operation.
    #[error("the operation cannot be called: {0}; rebuild the catalog")]
    Operation(&'static str),
}

impl ArgumentError {
    /// Whether the caller can correct the call. Otherwise the fault is in the configuration.
    pub fn is_fault_of_caller(&self) -> bool {
        !matches!(self, Self::Fixed { .. } | Self::Operation(_))
    }
}

/// The error of a value that breaks a rule; `name` is the parameter's in the request.
pub(super) fn broken(source: &Source, name: &str, rule: &'static str) -> ArgumentError {
    match source {
        Source::Argument { name, .. } => ArgumentError::Rejected {
            argument: shorten(name, MAX_SHOWN),
            rule,
        },
        Source::Fixed(_) | Source::Absent => ArgumentError::Fixed {
            parameter: shorten(name, MAX_SHOWN),
            rule,
        },
    }
}
