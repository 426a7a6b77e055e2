//! Completion of arguments (2026-07-28, server/utilities/completion).

use std::collections::BTreeMap;

use super::error::RequestError;
use super::handler::HandlerOutcome;
use crate::context::Context;

/// What a person has typed so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletionRequest {
    /// The beginning of the value to complete.
    pub value: String,
    /// Other arguments that have their values already.
    pub arguments: BTreeMap<String, String>,
}

/// Which argument of what is to be completed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CompletionTarget {
    Prompt { name: String, argument: String },
    Template { template: String, variable: String },
}

/// A user's function that completes one argument.
pub(crate) struct Completer(
    Box<dyn Fn(Context, CompletionRequest) -> HandlerOutcome<Vec<String>, RequestError>>,
);

impl Completer {
    pub(super) fn new<F, R>(handler: F) -> Self
    where
        F: Fn(Context, CompletionRequest) -> R + 'static,
        R: Future<Output = Result<Vec<String>, RequestError>> + 'static,
    {
        Self(Box::new(move |cx, partial| Box::pin(handler(cx, partial))))
    }

    pub(crate) fn complete(
        &self,
        cx: Context,
        partial: CompletionRequest,
    ) -> HandlerOutcome<Vec<String>, RequestError> {
        (self.0)(cx, partial)
    }
}
