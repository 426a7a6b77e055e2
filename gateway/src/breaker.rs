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

impl Breaker {
    /// Down after `limit` failures in a row, for `pause`.
    pub(crate) fn new(limit: u32, pause: Duration) -> Self {
        Self {
            limit,
            pause,
            state: Cell::new(State::Closed { failures: 0 }),
        }
    }

    /// Lets a call through, or says how long calls fail for.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), Duration> {
        match self.state.get() {
            State::Closed { .. } => Ok(()),
            State::Open { until } if now < until => Err(until.since(now)),
            State::Open { .. } => {
                // Others wait for what this one finds. Where it never ends, another one tries after the pause.
                self.open(now);
                Ok(())
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

    #[test]
    fn failures_in_a_row_open_it_and_one_call_tries_again() {
        let breaker = Breaker::new(2, PAUSE);
        breaker.record(false, at(0));
        breaker.record(true, at(1));
        breaker.record(false, at(2));
        assert_eq!(breaker.admit(at(3)), Ok(()));
        breaker.record(false, at(3));
        assert_eq!(breaker.admit(at(4)), Err(Duration::from_secs(29)));
        // The one that tries.
        assert_eq!(breaker.admit(at(33)), Ok(()));
        assert_eq!(breaker.admit(at(33)), Err(PAUSE));
        breaker.record(false, at(34));
        assert_eq!(breaker.admit(at(40)), Err(Duration::from_secs(24)));
        assert_eq!(breaker.admit(at(64)), Ok(()));
        breaker.record(true, at(65));
        assert_eq!(breaker.admit(at(65)), Ok(()));
        assert_eq!(breaker.admit(at(65)), Ok(()));
    }

    #[test]
    fn a_trial_that_never_ends_is_followed_by_another() {
        let breaker = Breaker::new(1, PAUSE);
        breaker.record(false, at(0));
        assert_eq!(breaker.admit(at(30)), Ok(()));
        assert!(breaker.admit(at(59)).is_err());
        assert_eq!(breaker.admit(at(60)), Ok(()));
    }

    #[test]
    fn without_a_limit_it_never_opens() {
        let breaker = Breaker::new(0, PAUSE);
        for _ in 0..100 {
            breaker.record(false, at(0));
        }
        assert_eq!(breaker.admit(at(0)), Ok(()));
    }
}
