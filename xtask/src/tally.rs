//! How many checks passed, failed and were skipped, read from what test programs print.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::process::Command;

use anyhow::Result;

use crate::{process, say};

/// Passed, failed and skipped checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed, or could not be run.
    pub failed: usize,
    /// Checks that were not run, since this machine lacks a program that they need.
    pub skipped: usize,
}

impl Tally {
    /// One check that passed.
    pub const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that failed.
    pub const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// Runs a program that is one check.
    pub(crate) fn of(command: &mut Command) -> Result<Self> {
        process::run(command).map(|()| Self::PASSED)
    }

    /// Runs a program that is one check among several: that it failed is shown and counted.
    pub(crate) fn of_one(command: &mut Command) -> Self {
        Self::of(command).unwrap_or_else(|error| {
            say!("error: {error:#}");
            Self::FAILED
        })
    }

    /// One check that finds nothing, or shows what it has found.
    pub(crate) fn of_found(found: &[String]) -> Self {
        if found.is_empty() {
            return Self::PASSED;
        }
        say!("{}\nerror: {} warnings", found.concat(), found.len());
        Self::FAILED
    }

    /// Runs a program that counts its checks, and shows its output.
    pub(crate) fn of_tests(command: &mut Command) -> Result<Self> {
        let mut tally = Self::default();
        let status = process::run_lines(command.env("CARGO_TERM_COLOR", "never"), |line| {
            say!("{line}");
            if let Some(counted) = Self::read(line) {
                tally += counted;
            }
        })?;
        // A program that fails without a failed check did not get to its checks.
        if !status.success() && tally.failed == 0 {
            tally += Self::FAILED;
        }
        Ok(tally)
    }

    /// Reads a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; …`, cargo-nextest's
    /// `Summary [ 0.1s] 6 tests run: 5 passed, 1 failed, 0 skipped`, or `5 passed, 1 failed`.
    ///
    /// A suite ignores a test that this machine has no program for. cargo-nextest's `skipped` are tests of another selection.
    fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        let counts = line
            .strip_prefix("test result: ")
            .or_else(|| {
                line.strip_prefix("Summary ")?
                    .split_once(" run: ")
                    .map(|(_, counts)| counts)
            })
            .or_else(|| {
                line.starts_with(|first: char| first.is_ascii_digit())
                    .then_some(line)
            })?;
        Some(Self {
            passed: number_before(counts, " passed")?,
            failed: number_before(counts, " failed").unwrap_or(0)
                + number_before(counts, " timed out").unwrap_or(0),
            skipped: number_before(counts, " ignored").unwrap_or(0),
        })
    }
}

fn number_before(text: &str, word: &str) -> Option<usize> {
    let (before, _) = text.split_once(word)?;
    before
        .rsplit(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(formatter, ", {skipped} skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(passed: usize, failed: usize, skipped: usize) -> Option<Tally> {
        Some(Tally {
            passed,
            failed,
            skipped,
        })
    }

    #[test]
    fn each_test_program_is_understood() {
        let libtest =
            "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(Tally::read(libtest), tally(5, 2, 1));
        let nextest = "     Summary [   1.204s] 33 tests run: 33 passed, 4 skipped";
        assert_eq!(Tally::read(nextest), tally(33, 0, 0));
        let slow = "     Summary [  61.204s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 4 skipped";
        assert_eq!(Tally::read(slow), tally(6, 3, 0));
        assert_eq!(Tally::read("40 passed, 0 failed"), tally(40, 0, 0));
    }

    #[test]
    fn skipped_checks_are_shown_and_are_not_passed() {
        let mut sum = Tally::PASSED;
        assert_eq!(sum.to_string(), "1 passed, 0 failed");
        let skipped = "test result: ok. 0 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out";
        sum += Tally::read(skipped).unwrap_or_default();
        assert_eq!(sum.to_string(), "1 passed, 0 failed, 2 skipped");
    }

    #[test]
    fn other_lines_are_not_counted() {
        assert_eq!(Tally::read("test serves ... ok"), None);
        assert_eq!(Tally::read("the build passed, as it should"), None);
    }
}
