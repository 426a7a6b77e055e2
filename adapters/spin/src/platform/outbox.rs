//! The outbox: entries of the key-value store.

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{HostError, Outbox};

use super::store;
use crate::outbox_keys::{Smallest, place};

/// Keeps parcels in the store `default`, one entry for each, until they are delivered.
///
/// A parcel is as safe as the store: Spin's own is a SQLite file of one machine, others are chosen in the runtime
/// configuration. The store can list all its keys and no part of them, so that to look for parcels costs as much as the
/// store has entries; that is done once after a response whose event goes to a sink with an outbox, unless another request
/// of the instance is at it. Two instances that look at the same time deliver the same parcel, which the event's id gives away.
pub(crate) struct StoreOutbox;

impl Outbox for StoreOutbox {
    fn check(&self) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(store::check())
    }

    fn put(&self, key: &str, parcel: String) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let key = place(key);
        Box::pin(async move { store::write(&key, &parcel).await })
    }

    fn keys(
        &self,
        prefix: &str,
        most: usize,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, HostError>> {
        let mut smallest = Smallest::new(place(prefix), most);
        Box::pin(async move {
            store::list(|key| smallest.see(key)).await?;
            Ok(smallest.keys())
        })
    }

    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let key = place(key);
        Box::pin(async move { store::read(&key).await })
    }

    fn remove(&self, key: &str) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let key = place(key);
        Box::pin(async move { store::delete(&key).await })
    }
}
