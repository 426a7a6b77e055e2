//! The keys of the outbox among those of the store.

use std::collections::BinaryHeap;

/// What every key in the store begins with, which other components may use as well.
const PLACE: &str = "mcp-edge/outbox/";

/// The key in the store.
pub(crate) fn place(key: &str) -> String {
    format!("{PLACE}{key}")
}

/// The smallest keys of a store; no more are held, however many it has.
pub(crate) struct Smallest {
    prefix: String,
    most: usize,
    keys: BinaryHeap<String>,
}

impl Smallest {
    pub(crate) fn new(prefix: String, most: usize) -> Self {
        Self {
            prefix,
            most,
            keys: BinaryHeap::new(),
        }
    }

    pub(crate) fn see(&mut self, key: String) {
        if key.starts_with(&self.prefix) {
            self.keys.push(key);
        }
        if self.keys.len() > self.most {
            self.keys.pop();
        }
    }

    /// As the runtime knows them.
    pub(crate) fn keys(self) -> Vec<String> {
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
