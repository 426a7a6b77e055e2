//! A cache in the key-value store.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Cache, HostError};

use super::host::now;
use super::store;
use crate::cache_entry::{entry, place, value};

/// Keeps values in the key-value store, each with its own end, since the store forgets nothing.
pub(crate) struct StoreCache;

impl Cache for StoreCache {
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let key = place(key);
        Box::pin(async move {
            let entry = store::read(&key).await?;
            Ok(entry.and_then(|entry| value(&entry, now()).map(str::to_owned)))
        })
    }

    fn put(
        &self,
        key: &str,
        value: String,
        lifetime: Duration,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let key = place(key);
        Box::pin(async move { store::write(&key, &entry(&value, now().after(lifetime))).await })
    }
}
