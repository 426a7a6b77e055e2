//! Files that hold secrets.

use std::fs::Permissions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// No file of ours is nearly as long.
const MAX_FILE_BYTES: u64 = 64 << 10;
/// The maximum number of backups of one file.
const MAX_BACKUPS: u32 = 100;

/// Replaces the file at `path`, or makes it, so that only its owner can read it. A process that reads it meanwhile
/// sees the old text or the new one, and a crash leaves one of both.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    put(path, text, None).map_err(|error| FileError::new("write", path, error))
}

/// Replaces the file at `path` as [`write()`] does, except that its readers still can read it. Where there is none, it
/// is made for its owner.
pub fn replace(path: &Path, text: &str) -> Result<(), FileError> {
    let before = std::fs::metadata(path).ok();
    let permissions = before.map(|metadata| metadata.permissions());
    put(path, text, permissions).map_err(|error| FileError::new("write", path, error))
}

/// Writes `text` into a file of its own beside the one at `path`, which only its owner can read, and says where that is.
pub fn back_up(path: &Path, text: &str) -> Result<PathBuf, FileError> {
    let failed = |error| FileError::new("write", path, error);
    let name = path.file_name().unwrap_or_default().to_os_string();
    let mut file = filled(&folder(path), text).map_err(failed)?;
    for number in 1..=MAX_BACKUPS {
        let mut name = name.clone();
        name.push(".mcp-edge-backup");
        if number > 1 {
            name.push(format!("-{number}"));
        }
        let backup = folder(path).join(name);
        // One that is there already is the only copy of something.
        match file.persist_noclobber(&backup) {
            Ok(_) => return Ok(backup),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(failed(error.error)),
        }
    }
    Err(failed(io::Error::other(format!(
        "there are {MAX_BACKUPS} backups next to it; delete those that you do not need"
    ))))
}

fn put(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<()> {
    let path = target(path)?;
    let file = filled(&folder(&path), text)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(&path)?;
    Ok(())
}

/// The file that a write to `path` replaces. A link stays a link, and what is no file is not replaced.
fn target(path: &Path) -> io::Result<PathBuf> {
    let says = match path.canonicalize() {
        Ok(found) if found.is_file() => return Ok(found),
        Ok(_) => {
            "it is not a regular file; name a file, or use `-` or `--print` where the command has them"
        }
        Err(_) if path.is_symlink() => {
            "it is a link to something that is not there; name the file itself"
        }
        Err(_) => return Ok(path.to_owned()),
    };
    Err(io::Error::other(says))
}

/// A new file that holds `text` and that on Unix only its owner can read.
fn filled(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The text of the file at `path`; `None` where there is no file.
pub fn read(path: &Path) -> Result<Option<String>, FileError> {
    open_and_read(path, MAX_FILE_BYTES)
}

/// The text of the regular file at `path`, if it is shorter than `longest` bytes; `None` where there is no file. A pipe may never
/// end, and to open a device may do something.
pub fn read_up_to(path: &Path, longest: u64) -> Result<Option<String>, FileError> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            let why = io::Error::other("it is not a regular file; name a file");
            Err(FileError::new("read", path, why))
        }
        _ => open_and_read(path, longest),
    }
}

/// The text of the file at `path`, if it is shorter than `longest` bytes; `None` where there is no file.
pub(crate) fn open_and_read(path: &Path, longest: u64) -> Result<Option<String>, FileError> {
    match std::fs::File::open(path) {
        Ok(file) => bounded_by(file, longest)
            .map(Some)
            .map_err(|error| FileError::new("read", path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new("read", path, error)),
    }
}

/// The whole text of `source`, if it is not too long to be one of ours.
pub fn bounded(source: impl Read) -> io::Result<String> {
    bounded_by(source, MAX_FILE_BYTES)
}

fn bounded_by(source: impl Read, longest: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = source.take(longest).read_to_string(&mut text)?;
    if u64::try_from(read).is_ok_and(|read| read < longest) {
        Ok(text)
    } else {
        Err(io::Error::other(format!(
            "it is longer than {longest} bytes"
        )))
    }
}

/// What others than its owner may do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// Nothing that is known: on a system without file modes, nothing is.
    Private,
    /// A group or everybody may read it.
    Readable,
    /// A group or everybody may write it.
    Writable,
}

/// What others than its owner may do with the file at `path`.
#[cfg(unix)]
pub fn exposure(path: &Path) -> Exposure {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    match mode {
        mode if mode & 0o022 != 0 => Exposure::Writable,
        mode if mode & 0o077 != 0 => Exposure::Readable,
        _ => Exposure::Private,
    }
}

/// What others than its owner may do with the file at `path`: not known on this system.
#[cfg(not(unix))]
pub fn exposure(_: &Path) -> Exposure {
    Exposure::Private
}

/// Whether others than its owner may read or write the file at `path`.
pub fn is_shared(path: &Path) -> bool {
    exposure(path) != Exposure::Private
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
    fn what_was_written_is_readable_by_its_owner_only() {
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
    fn what_is_no_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, why) in [
            (link.as_path(), "a link to something that is not there"),
            (socket.as_path(), "not a regular file"),
            (folder.path(), "not a regular file"),
        ] {
            let error = write(path, "after").unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(link.is_symlink() && !file.exists());
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

    #[cfg(unix)]
    #[test]
    fn readers_of_a_replaced_file_still_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, "before").unwrap();
        assert!(!is_shared(&path));
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&path, "after").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("after"));
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[test]
    fn a_backup_replaces_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        for (text, name) in [
            ("first", "file.json.mcp-edge-backup"),
            ("second", "file.json.mcp-edge-backup-2"),
        ] {
            let backup = back_up(&path, text).unwrap();
            assert_eq!(backup, folder.path().join(name));
            assert_eq!(read(&backup).unwrap().as_deref(), Some(text));
            assert!(!is_shared(&backup));
        }
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let long = "k".repeat(64 << 10);
        let error = bounded(long.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 65536 bytes");
    }
}
