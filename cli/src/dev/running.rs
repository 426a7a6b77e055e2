//! Where a running `mcp-edge dev` is, for the commands that call a server.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::development::{self, FOLDER};
use crate::output::Failure;
use crate::secret_file;

/// The file in [`FOLDER`].
const FILE: &str = "running.json";

/// A server that `mcp-edge dev` runs.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    /// The endpoint.
    pub(crate) url: String,
    /// A token for it.
    pub(crate) token: Option<String>,
}

impl Running {
    /// The one of the project in `folder`.
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>, Failure> {
        let text = secret_file::read(&folder.join(FOLDER).join(FILE))?;
        // One that cannot be read is of another version.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

/// The file, as long as the server runs.
pub(super) struct Announcement(PathBuf);

impl Announcement {
    pub(super) fn write(folder: &Path, url: &str, token: Option<&str>) -> Result<Self, Failure> {
        let folder = folder.join(FOLDER);
        development::make_folder(&folder)?;
        let running = Running {
            url: url.to_owned(),
            token: token.map(str::to_owned),
        };
        let text = serde_json::to_string(&running).map_err(Failure::usage)?;
        let path = folder.join(FILE);
        secret_file::write(&path, &text)?;
        Ok(Self(path))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // One that is left names a server that does not answer.
        let _ = std::fs::remove_file(&self.0);
    }
}
