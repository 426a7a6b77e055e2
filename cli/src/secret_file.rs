//! Files that hold secrets.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// No file of ours is nearly as long.
const LONGEST: u64 = 64 << 10;

/// Replaces the file at `path`, or makes it, so that nobody but its owner can read it. Whoever reads it meanwhile
/// sees the old text or the new one, and a crash leaves one of both.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let failed = |error| FileError::new("write", path, error);
    // A link stays a link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // On Unix it is made for its owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder(&path)).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The text of the file at `path`; `None` where there is no file.
pub fn read(path: &Path) -> Result<Option<String>, FileError> {
    match std::fs::File::open(path) {
        Ok(file) => bounded(file)
            .map(Some)
            .map_err(|error| FileError::new("read", path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new("read", path, error)),
    }
}

/// The whole text of `source`, if it is not too long to be one of ours.
pub fn bounded(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    let read = source.take(LONGEST).read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read < LONGEST) {
        Ok(text)
    } else {
        Err(io::Error::other(format!(
            "it is longer than {LONGEST} bytes"
        )))
    }
}

/// Whether others than its owner may read the file at `path`.
#[cfg(unix)]
pub fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Whether others than its owner may read the file at `path`: not known on this system.
#[cfg(not(unix))]
pub fn is_shared(_: &Path) -> bool {
    false
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file that cannot be read or written. It names the file and never shows what is in it.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {error}", path.display())]
pub struct FileError {
    operation: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl FileError {
    pub(crate) fn new(operation: &'static str, path: &Path, error: io::Error) -> Self {
        Self {
            operation,
            path: path.to_owned(),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nobody_else_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        assert_eq!(read(&path).unwrap(), None);
        std::fs::write(&path, "before").unwrap();
        write(&path, "after").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("after"));
        assert!(!is_shared(&path));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "before").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "after").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "after");
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let long = "k".repeat(64 << 10);
        let error = bounded(long.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 65536 bytes");
    }
}
