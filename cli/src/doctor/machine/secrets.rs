//! Files in this folder that hold keys.

use std::path::{Path, PathBuf};

use super::{CheckResult, Problem, Project, error, must, warning};
use crate::development;
use crate::secret_file::{self, Exposure};

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    let mut files: Vec<_> = files(&here.folder)
        .into_iter()
        .filter(|file| holds_keys(file))
        .map(|file| (secret_file::exposure(&file), file))
        .collect();
    files.sort();
    must(!files.is_empty(), || Problem::Skipped)?;
    // The worst is last.
    match files.last() {
        Some((Exposure::Writable, file)) => Err(error(
            format!(
                "other users of this machine can write {}, so an attacker may have replaced the keys in it",
                shown(file)
            ),
            "delete it and make new keys",
        )),
        Some((Exposure::Readable, file)) => Err(warning(
            format!(
                "others on this machine can read the keys in {}",
                shown(file)
            ),
            format!(
                "run `chmod 600 {}`, and replace the keys unless you trust all of them",
                shown(file)
            ),
        )),
        _ => {
            let names: Vec<_> = files.iter().map(|(_, file)| shown(file)).collect();
            Ok(format!("only you can read {}", names.join(", ")))
        }
    }
}

/// The names that files with keys have in this project's documentation, and those of files of variables.
fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = inside.filter(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name == "keys"
            || name.ends_with(".keys")
            || name.starts_with(".dev.vars")
            || name.starts_with(".env")
            || name.ends_with(".env")
    });
    let mut files: Vec<_> = named.map(|file| file.path()).collect();
    files.push(folder.join(development::FOLDER).join(development::FILE));
    files
}

fn holds_keys(file: &Path) -> bool {
    let text = secret_file::read(file).ok().flatten().unwrap_or_default();
    text.contains(":sign:") || text.contains("\"d\":")
}

/// Its path without the `./` of this folder.
fn shown(file: &Path) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    file.display().to_string()
}
