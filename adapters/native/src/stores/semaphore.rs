//! Places for the requests that the process serves at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mcp_edge_runtime::host::ConcurrencyPermit;

/// How many places are taken, in all threads of the process.
#[derive(Clone, Default)]
pub(crate) struct Semaphore(Arc<AtomicUsize>);

impl Semaphore {
    /// Takes a place until the permit is dropped; `None` if `limit` are taken.
    pub(crate) fn take(&self, limit: usize) -> Option<ConcurrencyPermit> {
        // The count alone matters, and no other memory depends on it.
        let one_more = |taken: usize| (taken < limit).then(|| taken.saturating_add(1));
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()?;
        let taken = Arc::clone(&self.0);
        Some(ConcurrencyPermit::new(move || {
            taken.fetch_sub(1, Ordering::Relaxed);
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_permit_is_dropped() {
        let places = Semaphore::default();
        let other_thread = places.clone();
        let taken = [places.take(2), other_thread.take(2)];
        assert!(taken.iter().all(Option::is_some));
        assert!(places.take(2).is_none());
        drop(taken);
        assert!(places.take(1).is_some());
    }
}
