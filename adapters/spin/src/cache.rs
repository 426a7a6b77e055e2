//! A cache in the key-value store.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Cache, HostError, Timestamp};

use crate::host::now;
use crate::store;

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

/// The key in the store, which other components may use as well.
fn place(key: &str) -> String {
    format!("mcp-edge/cache/{key}")
}

/// A value as it lies in the store: after the time at which it ends, in milliseconds since the Unix epoch.
fn entry(value: &str, end: Timestamp) -> String {
    format!("{}\n{value}", end.as_millis())
}

/// The value of an entry that has not ended and is one of ours.
fn value(entry: &str, now: Timestamp) -> Option<&str> {
    let (end, value) = entry.split_once('\n')?;
    (now < Timestamp::from_millis(end.parse().ok()?)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_there_until_its_end() {
        let entry = entry("{\"keys\":\n[]}", Timestamp::from_millis(1_000));
        let value = |now| value(&entry, Timestamp::from_millis(now));
        assert_eq!(value(0), Some("{\"keys\":\n[]}"));
        assert_eq!(value(999), Some("{\"keys\":\n[]}"));
        assert_eq!(value(1_000), None);
    }

    #[test]
    fn what_somebody_else_wrote_is_nothing() {
        for entry in ["", "value", "\nvalue", "-1\nvalue", "soon\nvalue"] {
            assert_eq!(value(entry, Timestamp::from_millis(0)), None, "{entry:?}");
        }
    }
}
