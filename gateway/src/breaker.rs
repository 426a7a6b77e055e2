//! Whether an upstream counts as down, or one of its operations as too slow.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge::host::Timestamp;

/// The maximum number of operations whose timeouts are counted. A few are slow; where all are, the others are not counted.
const MAX_SLOW: usize = 256;

/// The breakers of one upstream. A failed connection and a response of 502, 503 or 504 are about the upstream. A timeout is about
/// the operation: a caller who asks for what takes too long must not take all others away from everybody.
#[derive(Debug)]
pub(crate) struct Breakers {
    upstream: Breaker,
    /// By the name of the operation: those whose last call has timed out.
    slow: RefCell<BTreeMap<Box<str>, Breaker>>,
}

/// What calls fail at once for, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Upstream(Duration),
    Operation(Duration),
}

/// The result of a call that was let through, as far as it says something about the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallEnd {
    /// There was a response that the upstream itself has made.
    Answered,
    /// There was a response in time, that the upstream is down.
    Unavailable,
    /// There was no connection, or no usable response.
    Failed,
    /// There was no response in time.
    TimedOut,
}

/// A call that was let through. One that ends without [`end`](Self::end) leaves nothing.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    breakers: &'a Breakers,
    operation: &'a str,
    upstream: Trial,
    slow: Option<Trial>,
}

impl Breakers {
    /// Breakers that open after `limit` failures in a row, for `pause`.
    pub(crate) fn new(limit: u32, pause: Duration) -> Self {
        Self {
            upstream: Breaker::new(limit, pause),
            slow: RefCell::default(),
        }
    }

    /// Lets a call of an operation through, or says how long calls fail for.
    pub(crate) fn admit<'a>(
        &'a self,
        operation: &'a str,
        now: Timestamp,
    ) -> Result<Admitted<'a>, Open> {
        let upstream = self.upstream.admit(now).map_err(Open::Upstream)?;
        let slow = self.slow.borrow().get(operation).cloned();
        let slow = slow.map(|slow| slow.admit(now)).transpose();
        Ok(Admitted {
            breakers: self,
            operation,
            upstream,
            slow: slow.map_err(Open::Operation)?,
        })
    }

    fn timed_out(&self, operation: &str, now: Timestamp) {
        let mut slow = self.slow.borrow_mut();
        if !slow.contains_key(operation) {
            if self.upstream.limit == 0 {
                return;
            }
            if slow.len() >= MAX_SLOW {
                slow.retain(|_, breaker| breaker.is_open(now));
            }
            if slow.len() >= MAX_SLOW {
                return;
            }
            let breaker = Breaker::new(self.upstream.limit, self.upstream.pause);
            slow.insert(operation.into(), breaker);
        }
        if let Some(breaker) = slow.get(operation) {
            breaker.record(false, now);
        }
    }
}

impl Admitted<'_> {
    /// Records how the call has ended.
    pub(crate) fn end(self, end: CallEnd, now: Timestamp) {
        let (breakers, upstream) = (self.breakers, &self.breakers.upstream);
        match end {
            CallEnd::Answered | CallEnd::Unavailable => {
                breakers.slow.borrow_mut().remove(self.operation);
                upstream.record(end == CallEnd::Answered, now);
            }
            CallEnd::Failed => upstream.record(false, now),
            CallEnd::TimedOut => {
                breakers.timed_out(self.operation, now);
                // The call that was to find the upstream back has not.
                if self.upstream.is_retry() {
                    upstream.record(false, now);
                }
            }
        }
        self.upstream.end();
        // A failed connection does not tell whether the operation is slow.
        if let (Some(slow), true) = (self.slow, end != CallEnd::Failed) {
            slow.end();
        }
    }
}

/// Counts failures in a row. One instance of the server knows of its own calls only.
#[derive(Debug, Clone)]
struct Breaker {
    /// The number of failures after which it opens. 0: it never does.
    limit: u32,
    pause: Duration,
    state: Rc<Cell<State>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls go through. So many of the last ones have failed.
    Closed { failures: u32 },
    /// Calls fail at once until then; one is let through afterwards.
    Open { until: Timestamp },
}

/// A call that a breaker has let through. Where it was the one that tries again, and ends without a result, the next one may try.
#[derive(Debug)]
struct Trial(Option<Tried>);

/// What a trial has changed.
#[derive(Debug)]
struct Tried {
    state: Rc<Cell<State>>,
    before: State,
    meanwhile: State,
}

impl Trial {
    /// Whether it tries whether the breaker can close.
    fn is_retry(&self) -> bool {
        self.0.is_some()
    }

    /// The call has ended, and its result is on record.
    fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(tried) = self.0.take()
            && tried.state.get() == tried.meanwhile
        {
            tried.state.set(tried.before);
        }
    }
}

impl Breaker {
    fn new(limit: u32, pause: Duration) -> Self {
        Self {
            limit,
            pause,
            state: Rc::new(Cell::new(State::Closed { failures: 0 })),
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.state.get(), State::Open { until } if now < until)
    }

    /// Lets a call through, or says how long calls fail for. A call that ends without [`record`](Self::record) leaves nothing:
    /// while one tries whether it can close, others may try as well once it was given up.
    fn admit(&self, now: Timestamp) -> Result<Trial, Duration> {
        let before = self.state.get();
        match before {
            State::Closed { .. } => Ok(Trial(None)),
            State::Open { until } if now < until => Err(until.since(now)),
            State::Open { .. } => {
                // Others wait for what this one finds.
                self.open(now);
                Ok(Trial(Some(Tried {
                    state: Rc::clone(&self.state),
                    before,
                    meanwhile: self.state.get(),
                })))
            }
        }
    }

    /// Records how a call that was let through has ended.
    fn record(&self, is_success: bool, now: Timestamp) {
        let state = self.state.get();
        match (is_success, state) {
            (true, _) => self.state.set(State::Closed { failures: 0 }),
            (false, State::Open { .. }) => self.open(now),
            (false, State::Closed { failures }) => {
                let failures = failures.saturating_add(1);
                if self.limit > 0 && failures >= self.limit {
                    self.open(now);
                } else {
                    self.state.set(State::Closed { failures });
                }
            }
        }
    }

    fn open(&self, now: Timestamp) {
        let until = now.after(self.pause);
        self.state.set(State::Open { until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn passes(breaker: &Breaker, secs: u64) -> Result<(), Duration> {
        breaker.admit(at(secs)).map(Trial::end)
    }

    fn ends(breakers: &Breakers, operation: &str, secs: u64, end: CallEnd) -> Result<(), Open> {
        let admitted = breakers.admit(operation, at(secs))?;
        admitted.end(end, at(secs));
        Ok(())
    }

    #[test]
    fn timeouts_count_for_their_operation() {
        let breakers = Breakers::new(2, PAUSE);
        for secs in [0, 1] {
            assert_eq!(ends(&breakers, "slow", secs, CallEnd::TimedOut), Ok(()));
        }
        let refused = ends(&breakers, "slow", 2, CallEnd::Answered);
        assert_eq!(refused, Err(Open::Operation(Duration::from_secs(29))));
        assert_eq!(ends(&breakers, "fast", 2, CallEnd::Answered), Ok(()));
        // The one that tries, and finds that it is slow still.
        assert_eq!(ends(&breakers, "slow", 31, CallEnd::TimedOut), Ok(()));
        assert!(ends(&breakers, "slow", 32, CallEnd::Answered).is_err());
        assert_eq!(ends(&breakers, "slow", 61, CallEnd::Answered), Ok(()));
        assert_eq!(ends(&breakers, "slow", 61, CallEnd::TimedOut), Ok(()));
        assert_eq!(ends(&breakers, "slow", 61, CallEnd::Answered), Ok(()));
    }

    #[test]
    fn failures_count_for_the_upstream() {
        for end in [CallEnd::Failed, CallEnd::Unavailable] {
            let breakers = Breakers::new(2, PAUSE);
            assert_eq!(ends(&breakers, "a", 0, end), Ok(()));
            // Neither a success nor a failure of the upstream.
            assert_eq!(ends(&breakers, "slow", 0, CallEnd::TimedOut), Ok(()));
            assert_eq!(ends(&breakers, "b", 0, end), Ok(()));
            let refused = ends(&breakers, "c", 1, CallEnd::Answered);
            assert_eq!(refused, Err(Open::Upstream(Duration::from_secs(29))));
            // A call that tries again and times out has not found it back.
            assert_eq!(ends(&breakers, "c", 30, CallEnd::TimedOut), Ok(()));
            assert!(ends(&breakers, "c", 31, CallEnd::Answered).is_err());
            assert_eq!(ends(&breakers, "c", 60, CallEnd::Answered), Ok(()));
            assert_eq!(ends(&breakers, "c", 60, CallEnd::Answered), Ok(()));
        }
    }

    #[test]
    fn the_number_of_slow_operations_is_bounded() {
        let breakers = Breakers::new(1, PAUSE);
        for number in 0..2 * MAX_SLOW {
            let name = format!("tool_{number}");
            assert_eq!(ends(&breakers, &name, 0, CallEnd::TimedOut), Ok(()));
        }
        assert_eq!(breakers.slow.borrow().len(), MAX_SLOW);
        // Those whose pause is over give way.
        assert_eq!(ends(&breakers, "late", 30, CallEnd::TimedOut), Ok(()));
        assert!(ends(&breakers, "late", 31, CallEnd::Answered).is_err());
        let unlimited = Breakers::new(0, PAUSE);
        assert_eq!(ends(&unlimited, "a", 0, CallEnd::TimedOut), Ok(()));
        assert!(unlimited.slow.borrow().is_empty());
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_call_tries_again() {
        let breaker = Breaker::new(2, PAUSE);
        breaker.record(false, at(0));
        breaker.record(true, at(1));
        breaker.record(false, at(2));
        assert_eq!(passes(&breaker, 3), Ok(()));
        breaker.record(false, at(3));
        assert_eq!(passes(&breaker, 4), Err(Duration::from_secs(29)));
        // The one that tries.
        assert_eq!(passes(&breaker, 33), Ok(()));
        assert_eq!(passes(&breaker, 33), Err(PAUSE));
        breaker.record(false, at(34));
        assert_eq!(passes(&breaker, 40), Err(Duration::from_secs(24)));
        assert_eq!(passes(&breaker, 64), Ok(()));
        breaker.record(true, at(65));
        assert_eq!(passes(&breaker, 65), Ok(()));
        assert_eq!(passes(&breaker, 65), Ok(()));
    }

    /// Otherwise a caller who cancels could keep it open.
    #[test]
    fn a_trial_without_a_result_lets_the_next_call_try() {
        let breaker = Breaker::new(1, PAUSE);
        breaker.record(false, at(0));
        let trial = breaker.admit(at(30));
        assert!(trial.is_ok());
        assert!(passes(&breaker, 31).is_err());
        drop(trial);
        assert_eq!(passes(&breaker, 31), Ok(()));
    }

    #[test]
    fn without_a_limit_it_never_opens() {
        let breaker = Breaker::new(0, PAUSE);
        for _ in 0..100 {
            breaker.record(false, at(0));
        }
        assert_eq!(passes(&breaker, 0), Ok(()));
    }
}
