//! What the threads of a process share, and what outlives them.

mod cache;
mod directory_store;
mod limiter;
mod outbox;
mod semaphore;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use self::cache::SharedCache;
use self::limiter::SharedLimiter;
pub(crate) use self::outbox::FolderOutbox;
pub(crate) use self::semaphore::Semaphore;
use crate::development::EphemeralKeys;

/// The one small store of a process; its copies are the same store.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) cache: SharedCache,
    pub(crate) limiter: SharedLimiter,
    pub(crate) places: Semaphore,
    pub(crate) stopping: Stopping,
    pub(crate) ephemeral_keys: EphemeralKeys,
}

/// Whether the process has been told to stop.
#[derive(Clone, Default)]
pub(crate) struct Stopping(Arc<AtomicBool>);

impl Stopping {
    pub(crate) fn begin(&self) {
        // Nothing else depends on when another thread sees it.
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
