//! What a command comes to.

use std::fmt::Display;

use serde_json::Value as Json;

/// What a command found or did.
pub(crate) struct CommandOutput {
    /// For people, with styles.
    pub(crate) text: String,
    /// The same for programs.
    pub(crate) json: Json,
    /// What the command makes for another program to read. It then has standard output for itself, and `text`
    /// goes to standard error.
    pub(crate) product: Option<String>,
    /// The exit status.
    pub(crate) status: u8,
}

/// Why a command found or did nothing, as a sentence that says what to change.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) sentence: String,
    pub(crate) status: u8,
}

/// The exit status when everything that was checked is as it should be.
pub(crate) const DONE: u8 = 0;
/// The exit status when a check failed.
pub(crate) const FAILED: u8 = 1;
/// The exit status when a command could not be carried out as it was given; also that of clap.
pub(crate) const USAGE: u8 = 2;
/// The exit status when nothing contradicts a log, and not all of it is proven.
pub(crate) const UNPROVEN: u8 = 3;

/// The exit status of a check.
pub(crate) const fn status(passed: bool) -> u8 {
    if passed { DONE } else { FAILED }
}

impl Failure {
    /// What was looked at is not as it should be.
    pub(crate) fn check(sentence: impl Display) -> Self {
        Self {
            sentence: sentence.to_string(),
            status: FAILED,
        }
    }

    /// The command could not be carried out as it was given.
    pub(crate) fn usage(sentence: impl Display) -> Self {
        Self {
            sentence: sentence.to_string(),
            status: USAGE,
        }
    }
}

impl From<crate::secret_file::FileError> for Failure {
    fn from(error: crate::secret_file::FileError) -> Self {
        Self::usage(error)
    }
}

impl From<crate::development::IssuerError> for Failure {
    fn from(error: crate::development::IssuerError) -> Self {
        Self::usage(error)
    }
}
