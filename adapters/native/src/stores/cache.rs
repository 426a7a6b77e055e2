//! A cache that the threads share.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::host::{Cache, HostError, Timestamp};

use crate::clock::now;

/// The most that is kept, in bytes of keys and values.
const MAX_BYTES: usize = 16 << 20;

/// Keeps values in the memory of the process.
#[derive(Clone, Default)]
pub(crate) struct SharedCache(Arc<Mutex<Entries>>);

impl Cache for SharedCache {
    fn get(&self, key: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        Box::pin(ready(Ok(self.entries().get(key, now()))))
    }

    fn put(
        &self,
        key: &str,
        value: String,
        lifetime: Duration,
    ) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let now = now();
        self.entries().put(key, value, now.after(lifetime), now);
        Box::pin(ready(Ok(())))
    }
}

impl SharedCache {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // At worst a panic has left the count of bytes too high or too low for one entry.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<String, Entry>,
    bytes: usize,
}

struct Entry {
    value: String,
    end: Timestamp,
}

impl Entries {
    fn get(&self, key: &str, now: Timestamp) -> Option<String> {
        let entry = self.by_key.get(key).filter(|entry| now < entry.end)?;
        Some(entry.value.clone())
    }

    fn put(&mut self, key: &str, value: String, end: Timestamp, now: Timestamp) {
        let size = size(key, &value);
        if size > MAX_BYTES {
            return;
        }
        self.remove(key);
        if self.bytes.saturating_add(size) > MAX_BYTES {
            self.by_key.retain(|_, entry| now < entry.end);
            self.bytes = self
                .by_key
                .iter()
                .map(|(key, entry)| size_of_entry(key, entry))
                .sum();
        }
        if self.bytes.saturating_add(size) > MAX_BYTES {
            // A server keeps far less; an order of who goes first would be there for nothing.
            self.by_key.clear();
            self.bytes = 0;
        }
        self.bytes = self.bytes.saturating_add(size);
        self.by_key.insert(key.to_owned(), Entry { value, end });
    }

    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.by_key.remove(key) {
            self.bytes = self.bytes.saturating_sub(size(key, &entry.value));
        }
    }
}

fn size_of_entry(key: &str, entry: &Entry) -> usize {
    size(key, &entry.value)
}

fn size(key: &str, value: &str) -> usize {
    key.len().saturating_add(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_value_is_there_until_its_end() {
        let mut entries = Entries::default();
        entries.put("key", "value".to_owned(), at(1_000), at(0));
        assert_eq!(entries.get("key", at(999)).as_deref(), Some("value"));
        assert_eq!(entries.get("key", at(1_000)), None);
        assert_eq!(entries.get("other", at(0)), None);
    }

    #[test]
    fn a_new_value_takes_the_place_of_the_old() {
        let mut entries = Entries::default();
        entries.put("key", "a longer value".to_owned(), at(1_000), at(0));
        entries.put("key", "value".to_owned(), at(2_000), at(0));
        assert_eq!(entries.get("key", at(1_500)).as_deref(), Some("value"));
        assert_eq!(entries.bytes, "keyvalue".len());
    }

    #[test]
    fn the_cache_stays_within_its_bounds() {
        let mut entries = Entries::default();
        let large = "x".repeat(MAX_BYTES / 4);
        for key in 0..64 {
            entries.put(&key.to_string(), large.clone(), at(1_000), at(0));
            assert!(entries.bytes <= MAX_BYTES);
            assert!(entries.get(&key.to_string(), at(0)).is_some());
        }
        entries.put("key", "x".repeat(MAX_BYTES), at(1_000), at(0));
        assert_eq!(entries.get("key", at(0)), None);
    }

    #[test]
    fn what_has_ended_makes_room_before_anything_else_goes() {
        let mut entries = Entries::default();
        let half = "x".repeat(MAX_BYTES / 2 - 16);
        entries.put("short", half.clone(), at(1_000), at(0));
        entries.put("long", half.clone(), at(9_000), at(0));
        entries.put("new", half, at(9_000), at(2_000));
        assert!(entries.get("long", at(2_000)).is_some());
        assert!(entries.get("new", at(2_000)).is_some());
    }

    #[test]
    fn threads_see_what_others_kept() {
        use futures_util::FutureExt as _;

        let cache = SharedCache::default();
        let other = cache.clone();
        std::thread::spawn(move || {
            other
                .put("key", "value".to_owned(), Duration::from_secs(3600))
                .now_or_never()
        })
        .join()
        .unwrap();
        let value = cache.get("key").now_or_never().unwrap().unwrap();
        assert_eq!(value.as_deref(), Some("value"));
    }
}
