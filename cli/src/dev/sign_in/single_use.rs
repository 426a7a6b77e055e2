//! Values that are taken once.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::development::unique;

/// The maximum number of values; the oldest makes room.
pub(super) const MAX_VALUES: usize = 100;

/// Values under keys that cannot be guessed, each of which can be taken once, within a time.
pub(super) struct SingleUse<T> {
    ttl: Duration,
    /// By the digest of the key, so that how long a comparison takes tells nothing about the key.
    values: VecDeque<([u8; 32], SystemTime, T)>,
}

impl<T> SingleUse<T> {
    pub(super) const fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            values: VecDeque::new(),
        }
    }

    pub(super) fn put(&mut self, key: &str, value: T, now: SystemTime) {
        if self.values.len() >= MAX_VALUES {
            self.values.pop_front();
        }
        self.values
            .push_back((Sha256::digest(key).into(), now, value));
    }

    pub(super) fn take(&mut self, key: &str, now: SystemTime) -> Option<T> {
        let digest: [u8; 32] = Sha256::digest(key).into();
        let index = self
            .values
            .iter()
            .position(|(known, ..)| *known == digest)?;
        let (_, since, value) = self.values.remove(index)?;
        let age = now.duration_since(since).ok()?;
        (age <= self.ttl).then_some(value)
    }
}

/// A key that cannot be guessed.
pub(super) fn key() -> Result<String, String> {
    unique().map_err(|error| error.to_string())
}
