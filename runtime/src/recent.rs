//! A map that remembers what was used recently.

use std::collections::BTreeMap;

/// A map of at most about a given size. Only ever an optimisation: it forgets whenever it likes.
///
/// Two halves, the young one and the old one. When the young half is full it becomes the old one, and what
/// was in that is forgotten, unless it was asked for since: nothing is ever searched for what to forget.
#[derive(Debug)]
pub struct RecentMap<K, V> {
    half: usize,
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
}

impl<K: Ord + Clone, V: Clone> RecentMap<K, V> {
    /// Remembers at most about `capacity` entries; none if that is 0.
    pub fn new(capacity: usize) -> Self {
        Self {
            half: capacity.div_ceil(2),
            young: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }

    /// What is known of a key.
    pub fn get(&mut self, key: &K) -> Option<V> {
        if let Some(known) = self.young.get(key) {
            return Some(known.clone());
        }
        let known = self.old.remove(key)?;
        self.insert(key.clone(), known.clone());
        Some(known)
    }

    /// Remembers an entry, or what has changed about it.
    pub fn insert(&mut self, key: K, known: V) {
        if self.half == 0 {
            return;
        }
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, known);
    }

    /// Forgets an entry.
    pub fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}
