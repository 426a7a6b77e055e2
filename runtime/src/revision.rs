//! Protocol revisions and what each of them can say.

use std::fmt;

/// A revision of the protocol that this runtime serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// 2025-03-26, the only one with batches.
    V2025_03_26,
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25.
    V2025_11_25,
    /// 2026-07-28, the first without sessions.
    V2026_07_28,
}

/// How a revision sets up a conversation (2026-07-28, basic/versioning).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// `initialize` and a session.
    Legacy,
    /// Everything a request needs is in the request.
    Modern,
}

impl Revision {
    /// All of them, newest first: the order in which `server/discover` names them.
    pub const ALL: [Self; 4] = [
        Self::V2026_07_28,
        Self::V2025_11_25,
        Self::V2025_06_18,
        Self::V2025_03_26,
    ];

    /// What `initialize` is answered with when the client asks for a revision that is not served.
    pub const NEWEST_LEGACY: Self = Self::V2025_11_25;

    /// What a legacy request without any statement is read as (2025-06-18, basic/transports).
    pub const ASSUMED: Self = Self::V2025_03_26;

    /// The revision with this name, if it is served.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era it belongs to.
    pub const fn era(self) -> Era {
        match self {
            Self::V2026_07_28 => Era::Modern,
            _ => Era::Legacy,
        }
    }

    /// Whether a body may be an array of messages.
    pub const fn has_batches(self) -> bool {
        matches!(self, Self::V2025_03_26)
    }

    /// Whether an error names the request it answers even where its id could not be read: `JSONRPCError` requires `id`.
    pub(crate) const fn requires_id(self) -> bool {
        matches!(self, Self::V2025_03_26 | Self::V2025_06_18)
    }

    /// Whether tools have output schemas, and results structured content and resource links.
    pub fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether structured content may be anything but an object.
    pub fn has_any_structured_content(self) -> bool {
        self >= Self::V2026_07_28
    }
}

/// Whether `name` is a dated revision of the modern era, served or not.
///
/// Names are dates and compare as text; what is not a date is not a revision.
pub(crate) fn names_modern(name: &str) -> bool {
    let dated = name.len() == 10
        && name.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    dated && name >= Revision::V2026_07_28.as_str()
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Era {
    /// The word for it in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_to_itself() {
        for revision in Revision::ALL {
            assert_eq!(Revision::parse(revision.as_str()), Some(revision));
        }
        assert_eq!(Revision::parse("2024-11-05"), None);
    }

    #[test]
    fn later_dates_are_modern_and_nonsense_is_not() {
        assert!(names_modern("2026-07-28"));
        assert!(names_modern("2027-03-01"));
        assert!(!names_modern("2025-11-25"));
        assert!(!names_modern("v999.0.0"));
        assert!(!names_modern("zzzz-zz-zz"));
    }
}
