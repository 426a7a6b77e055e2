//! Notices when a file that the server is made of changes, by looking: there are a few hundred.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(super) const INTERVAL: Duration = Duration::from_millis(300);

/// Folders that builds and tools write, besides those that begin with a dot.
const GENERATED: [&str; 4] = ["target", "build", "node_modules", "deploy"];

/// What sources, configurations, lock files and OpenAPI documents end in. Others count in [`DATA`], or if a build has named them:
/// a log or a database that grows in the folder starts nothing.
const SOURCES: [&str; 6] = ["rs", "toml", "lock", "json", "yaml", "yml"];

/// The folder of data files.
const DATA: &str = "data";

/// Every file that a build reads, and when it changed last.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot(BTreeMap<PathBuf, SystemTime>);

impl Snapshot {
    /// Looks at the sources in `folder`, and at the files that a build has `named`.
    pub(super) fn take(folder: &Path, named: &BTreeSet<PathBuf>) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, false, &mut files);
        collect(&folder.join(DATA), true, &mut files);
        for path in named {
            if let Ok(changed) = path.metadata().and_then(|metadata| metadata.modified()) {
                files.insert(path.clone(), changed);
            }
        }
        Self(files)
    }
}

fn collect(folder: &Path, every: bool, files: &mut BTreeMap<PathBuf, SystemTime>) {
    // What cannot be read now was deleted a moment ago, which the next look shows.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let is_ignored = |name: &str| name.starts_with('.') || GENERATED.contains(&name);
        if metadata.is_dir() {
            if !name.to_str().is_some_and(is_ignored) {
                collect(&entry.path(), every, files);
            }
            continue;
        }
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if (every || extension.is_some_and(|extension| SOURCES.contains(&extension)))
            && let Ok(changed) = metadata.modified()
        {
            files.insert(path, changed);
        }
    }
}

/// The files that cargo has compiled a program of, as it writes them beside the program (`NAME.d`): a line of make for each.
pub(super) fn sources(dep_info: &str) -> BTreeSet<PathBuf> {
    let mut sources = BTreeSet::new();
    for line in dep_info.lines() {
        let Some((_, files)) = line.split_once(": ") else {
            continue;
        };
        let mut path = String::new();
        let mut characters = files.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek() == Some(&' ') => {
                    path.extend(characters.next());
                }
                ' ' => {
                    sources.insert(PathBuf::from(std::mem::take(&mut path)));
                }
                other => path.push(other),
            }
        }
        sources.insert(PathBuf::from(path));
    }
    sources.remove(Path::new(""));
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_files_that_are_new_changed_and_gone_and_no_generated_ones() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let others = BTreeSet::from([elsewhere.path().to_owned()]);
        let look = || Snapshot::take(folder.path(), &others);
        let write = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
        };
        let before = look();
        for path in [
            "target/a.rs",
            ".git/a.toml",
            "node_modules/a.json",
            ".mcp-edge/a.json",
            "events.ndjson",
            "store/a.sqlite",
        ] {
            write(path);
        }
        assert_eq!(look(), before);
        for path in ["openapi/a.yaml", "data/a.bin"] {
            write(path);
            assert_ne!(look(), before, "{path}");
            std::fs::remove_file(folder.path().join(path)).unwrap();
        }
        write("src/lib.rs");
        let added = look();
        assert_ne!(added, before);
        let later = SystemTime::now() + Duration::from_secs(5);
        let source = folder.path().join("src/lib.rs");
        std::fs::File::options()
            .append(true)
            .open(&source)
            .and_then(|file| file.set_modified(later))
            .unwrap();
        assert_ne!(look(), added);
        std::fs::remove_file(source).unwrap();
        assert_eq!(look(), before);
        elsewhere.as_file().set_modified(later).unwrap();
        assert_ne!(look(), before);
    }

    #[test]
    fn reads_the_sources_that_cargo_lists() {
        let listed =
            sources("/t/debug/words: /a/src/lib.rs /a\\ b/mcp.toml\n\n/t/debug/x: /c.rs\n");
        let expected = ["/a/src/lib.rs", "/a b/mcp.toml", "/c.rs"];
        assert_eq!(listed, expected.map(PathBuf::from).into());
        assert!(sources("").is_empty());
    }
}
