//! A folder with one file for each parcel of events.

use std::collections::BinaryHeap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The longest parcel, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 64 << 20;
/// What the names of unfinished files begin with, and no key's file does.
const UNFINISHED: &str = ".unfinished-";
/// How old an unfinished file is when its writer must have died.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Threads, processes and machines may share it: a file appears as a whole, and another's work is never waited for.
#[derive(Debug, Clone)]
pub(crate) struct DirectoryStore(Arc<Path>);

impl DirectoryStore {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether files can be made in it, found out now and not when events have to be kept.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.clear()?;
        let probe = self.unfinished()?;
        write(&probe, b"")?;
        fs::remove_file(&probe)
    }

    /// Keeps `parcel`: once this returns, it outlives a power failure.
    pub(crate) fn put(&self, key: &str, parcel: &str) -> io::Result<()> {
        let unfinished = self.unfinished()?;
        let kept = write(&unfinished, parcel.as_bytes())
            .and_then(|()| fs::rename(&unfinished, self.file(key)))
            .and_then(|()| File::open(self.path())?.sync_all());
        if kept.is_err() {
            // Gone already if only the folder could not be synchronized.
            let _ = fs::remove_file(&unfinished);
        }
        kept
    }

    /// The `most` smallest keys that begin with `prefix`. However many there are, no more are held in memory.
    pub(crate) fn keys(&self, prefix: &str, most: usize) -> io::Result<Vec<String>> {
        let mut smallest = BinaryHeap::new();
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            let Some(key) = key(&entry.file_name()).filter(|key| key.starts_with(prefix)) else {
                continue;
            };
            smallest.push(key);
            if smallest.len() > most {
                smallest.pop();
            }
        }
        Ok(smallest.into_sorted_vec())
    }

    pub(crate) fn get(&self, key: &str) -> io::Result<Option<String>> {
        match File::open(self.file(key)) {
            Ok(file) => read(file).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file that comes back after a power failure is delivered again, so nothing is synchronized.
    pub(crate) fn remove(&self, key: &str) -> io::Result<()> {
        forgive_missing(fs::remove_file(self.file(key)))
    }

    fn file(&self, key: &str) -> PathBuf {
        self.path().join(name(key))
    }

    /// A name that no other file has, whichever machine makes it.
    fn unfinished(&self) -> io::Result<PathBuf> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let name = format!("{UNFINISHED}{:032x}", u128::from_le_bytes(random));
        Ok(self.path().join(name))
    }

    /// Removes what writers left that died.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            let name = entry.file_name();
            if !name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                continue;
            }
            let age = entry.metadata().and_then(|file| file.modified());
            let is_abandoned =
                age.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > ABANDONED));
            if is_abandoned {
                forgive_missing(fs::remove_file(entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Another process may have been quicker.
fn forgive_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Events may name people: no other user of the machine can read them.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Any process that can write to the folder decides what is there, so its length is not taken on trust.
fn read(file: File) -> io::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX);
    let read = file
        .take(most.saturating_add(1))
        .read_to_string(&mut text)?;
    if read > MAX_FILE_BYTES {
        return Err(io::Error::other(format!(
            "a file is longer than {MAX_FILE_BYTES} bytes"
        )));
    }
    Ok(text)
}

/// The name of a key's file. Only what no file system takes for something else stands for itself: no path, no hidden file,
/// and no letter that another system takes for a small one.
fn name(key: &str) -> String {
    let mut name = String::new();
    for byte in key.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

/// The key of a file; `None` if it is none of ours.
fn key(file: &OsStr) -> Option<String> {
    let file = file.to_str()?;
    let mut bytes = Vec::with_capacity(file.len());
    let mut rest = file.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let key = String::from_utf8(bytes).ok()?;
    // One file for each key.
    (name(&key) == file).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::SystemTime;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    fn folder() -> (TempDir, DirectoryStore) {
        let directory = tempfile::tempdir().unwrap();
        let folder = DirectoryStore::new(directory.path().into());
        (directory, folder)
    }

    fn files(directory: &TempDir) -> Vec<String> {
        let files = fs::read_dir(directory.path()).unwrap();
        files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn what_was_put_is_there_until_it_is_removed() {
        let (directory, folder) = folder();
        folder.check().unwrap();
        assert_eq!(folder.get("splunk/1").unwrap(), None);
        folder.put("splunk/1", "{\"events\":[\"ä\"]}").unwrap();
        let other = DirectoryStore::new(directory.path().into());
        let parcel = other.get("splunk/1").unwrap();
        assert_eq!(parcel.as_deref(), Some("{\"events\":[\"ä\"]}"));
        folder.put("splunk/1", "again").unwrap();
        assert_eq!(other.get("splunk/1").unwrap().as_deref(), Some("again"));
        other.remove("splunk/1").unwrap();
        assert_eq!(folder.get("splunk/1").unwrap(), None);
        folder.remove("splunk/1").unwrap();
        assert_eq!(files(&directory), Vec::<String>::new());
    }

    #[test]
    fn keys_are_the_smallest_first() {
        let (directory, folder) = folder();
        for key in ["b/2", "a/10", "b/1", "a/2", "a/1", "ab/0"] {
            folder.put(key, key).unwrap();
        }
        fs::write(directory.path().join("README.md"), "not ours").unwrap();
        fs::write(directory.path().join(".unfinished-0"), "a/0").unwrap();
        assert_eq!(folder.keys("a/", 2).unwrap(), ["a/1", "a/10"]);
        assert_eq!(folder.keys("a/", 9).unwrap(), ["a/1", "a/10", "a/2"]);
        assert_eq!(folder.keys("b/", 1).unwrap(), ["b/1"]);
        assert_eq!(folder.keys("", 0).unwrap(), Vec::<String>::new());
        assert_eq!(folder.keys("", 99).unwrap().len(), 6);
    }

    #[test]
    fn a_key_cannot_leave_the_folder() {
        let (directory, folder) = folder();
        let keys = [
            "../up",
            "/tmp/up",
            "..",
            ".",
            "a/../../up",
            "a\0b",
            "a\\b",
            "",
            ".unfinished-x",
        ];
        for key in keys {
            // The empty key has no file; everything else is a file of the folder itself.
            let put = folder.put(key, key);
            assert_eq!(put.is_ok(), !key.is_empty(), "{key:?}");
        }
        assert_eq!(files(&directory).len(), keys.len() - 1);
        assert_eq!(folder.keys("..", 9).unwrap(), ["..", "../up"]);
        assert_eq!(folder.get("../up").unwrap().as_deref(), Some("../up"));
    }

    #[test]
    fn a_parcel_that_cannot_be_kept_leaves_nothing_behind() {
        let (directory, folder) = folder();
        // No file system takes so long a name.
        folder.put(&"x".repeat(300), "parcel").unwrap_err();
        assert_eq!(files(&directory), Vec::<String>::new());
    }

    #[test]
    fn no_other_user_may_read_a_parcel() {
        let (directory, folder) = folder();
        folder.put("a", "parcel").unwrap();
        let file = fs::metadata(directory.path().join("a")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_too_long_or_no_text_is_an_error() {
        let (directory, folder) = folder();
        let long = File::create(directory.path().join("long")).unwrap();
        long.set_len(u64::try_from(MAX_FILE_BYTES).unwrap() + 1)
            .unwrap();
        fs::write(directory.path().join("bytes"), [0xff]).unwrap();
        let error = folder.get("long").unwrap_err().to_string();
        assert!(error.contains("longer"), "{error}");
        folder.get("bytes").unwrap_err();
    }

    #[test]
    fn files_of_ended_writers_are_removed_and_those_of_running_ones_are_not() {
        let (directory, folder) = folder();
        let left = File::create(directory.path().join(".unfinished-old")).unwrap();
        left.set_modified(SystemTime::now() - 2 * ABANDONED)
            .unwrap();
        File::create(directory.path().join(".unfinished-new")).unwrap();
        folder.check().unwrap();
        assert_eq!(files(&directory), [".unfinished-new"]);
    }

    #[test]
    fn a_folder_that_is_not_writable_is_reported() {
        let (directory, _) = folder();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        DirectoryStore::new(file).check().unwrap_err();
        DirectoryStore::new(directory.path().join("missing"))
            .check()
            .unwrap_err();
    }

    #[test]
    fn writers_and_readers_in_many_threads_see_whole_parcels() {
        const THREADS: usize = 4;
        const PARCELS: usize = 20;
        let (directory, folder) = folder();
        let parcel = "x".repeat(100_000);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (folder, parcel) = (&folder, &parcel);
                scope.spawn(move || {
                    for number in 0..PARCELS {
                        folder
                            .put(&format!("{thread}/{number:02}"), parcel)
                            .unwrap();
                        for key in folder.keys("", 3).unwrap() {
                            let seen = folder.get(&key).unwrap();
                            assert!(seen.is_none_or(|seen| seen == *parcel));
                            folder.remove(&key).unwrap();
                        }
                    }
                });
            }
        });
        assert_eq!(files(&directory), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn every_key_has_a_file_of_its_own(key_given in ".{0,40}") {
            let file = name(&key_given);
            prop_assert!(!file.contains(['/', '.', '\0']));
            prop_assert_eq!(key(OsStr::new(&file)), Some(key_given));
        }

        #[test]
        fn an_unknown_name_has_no_key(file in "[%a-zA-Z0-9./_-]{0,12}") {
            if let Some(key) = key(OsStr::new(&file)) {
                prop_assert_eq!(name(&key), file);
            }
        }
    }
}
