//! What the threads of a process share.

use crate::cache::SharedCache;
use crate::limiter::SharedLimiter;
use crate::places::Places;

/// The one small store of a process; its copies are the same store.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    pub(crate) cache: SharedCache,
    pub(crate) limiter: SharedLimiter,
    pub(crate) places: Places,
}
