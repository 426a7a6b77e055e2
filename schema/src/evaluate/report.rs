use crate::{LimitExceeded, Violation, Violations, limits::MAX_VIOLATIONS};

/// What was found so far, if anybody wants to know.
pub(super) enum Report {
    Silent,
    Collecting {
        found: Vec<FoundViolation>,
        more: bool,
    },
}

/// A violation, and what helps to tell which branch of a union was meant.
pub(super) struct FoundViolation {
    depth: usize,
    choice: bool,
    violation: Violation,
}

impl Report {
    pub(super) fn collecting() -> Self {
        Self::Collecting {
            found: Vec::new(),
            more: false,
        }
    }

    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::Silent)
    }

    /// An empty report of the same kind.
    pub(super) fn fresh(&self) -> Self {
        if self.is_silent() {
            Self::Silent
        } else {
            Self::collecting()
        }
    }

    pub(super) fn add(&mut self, depth: usize, choice: bool, violation: Violation) {
        self.add_found(FoundViolation {
            depth,
            choice,
            violation,
        });
    }

    pub(super) fn add_all(&mut self, others: Self) {
        if let Self::Collecting { found, .. } = others {
            found.into_iter().for_each(|found| self.add_found(found));
        }
    }

    /// Whether the value that was checked, at this depth, was right but for its children, and none of them says that another
    /// kind of value was meant.
    pub(super) fn is_near_miss(&self, depth: usize) -> bool {
        let Self::Collecting { found, .. } = self else {
            return false;
        };
        let tag = depth.saturating_add(1);
        found
            .iter()
            .all(|found| found.depth > depth && !(found.choice && found.depth == tag))
    }

    /// What is wrong with the value that was checked, at this depth, if it is an integer that was rounded.
    pub(super) fn rounded(&self, depth: usize) -> Option<&'static str> {
        let Self::Collecting { found, .. } = self else {
            return None;
        };
        let mut rounded = found
            .iter()
            .filter(|found| found.depth == depth && found.violation.is_rounded());
        rounded.next().map(|found| found.violation.found)
    }

    pub(super) fn into_violations(self, stopped: Option<LimitExceeded>) -> Violations {
        let (found, more) = match self {
            Self::Silent => (Vec::new(), false),
            Self::Collecting { found, more } => (found, more),
        };
        Violations {
            list: found.into_iter().map(|found| found.violation).collect(),
            more,
            stopped,
        }
    }

    fn add_found(&mut self, one: FoundViolation) {
        let Self::Collecting { found, more } = self else {
            return;
        };
        // `allOf` and `$ref` may say the same thing twice.
        if found
            .iter()
            .any(|earlier| earlier.violation == one.violation)
        {
            return;
        }
        if found.len() < MAX_VIOLATIONS {
            found.push(one);
        } else {
            *more = true;
        }
    }
}
