//! The folder of a new server: all of it, or nothing.

use std::io;
use std::path::Path;

use crate::output::Failure;

/// Makes the folder `path` with `files` in it, each with its path there and its text. A folder that is there already must be
/// empty.
pub(crate) fn make(path: &Path, files: &[(&str, &str)]) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::usage(format!(
            "cannot make the folder {}: {error}",
            path.display()
        ))
    };
    if is_occupied(path).map_err(failed)? {
        return Err(Failure::usage(format!(
            "{} is there already, and nothing in it is overwritten; choose another name, or move it away",
            path.display()
        )));
    }
    // Beside the folder, so that it comes into being at once, with everything in it.
    let beside = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let hidden = tempfile::Builder::new()
        .prefix(".mcp-edge-new-")
        .tempdir_in(beside.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    // One further in: only the owner may read what is made to be temporary.
    let made = hidden.path().join("server");
    write(&made, files).map_err(failed)?;
    std::fs::rename(&made, path).map_err(failed)
}

fn is_occupied(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => Ok(path.read_dir()?.next().is_some()),
        Ok(_) => Ok(true),
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn file(path: &'static str) -> (&'static str, &'static str) {
        (path, "text")
    }

    #[test]
    fn an_empty_folder_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server");
        std::fs::create_dir(&path).unwrap();
        make(&path, &[file("src/lib.rs")]).unwrap();
        assert_eq!(
            std::fs::read_to_string(path.join("src/lib.rs")).unwrap(),
            "text"
        );
        assert_eq!(names(folder.path()), ["server"]);
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("notes"), "mine").unwrap();
        for occupied in [&path, &path.join("notes")] {
            let refused = make(occupied, &[file("notes")]).unwrap_err();
            assert!(
                refused.sentence.contains("there already"),
                "{}",
                refused.sentence
            );
        }
        assert_eq!(std::fs::read_to_string(path.join("notes")).unwrap(), "mine");
        assert_eq!(
            (names(&path), names(folder.path())),
            (vec!["notes".to_owned()], vec!["server".to_owned()])
        );
    }

    #[test]
    fn what_fails_in_the_middle_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = [file("src"), file("src/lib.rs")];
        assert!(make(&folder.path().join("server"), &files).is_err());
        assert!(names(folder.path()).is_empty());
    }
}
