//! The programs of a gateway, as an archive of mcp-edge has them.

use std::path::{Path, PathBuf};

use crate::check::host::Host;
use crate::output::Failure;

/// The folder with the programs of every host.
pub(super) struct Prebuilt(PathBuf);

/// The name of the folder in an archive.
const FOLDER: &str = "gateway";

impl Prebuilt {
    /// The folder that was named, or the one of the archive that the running program is in.
    pub(super) fn find(named: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = named {
            return Ok(Self(folder.to_owned()));
        }
        let program = std::env::current_exe()
            .and_then(|program| program.canonicalize())
            .map_err(|error| Failure::usage(format!("the program cannot be found: {error}")))?;
        let archive = program.ancestors().nth(2);
        let folder = archive.map(|archive| archive.join(FOLDER));
        folder.filter(|folder| folder.is_dir()).map(Self).ok_or_else(|| {
            Failure::usage(
                "there are no prebuilt programs of the gateway beside this program; use the program of a release archive, name the folder \
                 `gateway` of one with --prebuilt, or write the data alone with --data-only",
            )
        })
    }

    /// What `host` runs, as a path in the folder, and its place in a deployment.
    pub(super) const fn program(host: Host) -> (&'static str, &'static str) {
        match host {
            Host::Workers => ("worker", "worker"),
            Host::Spin => ("gateway.wasm", "gateway.wasm"),
            Host::Native => ("mcp-edge-gateway", "mcp-edge-gateway"),
        }
    }

    /// Copies what `host` runs into `folder`.
    pub(super) fn copy(&self, host: Host, folder: &Path) -> Result<(), Failure> {
        let (from, to) = Self::program(host);
        let (from, to) = (self.0.join(from), folder.join(to));
        copy(&from, &to).map_err(|error| {
            Failure::usage(format!(
                "cannot copy {} to {}: {error}",
                from.display(),
                to.display()
            ))
        })
    }
}

/// A file, or a folder with everything in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        // A program that runs cannot be overwritten, but replaced.
        if to.exists() {
            std::fs::remove_file(to)?;
        }
        return std::fs::copy(from, to).map(drop);
    }
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
