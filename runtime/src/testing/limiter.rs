//! Counts calls exactly, by the test's clock.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::ready;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::host::{ConcurrencyPermit, HostError, Limiter, RateDecision, RateLimit, Timestamp};

/// When to try again while too many calls are running: how long they will is unknown.
const RETRY_RUNNING: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct TestLimiter(Rc<RefCell<BTreeMap<(&'static str, String), Counted>>>);

/// What one key of one rate has used.
#[derive(Default)]
struct Counted {
    /// The times of the calls within the period.
    calls: VecDeque<Timestamp>,
    running: u32,
}

impl TestLimiter {
    fn count_now(&self, rate: &'static RateLimit, key: &str, now: Timestamp) -> RateDecision {
        let key = (rate.name, key.to_owned());
        let mut counts = self.0.borrow_mut();
        let counted = counts.entry(key.clone()).or_default();
        if rate.concurrent.is_some_and(|max| counted.running >= max) {
            return RateDecision::Beyond {
                retry_after: RETRY_RUNNING,
            };
        }
        if let Some(max) = rate.calls {
            while counted
                .calls
                .front()
                .is_some_and(|call| call.after(rate.period) <= now)
            {
                counted.calls.pop_front();
            }
            if counted.calls.len() >= usize::try_from(max).unwrap() {
                let free = counted.calls.front().map(|call| call.after(rate.period));
                return RateDecision::Beyond {
                    retry_after: free.map_or(rate.period, |free| free.since(now)),
                };
            }
            counted.calls.push_back(now);
        }
        counted.running += 1;
        let counts = Rc::clone(&self.0);
        RateDecision::Within(ConcurrencyPermit::new(move || {
            if let Some(counted) = counts.borrow_mut().get_mut(&key) {
                counted.running -= 1;
            }
        }))
    }
}

impl Limiter for TestLimiter {
    fn check(&self, _: &'static RateLimit) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(ready(Ok(())))
    }

    fn count(
        &self,
        rate: &'static RateLimit,
        key: &str,
        now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<RateDecision, HostError>> {
        Box::pin(ready(Ok(self.count_now(rate, key, now))))
    }
}
