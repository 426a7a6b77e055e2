//! Read-only files of the deployment.

use std::io;
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use super::{Host, HostError};

/// The maximum length of a name, in bytes.
const MAX_NAME: usize = 100;

/// The name of a data file, which is checked: 1 to 100 ASCII letters, digits, `.`, `_` and `-`, the first of which is no `.`. It
/// means a file of one folder on every host and in every file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataName<'a>(&'a str);

impl<'a> DataName<'a> {
    /// The name, if it is one.
    ///
    /// # Errors
    ///
    /// `name` contains another character, a path for example.
    pub fn new(name: &'a str) -> Result<Self, HostError> {
        let is_plain = (1..=MAX_NAME).contains(&name.len())
            && !name.starts_with('.')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        is_plain.then_some(Self(name)).ok_or_else(|| HostError {
            operation: "read a data file".to_owned(),
            reason: format!(
                "its name must be 1 to {MAX_NAME} letters, digits, `.`, `_` or `-`, without a path and without a leading `.`, got {:?}",
                name.chars().take(MAX_NAME).collect::<String>()
            ),
        })
    }

    /// The name.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

fn unreadable(name: &str, reason: impl std::fmt::Display) -> HostError {
    HostError {
        operation: format!("read the data file {name}"),
        reason: reason.to_string(),
    }
}

/// The bytes of a data file, where the host has them. Unlike a [`Host`], they do not belong to a request: they may be read for as
/// long as the instance lives.
pub trait Data {
    /// How many there are.
    fn length(&self) -> u64;

    /// Reads `range`, which is within them and not empty.
    fn read(&self, range: Range<u64>) -> LocalBoxFuture<'static, io::Result<Bytes>>;
}

/// A data file: named read-only bytes of the deployment, which are read by range. It may be stored for the life of an instance.
#[derive(Clone)]
pub struct DataFile {
    name: Rc<str>,
    data: Rc<dyn Data>,
}

impl std::fmt::Debug for DataFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataFile")
            .field("name", &self.name)
            .field("length", &self.data.length())
            .finish()
    }
}

impl DataFile {
    /// Finds the data file `name` of the deployment; `None` if it has none of that name.
    ///
    /// # Errors
    ///
    /// `name` is no plain file name, or there is something of that name that cannot be read as a file.
    pub async fn open(host: &dyn Host, name: &str) -> Result<Option<Self>, HostError> {
        let found = host.data(DataName::new(name)?).await;
        let data = found.map_err(|error| unreadable(name, error))?;
        Ok(data.map(|data| Self {
            name: name.into(),
            data,
        }))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The length in bytes, which does not change.
    pub fn length(&self) -> u64 {
        self.data.length()
    }

    /// Reads a range of it. Only these bytes get into the memory of a wasm module.
    ///
    /// # Errors
    ///
    /// The range is not within the file, or the host cannot read it. The error names the file.
    pub async fn read(&self, range: Range<u64>) -> Result<Bytes, HostError> {
        let length = self.length();
        if range.start > range.end || range.end > length {
            let why = format!(
                "the bytes from {} to {} are not within its {length} bytes",
                range.start, range.end
            );
            return Err(unreadable(&self.name, why));
        }
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let asked = range.end.saturating_sub(range.start);
        let read = self.data.read(range).await;
        let bytes = read.map_err(|error| unreadable(&self.name, error))?;
        if u64::try_from(bytes.len()) != Ok(asked) {
            let found = bytes.len();
            let why = format!("{found} bytes were read instead of {asked}");
            return Err(unreadable(&self.name, why));
        }
        Ok(bytes)
    }

    /// Reads all of it.
    pub async fn read_all(&self) -> Result<Bytes, HostError> {
        self.read(0..self.length()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestHost;

    #[test]
    fn a_name_is_a_file_of_one_folder() {
        for name in ["catalog.bin", "a", "A-1_b.c", &"x".repeat(MAX_NAME)] {
            assert_eq!(DataName::new(name).map(DataName::as_str), Ok(name));
        }
        for name in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "../a",
            "/a",
            "a\\b",
            "c:a",
            "a b",
            "a\0",
            "ä",
            &"x".repeat(MAX_NAME + 1),
        ] {
            assert!(DataName::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn ranges_are_read_within_the_file_only() {
        let host = TestHost::new();
        host.set_data("numbers.bin", Bytes::from_static(b"0123456789"));
        host.run(async {
            let file = DataFile::open(&host, "numbers.bin").await.unwrap().unwrap();
            assert_eq!(file.length(), 10);
            for (range, expected) in [
                (0..3, "012"),
                (4..6, "45"),
                (7..10, "789"),
                (10..10, ""),
                (0..10, "0123456789"),
            ] {
                assert_eq!(file.read(range).await.unwrap(), expected);
            }
            #[allow(clippy::reversed_empty_ranges)]
            for range in [0..11, 10..11, 11..11, 5..4, u64::MAX - 1..u64::MAX] {
                let error = file.read(range.clone()).await.unwrap_err().to_string();
                let expected = format!(
                    "the host could not read the data file numbers.bin: the bytes from {} to {} are not within its 10 bytes",
                    range.start, range.end
                );
                assert_eq!(error, expected);
            }
        });
    }

    #[test]
    fn a_file_that_is_not_there_is_no_error_and_one_that_cannot_be_read_is_named() {
        let host = TestHost::new();
        host.run(async {
            assert!(DataFile::open(&host, "absent").await.unwrap().is_none());
            let error = DataFile::open(&host, "../etc/passwd").await.unwrap_err();
            assert!(error.to_string().contains("\"../etc/passwd\""), "{error}");
        });
        host.set_data("torn.bin", Bytes::from_static(b"0123456789"));
        host.set_data_broken(true);
        host.run(async {
            let error = DataFile::open(&host, "torn.bin").await.unwrap_err();
            assert!(error.to_string().contains("torn.bin"), "{error}");
        });
    }
}
