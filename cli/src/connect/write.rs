//! Puts a server into the file of a client.

use std::path::{Path, PathBuf};

use mcp_edge_clients::{Client, Connection};

use super::edit::{self, Edit};
use crate::output::Failure;
use crate::secret_file::{self, FileError};

/// One client keeps a history of everything in the same file.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// What was written to a file.
#[derive(Debug)]
pub(crate) struct WriteReport {
    pub(crate) change: Change,
    /// Where the file is as it was before.
    pub(crate) backup: Option<PathBuf>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    Created,
    Added,
    Replaced,
    /// Under this name.
    AlreadyThere(String),
}

impl Change {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::AlreadyThere(_) => "none",
        }
    }
}

/// Puts the server of `connection` into the file at `path`.
pub(crate) fn write(
    path: &Path,
    client: &Client,
    connection: &Connection,
    force: bool,
) -> Result<WriteReport, Failure> {
    let before = secret_file::read_up_to(path, MAX_FILE_BYTES)?;
    let shown = path.display();
    let block = connection.block.as_ref();
    let block =
        block.ok_or_else(|| Failure::usage(format!("{} has no block for a file", client.name)))?;
    let edit = edit::edited(before.as_deref(), &connection.name, block, force)
        .map_err(|error| Failure::usage(format!("{shown} stays as it is: {error}")))?;
    let (text, change) = match edit {
        Edit::AlreadyThere(name) => {
            return Ok(WriteReport {
                change: Change::AlreadyThere(name),
                backup: None,
            });
        }
        Edit::Added(text) if before.is_none() => (text, Change::Created),
        Edit::Added(text) => (text, Change::Added),
        Edit::Replaced(text) => (text, Change::Replaced),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| FileError::new("make", folder, error))?;
    }
    let backup = match &before {
        Some(before) => Some(secret_file::back_up(path, before)?),
        None => None,
    };
    // Clients that run write to their files as well.
    if secret_file::read_up_to(path, MAX_FILE_BYTES)? != before {
        return Err(Failure::usage(format!(
            "{shown} has just been changed by another program; close {} and run the command again",
            client.name
        )));
    }
    secret_file::replace(path, &text)?;
    Ok(WriteReport { change, backup })
}
