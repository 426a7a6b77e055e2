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

#[cfg(test)]
mod tests {
    use anyhow::{Context, Result};
    use toml::{Table, Value};

    use super::*;

    /// The texts in the list at `path`.
    fn list<'a>(table: &'a Table, path: &[&str]) -> Vec<&'a str> {
        let mut found: Option<&Value> = None;
        for key in path {
            found = found.map_or_else(|| table.get(*key), |value| value.get(key));
        }
        let values = found.and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).collect()
    }

    #[test]
    fn hosts_build_again_when_the_configuration_changes() -> Result<()> {
        let mut servers = 0;
        for folder in ["examples", "tests"] {
            for entry in std::fs::read_dir(workspace::root().join(folder))? {
                let server = entry?.path();
                let (Ok(wrangler), Ok(spin)) = (
                    workspace::table(&server.join("wrangler.toml")),
                    workspace::table(&server.join("spin.toml")),
                ) else {
                    continue;
                };
                servers += 1;
                let name = server.file_name().and_then(OsStr::to_str);
                let name = name.context("a server has a name")?;
                let watched = [
                    list(&wrangler, &["build", "watch_dir"]),
                    list(&spin, &["component", name, "build", "watch"]),
                ];
                for watched in watched {
                    assert!(watched.contains(&"mcp.toml"), "{name}: {watched:?}");
                }
            }
        }
        assert!(servers >= 6, "{servers}");
        Ok(())
    }
}
