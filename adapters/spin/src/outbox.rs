//! The outbox: entries of the key-value store.

use std::collections::BinaryHeap;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{HostError, Outbox};

use crate::store;

/// What every key in the store begins with, which other components may use as well.
const PLACE: &str = "mcp-edge/outbox/";

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

fn place(key: &str) -> String {
    format!("{PLACE}{key}")
}

/// The smallest keys of a store; no more are held, however many it has.
struct Smallest {
    prefix: String,
    most: usize,
    keys: BinaryHeap<String>,
}

impl Smallest {
    fn new(prefix: String, most: usize) -> Self {
        Self {
            prefix,
            most,
            keys: BinaryHeap::new(),
        }
    }

    fn see(&mut self, key: String) {
        if key.starts_with(&self.prefix) {
            self.keys.push(key);
        }
        if self.keys.len() > self.most {
            self.keys.pop();
        }
    }

    /// As the runtime knows them.
    fn keys(self) -> Vec<String> {
        let keys = self.keys.into_sorted_vec().into_iter();
        keys.filter_map(|key| key.strip_prefix(PLACE).map(str::to_owned))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smallest(prefix: &str, most: usize) -> Vec<String> {
        let mut smallest = Smallest::new(place(prefix), most);
        for key in ["b/2", "a/10", "b/1", "a/2", "a/1", "ab/0"] {
            smallest.see(place(key));
        }
        for others in ["a/0", "mcp-edge/cache/a/0", "mcp-edge/outbox", ""] {
            smallest.see(others.to_owned());
        }
        smallest.keys()
    }

    #[test]
    fn keys_are_the_smallest_of_ours_in_order() {
        assert_eq!(smallest("a/", 2), ["a/1", "a/10"]);
        assert_eq!(smallest("a/", 9), ["a/1", "a/10", "a/2"]);
        assert_eq!(smallest("c/", 9), Vec::<String>::new());
        assert_eq!(smallest("", 0), Vec::<String>::new());
        assert_eq!(smallest("", 99).len(), 6);
    }
}
