//! Documents that operators replace while the server runs: files.

use std::fs::File;
use std::io::{self, Read as _};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::HostError;

/// The file at `path`; `None` if there is none. It is read beside the thread that serves requests: the disk may be a network's.
pub(crate) fn read(
    path: &str,
    max_bytes: usize,
) -> LocalBoxFuture<'static, Result<Option<Bytes>, HostError>> {
    let path = path.to_owned();
    Box::pin(async move {
        let operation = format!("read the file {path}");
        let reading = tokio::task::spawn_blocking(move || read_file(&path, max_bytes));
        let read = reading.await.map_err(io::Error::other).flatten();
        read.map_err(|error| HostError {
            operation,
            reason: error.to_string(),
        })
    })
}

fn read_file(path: &str, max_bytes: usize) -> io::Result<Option<Bytes>> {
    // To open what is no file, a pipe for example, may wait forever.
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is not a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        checked => checked?,
    };
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() > max_bytes {
        return Err(io::Error::other(format!(
            "it is longer than {max_bytes} bytes"
        )));
    }
    Ok(Some(bytes.into()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn reads(path: &Path, max_bytes: usize) -> Result<Option<Bytes>, String> {
        read_file(path.to_str().unwrap(), max_bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_nothing_else_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("live-policy.jws");
        assert_eq!(reads(&path, 4), Ok(None));
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(reads(&path, 4), Ok(Some("abcd".into())));
        assert_eq!(reads(&path, 3), Err("it is longer than 3 bytes".to_owned()));
        assert_eq!(reads(folder.path(), 4), Err("it is not a file".to_owned()));
        assert_eq!(
            reads(Path::new("/dev/zero"), 4),
            Err("it is not a file".to_owned())
        );
    }
}
