//! Whether an upstream counts as down.

use std::cell::Cell;
use std::time::Duration;

use mcp_edge::host::Timestamp;

/// Counts the failures of one upstream in a row. One instance of the server knows of its own calls only.
#[derive(Debug)]
pub(crate) struct Breaker {
    /// The number of failures after which it is down. 0: it never is.
    limit: u32,
    pause: Duration,
    state: Cell<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls go through. So many of the last ones have failed.
    Closed { failures: u32 },
    /// Calls fail at once until then; one is let through afterwards.
    Open { until: Timestamp },
}

/// A call that was let through. Where it was the one that tries again, and ends without a result, the next one may try.
#[derive(Debug)]
pub(crate) struct Trial<'a>(Option<Tried<'a>>);

/// What a trial has changed.
#[derive(Debug)]
struct Tried<'a> {
    breaker: &'a Breaker,
    before: State,
    meanwhile: State,
}

impl Trial<'_> {
    /// The call has ended, and its result is on record.
    pub(crate) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if let Some(tried) = self.0.take()
            && tried.breaker.state.get() == tried.meanwhile
        {
            tried.breaker.state.set(tried.before);
        }
    }
}

impl Breaker {
    /// Down after `limit` failures in a row, for `pause`.
    pub(crate) fn new(limit: u32, pause: Duration) -> Self {
        Self {
            limit,
            pause,
            state: Cell::new(State::Closed { failures: 0 }),
        }
    }

    /// Lets a call through, or says how long calls fail for. A call that ends without [`record`](Self::record) leaves nothing:
    /// while one tries whether an upstream is back, others may try as well once it was given up.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<Trial<'_>, Duration> {
        let before = self.state.get();
        match before {
            State::Closed { .. } => Ok(Trial(None)),
            State::Open { until } if now < until => Err(until.since(now)),
            State::Open { .. } => {
                // Others wait for what this one finds.
                self.open(now);
                Ok(Trial(Some(Tried {
                    breaker: self,
                    before,
                    meanwhile: self.state.get(),
                })))
            }
        }
    }

    /// Records how a call that was let through has ended.
    pub(crate) fn record(&self, is_success: bool, now: Timestamp) {
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
