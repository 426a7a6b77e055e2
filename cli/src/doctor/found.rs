//! What a check comes to.

use crate::style::shown;
use crate::unreachable::Unreachable;

/// What is good, in one sentence, or what there is to say instead.
pub(super) type Found = Result<String, Instead>;

/// Why a check did not come to something good.
#[derive(Debug)]
pub(super) enum Instead {
    /// An operator should look at it; it may be as it was meant.
    Doubtful(Advice),
    /// It keeps clients, or people, from what they want.
    Wrong(Advice),
    /// There is nothing of the kind to look at, or another check has said why it cannot be.
    NotLookedAt,
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

/// A doubtful finding, and what fixes it.
pub(super) fn doubtful(sentence: impl Into<String>, fix: impl Into<String>) -> Instead {
    Instead::Doubtful(Advice::new(sentence, fix))
}

/// A wrong finding, and what fixes it.
pub(super) fn wrong(sentence: impl Into<String>, fix: impl Into<String>) -> Instead {
    Instead::Wrong(Advice::new(sentence, fix))
}

impl Unreachable {
    /// The finding about what stands at `url`.
    pub(super) fn at(&self, url: &str) -> Instead {
        wrong(format!("{}: {}", shown(url), self.why), self.fix)
    }
}

/// Goes on only if `holds`.
pub(super) fn must(holds: bool, otherwise: impl FnOnce() -> Instead) -> Result<(), Instead> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
