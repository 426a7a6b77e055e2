//! Counts calls for all threads of the process.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::config::RateLimit;
use mcp_edge_runtime::host::{ConcurrencyPermit, HostError, Limiter, RateDecision, Timestamp};

use super::window::Window;

/// The most keys that one rate counts apart at a time.
const MAX_KEYS: usize = 1 << 16;
/// How many keys are worth looking through for idle ones.
const FEW_KEYS: usize = 1 << 10;
/// How long to wait at least before looking through them again.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);
/// When to try again while too many calls are running: how long they will is unknown.
const RETRY_RUNNING: Duration = Duration::from_secs(1);

/// Counts exactly, in the memory of the process.
#[derive(Clone, Default)]
pub(crate) struct SharedLimiter(Arc<Mutex<HashMap<&'static str, Callers>>>);

impl Limiter for SharedLimiter {
    fn check(&self, _rate: &'static RateLimit) -> LocalBoxFuture<'static, Result<(), HostError>> {
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

impl SharedLimiter {
    fn count_now(&self, rate: &'static RateLimit, key: &str, now: Timestamp) -> RateDecision {
        let mut rates = self.rates();
        let callers = rates.entry(rate.name).or_default();
        let entered = match callers.caller(rate, key, now) {
            Some(caller) => caller.enter(rate, now),
            // A caller that could fill the memory must not gain by it.
            None => Err(BETWEEN_SWEEPS),
        };
        drop(rates);
        match entered {
            Err(retry_after) => RateDecision::Beyond { retry_after },
            Ok(()) if rate.concurrent.is_none() => {
                RateDecision::Within(ConcurrencyPermit::default())
            }
            Ok(()) => {
                let (limiter, key) = (self.clone(), key.to_owned());
                RateDecision::Within(ConcurrencyPermit::new(move || limiter.leave(rate, &key)))
            }
        }
    }

    fn leave(&self, rate: &'static RateLimit, key: &str) {
        if let Some(callers) = self.rates().get_mut(rate.name) {
            callers.leave(key);
        }
    }

    fn rates(&self) -> MutexGuard<'_, HashMap<&'static str, Callers>> {
        // Nothing panics in between that would leave a count half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is counted for one rate.
#[derive(Default)]
struct Callers {
    by_key: HashMap<String, Caller>,
    swept: Option<Timestamp>,
}

#[derive(Default)]
struct Caller {
    window: Window,
    running: u32,
}

impl Callers {
    /// The caller under `key`; `None` if it is a new one and there are too many.
    fn caller(&mut self, rate: &RateLimit, key: &str, now: Timestamp) -> Option<&mut Caller> {
        if !self.by_key.contains_key(key) {
            self.sweep(rate, now);
            if self.by_key.len() >= MAX_KEYS {
                return None;
            }
            self.by_key.insert(key.to_owned(), Caller::default());
        }
        self.by_key.get_mut(key)
    }

    /// Forgets who is idle, now and then.
    fn sweep(&mut self, rate: &RateLimit, now: Timestamp) {
        let lately = |swept: Timestamp| swept <= now && now.since(swept) < BETWEEN_SWEEPS;
        if self.by_key.len() >= FEW_KEYS && !self.swept.is_some_and(lately) {
            self.by_key.retain(|_, caller| {
                caller.running > 0 || !caller.window.is_empty(rate.period, now)
            });
            self.swept = Some(now);
        }
    }

    fn leave(&mut self, key: &str) {
        if let Some(caller) = self.by_key.get_mut(key) {
            caller.running = caller.running.saturating_sub(1);
        }
    }
}

impl Caller {
    /// Begins a call, or says when trying again makes sense.
    fn enter(&mut self, rate: &RateLimit, now: Timestamp) -> Result<(), Duration> {
        if rate.concurrent.is_some_and(|most| self.running >= most) {
            return Err(RETRY_RUNNING);
        }
        if let Some(calls) = rate.calls {
            self.window.enter(calls, rate.period, now)?;
        }
        if rate.concurrent.is_some() {
            self.running = self.running.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    static TWICE: RateLimit = RateLimit {
        name: "twice a minute",
        calls: Some(2),
        ..RateLimit::DEFAULT
    };
    static AT_ONCE: RateLimit = RateLimit {
        name: "three at once",
        concurrent: Some(3),
        ..RateLimit::DEFAULT
    };

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn within(counted: RateDecision) -> Option<ConcurrencyPermit> {
        match counted {
            RateDecision::Within(permit) => Some(permit),
            RateDecision::Beyond { .. } => None,
        }
    }

    #[test]
    fn keys_and_rates_are_counted_apart() {
        static OTHER: RateLimit = RateLimit {
            name: "another",
            ..TWICE
        };
        let limiter = SharedLimiter::default();
        for _ in 0..2 {
            assert!(within(limiter.count_now(&TWICE, "ann", at(0))).is_some());
        }
        assert!(within(limiter.count_now(&TWICE, "ann", at(59))).is_none());
        assert!(within(limiter.count_now(&TWICE, "bob", at(59))).is_some());
        assert!(within(limiter.count_now(&OTHER, "ann", at(59))).is_some());
        assert!(within(limiter.count_now(&TWICE, "ann", at(60))).is_some());
    }

    #[test]
    fn a_place_is_given_back_when_the_permit_is_dropped() {
        let limiter = SharedLimiter::default();
        let enter = || within(limiter.count_now(&AT_ONCE, "ann", at(0)));
        let permits = [enter(), enter(), enter()];
        assert!(permits.iter().all(Option::is_some));
        assert!(enter().is_none());
        drop(permits);
        assert!(enter().is_some());
    }

    #[test]
    fn a_call_that_finds_no_place_is_not_counted() {
        static BOTH: RateLimit = RateLimit {
            name: "one at once, twice a minute",
            calls: Some(2),
            concurrent: Some(1),
            ..RateLimit::DEFAULT
        };
        let limiter = SharedLimiter::default();
        let enter = || within(limiter.count_now(&BOTH, "ann", at(0)));
        let first = enter();
        assert!(first.is_some());
        for _ in 0..10 {
            assert!(enter().is_none());
        }
        drop(first);
        assert!(enter().is_some());
        assert!(enter().is_none());
    }

    #[test]
    fn threads_never_run_more_calls_than_the_rate_and_give_every_place_back() {
        const THREADS: usize = 8;
        let limiter = SharedLimiter::default();
        let running = AtomicU32::new(0);
        let let_through = AtomicU32::new(0);
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..2_000 {
                        let permit = within(limiter.count_now(&AT_ONCE, "ann", at(0)));
                        if permit.is_some() {
                            let others = running.fetch_add(1, Ordering::SeqCst);
                            assert!(others < 3, "{others} others are running");
                            std::thread::yield_now();
                            running.fetch_sub(1, Ordering::SeqCst);
                            let_through.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert!(let_through.into_inner() > 0);
        let enter = || within(limiter.count_now(&AT_ONCE, "ann", at(0)));
        let permits = [enter(), enter(), enter()];
        assert!(permits.iter().all(Option::is_some));
        assert!(enter().is_none());
    }

    #[test]
    fn threads_together_stay_within_the_rate() {
        static HUNDRED: RateLimit = RateLimit {
            name: "a hundred",
            calls: Some(100),
            ..RateLimit::DEFAULT
        };
        let limiter = SharedLimiter::default();
        let let_through = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        if within(limiter.count_now(&HUNDRED, "ann", at(0))).is_some() {
                            let_through.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert_eq!(let_through.into_inner(), 100);
    }

    #[test]
    fn idle_keys_make_room_and_busy_ones_do_not() {
        let limiter = SharedLimiter::default();
        for key in 0..MAX_KEYS {
            assert!(within(limiter.count_now(&TWICE, &key.to_string(), at(0))).is_some());
        }
        assert!(within(limiter.count_now(&TWICE, "new", at(59))).is_none());
        assert!(within(limiter.count_now(&TWICE, "0", at(59))).is_some());
        assert!(within(limiter.count_now(&TWICE, "new", at(60))).is_some());
        let kept = limiter.rates().get(TWICE.name).unwrap().by_key.len();
        assert_eq!(kept, 2);
    }

    #[test]
    fn a_caller_with_a_running_call_is_not_idle() {
        let limiter = SharedLimiter::default();
        let permits = [(); 3].map(|()| within(limiter.count_now(&AT_ONCE, "ann", at(0))));
        for key in 0..FEW_KEYS {
            drop(limiter.count_now(&AT_ONCE, &key.to_string(), at(3600)));
        }
        drop(limiter.count_now(&AT_ONCE, "new", at(7200)));
        assert!(within(limiter.count_now(&AT_ONCE, "ann", at(7200))).is_none());
        drop(permits);
    }
}
