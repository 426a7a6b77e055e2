//! Notices when a source file changes, by looking: a few hundred files, and no help of the system needed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::workspace;

const INTERVAL: Duration = Duration::from_millis(300);

/// Folders that are written by builds and tools.
const GENERATED: [&str; 7] = [
    "target",
    "build",
    "node_modules",
    ".git",
    ".wrangler",
    ".spin",
    ".mcp-edge",
];

/// What the workspace looked like: every file that a build reads, and when it changed last.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, SystemTime>);

impl Snapshot {
    /// Looks at the workspace's code and settings, and at every file of the example in `folder`.
    pub fn take(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(workspace::root(), &is_code, &mut files);
        collect(folder, &|_| true, &mut files);
        Self(files)
    }

    /// Waits until something differs and then stays the same for a moment, or until `interrupted`.
    pub fn wait_for_change(&self, folder: &Path, mut interrupted: impl FnMut() -> bool) {
        let mut before = Self::take(folder);
        loop {
            std::thread::sleep(INTERVAL);
            let now = Self::take(folder);
            if interrupted() || (now != *self && now == before) {
                return;
            }
            before = now;
        }
    }
}

fn is_code(path: &Path) -> bool {
    matches!(
        path.extension().and_then(OsStr::to_str),
        Some("rs" | "toml" | "js")
    )
}

fn collect(
    folder: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    files: &mut BTreeMap<PathBuf, SystemTime>,
) {
    // What cannot be read now was deleted a moment ago, which the next look shows.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_dir() {
            if !GENERATED.iter().any(|name| entry.file_name() == *name) {
                collect(&path, wanted, files);
            }
        } else if wanted(&path)
            && let Ok(changed) = metadata.modified()
        {
            files.insert(path, changed);
        }
    }
}
