//! Why a log cannot be added to, or does not prove anything.

use std::io;
use std::path::{Path, PathBuf};

/// Why a log cannot be added to, or does not prove anything.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be read or written.
    #[error("cannot {operation} {}: {error}", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The log, or a proof, is not what its key signed.
    #[error("it does not verify: {0}")]
    Broken(String),
    /// What was given cannot be used.
    #[error("{0}")]
    Refused(String),
}

impl LogError {
    pub(super) fn file(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self::File {
            operation,
            path: path.to_owned(),
            error,
        }
    }

    pub(super) fn broken(why: impl ToString) -> Self {
        Self::Broken(why.to_string())
    }
}
