//! Data files: those of a folder.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Data, DataName};

const VARIABLE: &str = "MCP_EDGE_DATA";

/// In the working directory: the folder that is deployed has the same files, in the folder of the same name, for every host.
const DEFAULT: &str = "data";

/// The most that is read before other requests of the thread have their turn, in bytes. The files are on a local disk, so that a
/// range is a copy from the page cache, which takes less than to hand it to another thread.
const CHUNK: usize = 256 << 10;

/// The data files of the folder that `MCP_EDGE_DATA` names.
pub(crate) struct DataFolder {
    path: PathBuf,
    is_named: bool,
}

impl DataFolder {
    /// That of the folder which the variable names, or else `data`.
    pub(crate) fn from_variable() -> Self {
        let named = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
        Self {
            is_named: named.is_some(),
            path: named.map_or_else(|| PathBuf::from(DEFAULT), PathBuf::from),
        }
    }

    /// The data file `name`. It is opened once: a file that takes its name later, as a deployment does it, is another one.
    pub(crate) fn open(&self, name: DataName<'_>) -> io::Result<Option<Rc<dyn Data>>> {
        let path = self.path.join(name.as_str());
        let opened = File::open(&path);
        if matches!(&opened, Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return self.check().map(|()| None);
        }
        let named = |error| io::Error::other(format!("{}: {error}", path.display()));
        let file = opened.map_err(named)?;
        let metadata = file.metadata().map_err(named)?;
        if !metadata.is_file() {
            return Err(named(io::Error::other("it is not a file")));
        }
        Ok(Some(Rc::new(FolderFile {
            file: Rc::new(file),
            length: metadata.len(),
        })))
    }

    /// Whether the folder is there, if the variable names one.
    fn check(&self) -> io::Result<()> {
        if self.is_named && !self.path.is_dir() {
            return Err(io::Error::other(format!(
                "{VARIABLE} is `{}`, which is not a folder; let it name the folder of the data files",
                self.path.display()
            )));
        }
        Ok(())
    }
}

struct FolderFile {
    file: Rc<File>,
    length: u64,
}

impl Data for FolderFile {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, range: Range<u64>) -> LocalBoxFuture<'static, io::Result<Bytes>> {
        let file = Rc::clone(&self.file);
        Box::pin(async move {
            let length = range.end.saturating_sub(range.start);
            let mut buffer = vec![0; usize::try_from(length).map_err(io::Error::other)?];
            let mut place = range.start;
            for chunk in buffer.chunks_mut(CHUNK) {
                if place > range.start {
                    tokio::task::yield_now().await;
                }
                file.read_exact_at(chunk, place)?;
                place = place.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            }
            Ok(buffer.into())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use futures_util::FutureExt as _;

    use super::*;

    fn folder(name: &str) -> DataFolder {
        let path =
            std::env::temp_dir().join(format!("mcp-edge-data-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        DataFolder {
            path,
            is_named: true,
        }
    }

    fn open(folder: &DataFolder, name: &str) -> io::Result<Option<Rc<dyn Data>>> {
        folder.open(DataName::new(name).unwrap())
    }

    #[test]
    fn a_file_is_the_one_that_was_opened() {
        let folder = folder("opened");
        let path = folder.path.join("a.bin");
        fs::write(&path, "before").unwrap();
        let file = open(&folder, "a.bin").unwrap().unwrap();
        let deployed = folder.path.join("next");
        fs::write(&deployed, "afterwards").unwrap();
        fs::rename(&deployed, &path).unwrap();
        assert_eq!(file.length(), 6);
        let read = file.read(0..6).now_or_never().unwrap().unwrap();
        assert_eq!(read, "before");
        assert_eq!(open(&folder, "a.bin").unwrap().unwrap().length(), 10);
        fs::remove_dir_all(&folder.path).unwrap();
    }

    #[test]
    fn a_file_that_has_become_shorter_is_an_error() {
        let folder = folder("shorter");
        let path = folder.path.join("a.bin");
        fs::write(&path, "0123456789").unwrap();
        let file = open(&folder, "a.bin").unwrap().unwrap();
        fs::write(&path, "01234").unwrap();
        let read = file.read(3..8).now_or_never().unwrap();
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        fs::remove_dir_all(&folder.path).unwrap();
    }

    #[test]
    fn a_long_range_is_read_in_chunks() {
        let folder = folder("long");
        let bytes: Vec<u8> = (0..=250).cycle().take(CHUNK * 2 + 7).collect();
        fs::write(folder.path.join("a.bin"), &bytes).unwrap();
        let file = open(&folder, "a.bin").unwrap().unwrap();
        let executor = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let read = executor.block_on(file.read(1..file.length())).unwrap();
        assert_eq!(Some(read.as_ref()), bytes.get(1..));
        fs::remove_dir_all(&folder.path).unwrap();
    }

    #[test]
    fn what_is_not_a_file_is_named() {
        let folder = folder("not-a-file");
        fs::create_dir(folder.path.join("inner")).unwrap();
        let error = open(&folder, "inner").err().unwrap().to_string();
        assert!(error.contains("inner: it is not a file"), "{error}");
        assert!(open(&folder, "absent").unwrap().is_none());
        fs::remove_dir_all(&folder.path).unwrap();
        let error = open(&folder, "absent").err().unwrap().to_string();
        assert!(error.contains("MCP_EDGE_DATA"), "{error}");
        let unset = DataFolder {
            is_named: false,
            ..folder
        };
        assert!(open(&unset, "absent").unwrap().is_none());
    }
}
