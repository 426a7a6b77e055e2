//! The outbox: a folder of the machine, or one that several share.

use std::io;
use std::path::PathBuf;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{HostError, Outbox};

use super::directory_store::{DirectoryStore, MAX_FILE_BYTES};

const VARIABLE: &str = "MCP_EDGE_OUTBOX";

/// Keeps parcels in the folder that `MCP_EDGE_OUTBOX` names. A disk may take long, so that all of it happens beside the
/// thread that serves requests.
#[derive(Clone)]
pub(crate) struct FolderOutbox(Option<DirectoryStore>);

impl FolderOutbox {
    /// That of the folder which the variable names, if it is set.
    pub(crate) fn from_variable() -> Self {
        let folder = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
        Self(folder.map(|folder| DirectoryStore::new(PathBuf::from(folder))))
    }

    fn beside<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&DirectoryStore) -> io::Result<T> + Send + 'static,
    ) -> LocalBoxFuture<'static, Result<T, HostError>> {
        let folder = self.0.clone();
        Box::pin(async move {
            let failed = |reason: String| HostError {
                operation: operation.to_owned(),
                reason,
            };
            let folder = folder.ok_or_else(|| {
                failed(format!(
                    "{VARIABLE} is not set; let it name a folder that the server may write to"
                ))
            })?;
            let path = folder.path().display().to_string();
            let done = tokio::task::spawn_blocking(move || work(&folder)).await;
            done.map_err(io::Error::other).flatten().map_err(|error| {
                failed(format!(
                    "{error}; {VARIABLE} is `{path}` and must name a folder that the server may write to"
                ))
            })
        })
    }
}

impl Outbox for FolderOutbox {
    fn check(&self) -> LocalBoxFuture<'static, Result<(), HostError>> {
        self.beside("use the folder of the outbox", DirectoryStore::check)
    }

    fn longest(&self) -> usize {
        MAX_FILE_BYTES
    }

    fn put(&self, key: &str, parcel: String) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let key = key.to_owned();
        self.beside("keep events in the outbox", move |folder| {
            folder.put(&key, &parcel)
        })
    }

    fn keys(
        &self,
        prefix: &str,
        most: usize,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, HostError>> {
        let prefix = prefix.to_owned();
        self.beside("list what the outbox keeps", move |folder| {
            folder.keys(&prefix, most)
        })
    }

    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let key = key.to_owned();
        self.beside("read from the outbox", move |folder| folder.get(&key))
    }

    fn remove(&self, key: &str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let key = key.to_owned();
        self.beside("remove events from the outbox", move |folder| {
            folder.remove(&key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn without_the_variable_its_name_is_told() {
        let error = FolderOutbox(None).check().await.unwrap_err().to_string();
        assert!(error.contains("MCP_EDGE_OUTBOX is not set"), "{error}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_folder_is_reported_with_its_variable() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let outbox = FolderOutbox(Some(DirectoryStore::new(missing.clone())));
        let error = outbox.check().await.unwrap_err().to_string();
        assert!(error.contains("MCP_EDGE_OUTBOX"), "{error}");
        assert!(error.contains(missing.to_str().unwrap()), "{error}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_slow_disk_delays_no_other_request() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = FolderOutbox(Some(DirectoryStore::new(folder.path().into())));
        let (answer, disk) = std::sync::mpsc::channel();
        let slow = outbox.beside("wait for the disk", move |_| {
            disk.recv().map_err(io::Error::other)
        });
        // The disk answers only once this thread has gone on.
        let (waited, ()) = futures_util::future::join(slow, async {
            tokio::task::yield_now().await;
            answer.send("turned").unwrap();
        })
        .await;
        assert_eq!(waited, Ok("turned"));
    }
}
