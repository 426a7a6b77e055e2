//! How a handler says that it could not do what it was asked.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::state::MissingState;
use crate::host::{HostError, UpstreamError};
use crate::mrtr::{AskError, StepError};
use crate::refusal::Refusal;
use crate::revision::Era;
use crate::signature::{SignError, SignatureError};

/// A tool could not do it. The model reads the sentence and may try something else.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolError(pub(crate) ToolErrorKind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ToolErrorKind {
    /// For the model to read.
    Said(String),
    /// The question needs a capability that the client did not declare.
    Unsupported { required: Value },
    /// The caller's access token lacks scopes.
    InsufficientScope(BTreeSet<String>),
    /// For the log only.
    Internal(String),
}

impl ToolError {
    /// A failure that the model should know about: say what went wrong and what would work.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(ToolErrorKind::Said(sentence.into()))
    }

    /// A failure whose cause is for the log only: the model learns that something went wrong, the
    /// host's log learns `detail`.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self(ToolErrorKind::Internal(detail.to_string()))
    }

    /// The caller's access token does not permit it, and one with these scopes does. The client is told to ask for them, and for
    /// those that the caller has, as if a policy rule had required them (RFC 6750, 3.1). A caller without an access token is
    /// told to sign in.
    pub fn insufficient_scope(scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self(ToolErrorKind::InsufficientScope(scopes))
    }

    /// What the log is told of it.
    pub(crate) fn detail(self) -> String {
        match self.0 {
            ToolErrorKind::InsufficientScope(scopes) => {
                let scopes: Vec<_> = scopes.into_iter().collect();
                format!("the caller lacks the scopes {}", scopes.join(" "))
            }
            ToolErrorKind::Said(sentence) | ToolErrorKind::Internal(sentence) => sentence,
            ToolErrorKind::Unsupported { required } => format!("the client lacks {required}"),
        }
    }
}

impl From<AskError> for ToolError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Unsupported { required } => Self(ToolErrorKind::Unsupported { required }),
            AskError::Question(detail) => Self::internal(detail),
            said => Self::new(said.to_string()),
        }
    }
}

impl From<StepError> for ToolError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Unwritable { .. } => Self::internal(error),
            said => Self::new(said.to_string()),
        }
    }
}

impl From<UpstreamError> for ToolError {
    fn from(error: UpstreamError) -> Self {
        Self::internal(error)
    }
}

impl From<HostError> for ToolError {
    fn from(error: HostError) -> Self {
        Self::internal(error)
    }
}

impl From<MissingState> for ToolError {
    fn from(error: MissingState) -> Self {
        Self::internal(error)
    }
}

impl From<SignError> for ToolError {
    fn from(error: SignError) -> Self {
        Self::internal(error)
    }
}

impl From<SignatureError> for ToolError {
    fn from(error: SignatureError) -> Self {
        Self::internal(error)
    }
}

/// A prompt, a resource or a completion could not be given. Unlike a tool's failure this is an error of
/// the protocol, so the model does not see it; the client does.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestError(pub(crate) RequestKind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RequestKind {
    NotFound,
    Invalid(String),
    Unsupported { required: Value },
    Internal(String),
}

impl RequestError {
    /// There is no such thing; for a resource, no contents under this URI.
    pub fn not_found() -> Self {
        Self(RequestKind::NotFound)
    }

    /// The arguments do not make sense; the sentence says what would.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self(RequestKind::Invalid(sentence.into()))
    }

    /// A failure whose cause is for the log only; the host's log learns `detail`.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self(RequestKind::Internal(detail.to_string()))
    }

    /// The refusal it becomes for a client of `era`, for a request about `uri` if it was about a resource, and what the log
    /// should learn besides.
    pub(crate) fn refuse(self, era: Era, uri: Option<&str>) -> (Refusal, Option<String>) {
        match self.0 {
            RequestKind::NotFound => match uri {
                Some(uri) => (
                    Refusal::ResourceNotFound {
                        uri: uri.to_owned(),
                    },
                    None,
                ),
                None => (
                    Refusal::InvalidParams {
                        why: "there is nothing under that name".to_owned(),
                    },
                    None,
                ),
            },
            RequestKind::Invalid(why) => (Refusal::InvalidParams { why }, None),
            RequestKind::Unsupported { required } => (input_unavailable(era, required), None),
            RequestKind::Internal(detail) => (Refusal::InternalError, Some(detail)),
        }
    }
}

/// The refusal of a request that has to ask what its client cannot be asked. A modern client is told which capability is
/// missing. A legacy client may well have it, but answers in a request that nothing here could join to this one.
pub(crate) fn input_unavailable(era: Era, required: Value) -> Refusal {
    match era {
        Era::Modern => Refusal::MissingCapability { required },
        Era::Legacy => Refusal::InputUnsupported,
    }
}

impl From<AskError> for RequestError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Unsupported { required } => Self(RequestKind::Unsupported { required }),
            AskError::Question(detail) => Self::internal(detail),
            said => Self::invalid(said.to_string()),
        }
    }
}

impl From<StepError> for RequestError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Unwritable { .. } => Self::internal(error),
            said => Self::invalid(said.to_string()),
        }
    }
}

impl From<UpstreamError> for RequestError {
    fn from(error: UpstreamError) -> Self {
        Self::internal(error)
    }
}

impl From<HostError> for RequestError {
    fn from(error: HostError) -> Self {
        Self::internal(error)
    }
}

impl From<MissingState> for RequestError {
    fn from(error: MissingState) -> Self {
        Self::internal(error)
    }
}

impl From<SignError> for RequestError {
    fn from(error: SignError) -> Self {
        Self::internal(error)
    }
}

impl From<SignatureError> for RequestError {
    fn from(error: SignatureError) -> Self {
        Self::internal(error)
    }
}
