//! A value that one request fetches and others use.
//!
//! No request waits for the future of another, which some hosts do not forgive. A cell holds the value and until when a request
//! is fetching; a request that finds it taken looks again after a moment.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use mcp_edge::context::Context;
use mcp_edge::host::Timestamp;

use super::AuthorityError;

/// The pause between two looks at whether another request's fetch has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The time for which a failure is the answer for others as well.
const FAILURE_TTL: Duration = Duration::from_secs(5);

/// A value, or why there is none, and until when that holds.
struct Held<T> {
    result: Result<T, AuthorityError>,
    until: Timestamp,
}

/// Where a value is.
pub(super) struct Flight<T> {
    held: RefCell<Option<Held<T>>>,
    /// Until when a request is fetching.
    lease: Cell<Option<Timestamp>>,
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self {
            held: RefCell::new(None),
            lease: Cell::new(None),
        }
    }
}

impl<T: Clone> Flight<T> {
    /// The value: the one that is there, or what `fetch` fetches within `most`. It says for how long the value may be used.
    pub(super) async fn get<R>(
        &self,
        cx: &Context,
        most: Duration,
        fetch: impl FnOnce() -> R,
    ) -> Result<T, AuthorityError>
    where
        R: Future<Output = Result<(T, Duration), AuthorityError>>,
    {
        let lease = loop {
            let now = cx.now();
            if let Some(result) = self.held(now) {
                return result;
            }
            if let Some(lease) = self.take_lease(now, most) {
                break lease;
            }
            cx.sleep(LOOK_AGAIN).await;
        };
        let fetched = fetch().await;
        let now = cx.now();
        let (result, ttl) = match fetched {
            Ok((value, ttl)) => (Ok(value), ttl),
            Err(error) => (Err(error), FAILURE_TTL),
        };
        self.held.replace(Some(Held {
            result: result.clone(),
            until: now.after(ttl),
        }));
        drop(lease);
        result
    }

    /// Forgets the value if it is `unwanted`.
    pub(super) fn forget(&self, unwanted: impl FnOnce(&T) -> bool) {
        let mut held = self.held.borrow_mut();
        let is_unwanted = held
            .as_ref()
            .and_then(|held| held.result.as_ref().ok())
            .is_some_and(unwanted);
        if is_unwanted {
            *held = None;
        }
    }

    fn held(&self, now: Timestamp) -> Option<Result<T, AuthorityError>> {
        let held = self.held.borrow();
        let held = held.as_ref().filter(|held| now < held.until)?;
        Some(held.result.clone())
    }

    fn take_lease(&self, now: Timestamp, most: Duration) -> Option<Lease<'_>> {
        if self.lease.get().is_some_and(|until| now < until) {
            return None;
        }
        self.lease.set(Some(now.after(most)));
        Some(Lease(&self.lease))
    }
}

/// The right to fetch, given back when its holder ends or is dropped.
struct Lease<'a>(&'a Cell<Option<Timestamp>>);

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
