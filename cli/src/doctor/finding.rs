//! What a check comes to.

use crate::http_error::RequestFailure;
use crate::style::shown;

/// What is good, in one sentence, or what there is to say instead.
pub(super) type CheckResult = Result<String, Problem>;

/// Why a check did not come to something good.
#[derive(Debug)]
pub(super) enum Problem {
    /// An operator should look at it; it may be as it was meant.
    Warning(Advice),
    /// It keeps clients, or people, from what they want.
    Error(Advice),
    /// There is nothing of the kind to look at, or another check has said why it cannot be.
    Skipped,
}

/// What is the matter, and what to do about it.
#[derive(Debug)]
pub(super) struct Advice {
    pub(super) sentence: String,
    pub(super) fix: String,
}

impl Advice {
    fn new(sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            fix: fix.into(),
        }
    }
}

/// A warning, and what fixes it.
pub(super) fn warning(sentence: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::Warning(Advice::new(sentence, fix))
}

/// An error, and what fixes it.
pub(super) fn error(sentence: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::Error(Advice::new(sentence, fix))
}

impl RequestFailure {
    /// The finding about what stands at `url`.
    pub(super) fn at(&self, url: &str) -> Problem {
        error(format!("{}: {}", shown(url), self.why), self.fix)
    }
}

/// Goes on only if `holds`.
pub(super) fn must(holds: bool, otherwise: impl FnOnce() -> Problem) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
