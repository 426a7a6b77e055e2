//! Files of the component.

use std::fs::File;
use std::future::ready;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Data, DataName};

/// Where the manifest puts them: `files = [{ source = "data", destination = "/data" }]`.
const FOLDER: &str = "/data";

/// A file of the component, which Spin has put on the machine before the component starts.
struct ComponentFile {
    file: File,
    length: u64,
}

/// The data file `name`. A component without the folder has none.
pub(crate) fn open(name: DataName<'_>) -> io::Result<Option<Rc<dyn Data>>> {
    let folder = Path::new(FOLDER);
    // Without any `files` there is no file system, and opening fails with an error of no kind.
    if !folder.is_dir() {
        return Ok(None);
    }
    let opened = File::open(folder.join(name.as_str()));
    if matches!(&opened, Err(error) if error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let file = opened?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let length = metadata.len();
    Ok(Some(Rc::new(ComponentFile { file, length })))
}

impl ComponentFile {
    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let length = range.end.saturating_sub(range.start);
        let mut buffer = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(range.start))?;
        file.read_exact(&mut buffer)?;
        Ok(buffer.into())
    }
}

impl Data for ComponentFile {
    fn length(&self) -> u64 {
        self.length
    }

    /// Reads at once: nothing else of the instance can move the file's position in between.
    fn read(&self, range: Range<u64>) -> LocalBoxFuture<'static, io::Result<Bytes>> {
        Box::pin(ready(self.read_range(range)))
    }
}
