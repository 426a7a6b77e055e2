//! Versions, as programs print them.

use std::fmt;

/// A version, as far as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u64, pub(super) u64);

impl Version {
    /// The first version in `text`, as in `rustc 1.95.0 (59807616e 2026-04-14)` or `v22.12.0`.
    pub(super) fn first_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches('v').split(['.', '-']);
            let major = numbers.next()?.parse().ok()?;
            let minor = numbers.next()?.parse().ok()?;
            Some(Self(major, minor))
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_is_found_and_compares_as_numbers() {
        for (text, version) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Version(1, 95)),
            ("v22.12.0", Version(22, 12)),
            ("spin 4.1.0-rc.1 (abc 2026-07-01)", Version(4, 1)),
            (" ⛅️ wrangler 4.164.0", Version(4, 164)),
            ("git version 2.39.5", Version(2, 39)),
            ("1.94", Version(1, 94)),
        ] {
            assert_eq!(Version::first_in(text), Some(version), "{text}");
        }
        assert_eq!(Version::first_in("no version"), None);
        assert!(Version(4, 10) > Version(4, 9));
    }
}
