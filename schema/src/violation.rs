use std::fmt;

use super::budget::LimitExceeded;

/// What [`Schema::exact`](super::Schema::exact) finds in place of an integer.
pub(super) const BEYOND_64_BITS: &str = "an integer that 64 bits cannot hold";
pub(super) const NOT_IN_DIGITS: &str = "an integer beyond 9007199254740991 with a fraction or an exponent; write it in \
                                        digits only";

/// One way in which a value does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where, as one would write it in a program: `customer.addresses[0].city`; empty for the value itself. A member whose name
    /// is not a plain word is written `["its name"]`.
    pub path: String,
    /// Completes "expected …": `a number greater than 0`.
    pub expected: String,
    /// Completes "found …" by kind: `a string`.
    pub found: &'static str,
    /// Completes "found …" by kind and size: `a number of 2 characters`, `a string of 8 characters`, `an array of 3 items`.
    /// `None` where nothing was found, or where the schema marks the value as a secret (`writeOnly`, or the format `password`).
    pub size: Option<String>,
    /// Completes "found …" by content, where that is short and no text: `20`, `true`, `null`. `None` where `size` is.
    pub value: Option<String>,
}

impl Violation {
    pub(super) fn is_rounded(&self) -> bool {
        [BEYOND_64_BITS, NOT_IN_DIGITS].contains(&self.found)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, self.value.as_deref().unwrap_or(self.by_size()))
    }
}

impl Violation {
    fn by_size(&self) -> &str {
        self.size.as_deref().unwrap_or(self.found)
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, found: &str) -> fmt::Result {
        match self.path.as_str() {
            "" => out.write_str("The value")?,
            path => write!(out, "`{path}`")?,
        }
        write!(out, ": expected {}, found {found}", self.expected)
    }
}

/// Why a value was refused. Reads as one sentence for each violation.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Violations {
    /// In the order of the value; at most [`MAX_VIOLATIONS`](super::limits::MAX_VIOLATIONS).
    pub list: Vec<Violation>,
    /// Whether there are more than the list has.
    pub more: bool,
    /// Set when checking was given up. What could not be checked in full is refused, whatever the list says.
    pub stopped: Option<LimitExceeded>,
}

impl Violations {
    /// Whether an integer is among them of which only a rounded value was left: see
    /// [`Schema::exact`](super::Schema::exact).
    pub fn has_rounded(&self) -> bool {
        self.list.iter().any(Violation::is_rounded)
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, |out, violation| violation.fmt(out))
    }
}

/// The same without what the values hold, for a log.
pub struct BySize<'a>(&'a Violations);

impl fmt::Display for BySize<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(out, |out, violation| {
            violation.write(out, violation.by_size())
        })
    }
}

impl Violations {
    /// Describes what was found by kind and size and never by content: a log has other readers than the caller.
    pub fn by_size(&self) -> BySize<'_> {
        BySize(self)
    }

    fn write(
        &self,
        out: &mut fmt::Formatter<'_>,
        one: impl Fn(&mut fmt::Formatter<'_>, &Violation) -> fmt::Result,
    ) -> fmt::Result {
        let mut separator = "";
        for violation in &self.list {
            out.write_str(separator)?;
            one(out, violation)?;
            out.write_str(".")?;
            separator = " ";
        }
        if self.more {
            write!(out, "{separator}There are more.")?;
            separator = " ";
        }
        match self.stopped {
            Some(LimitExceeded::TooDeep) => write!(
                out,
                "{separator}The value is nested too deeply to be checked."
            ),
            Some(LimitExceeded::TooMuchWork) => {
                write!(out, "{separator}The value is too large to be checked.")
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for Violations {}
