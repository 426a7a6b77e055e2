//! A sliding window: the calls of the last period.

use std::collections::VecDeque;
use std::time::Duration;

use mcp_edge_runtime::host::Timestamp;

/// How many points in time a window remembers. A rate of no more calls than that is exact to the millisecond;
/// of a faster one, calls that are less than this part of the period apart are remembered as one point.
const MAX_MARKS: u16 = 128;

/// The calls that were let through within the last period.
///
/// However the calls come, no more than the allowed number are let through in any period of time. Where calls
/// share a point, it is the end of their time, so that what is lost in exactness is never a call too many.
#[derive(Debug, Default)]
pub(crate) struct Window {
    marks: VecDeque<Mark>,
    calls: u32,
    /// The latest time that was seen, in milliseconds since the Unix epoch.
    latest: u64,
}

#[derive(Debug)]
struct Mark {
    /// Milliseconds since the Unix epoch.
    at: u64,
    calls: u32,
}

impl Window {
    /// Lets one more call through at `now`, or says when trying again makes sense.
    pub(crate) fn enter(
        &mut self,
        calls: u32,
        period: Duration,
        now: Timestamp,
    ) -> Result<(), Duration> {
        self.advance(period, now);
        let period = millis(period);
        if self.calls >= calls {
            let first = self.marks.front().map_or(self.latest, |first| first.at);
            let free = first.saturating_add(period);
            let wait = free.saturating_sub(now.as_millis());
            return Err(Duration::from_millis(wait));
        }
        let grain = grain(calls, period);
        let at = self.latest.div_ceil(grain).saturating_mul(grain);
        self.calls = self.calls.saturating_add(1);
        match self.marks.back_mut() {
            Some(last) if last.at == at => last.calls = last.calls.saturating_add(1),
            _ => self.marks.push_back(Mark { at, calls: 1 }),
        }
        Ok(())
    }

    /// Whether no call of the last period is left.
    pub(crate) fn is_empty(&mut self, period: Duration, now: Timestamp) -> bool {
        self.advance(period, now);
        self.marks.is_empty()
    }

    /// Moves on to `now`, and forgets the calls that are a period old.
    fn advance(&mut self, period: Duration, now: Timestamp) {
        let (period, now) = (millis(period), now.as_millis());
        if self.latest > now.saturating_add(period) {
            // The clock was set back: no caller should wait until it is where it was.
            *self = Self::default();
        }
        // A thread that has read the clock before another may still come after it.
        self.latest = self.latest.max(now);
        let is_old = |mark: &&Mark| mark.at.saturating_add(period) <= self.latest;
        while let Some(old) = self.marks.front().filter(is_old) {
            self.calls = self.calls.saturating_sub(old.calls);
            self.marks.pop_front();
        }
    }
}

/// How far apart two points in time are at least, in milliseconds.
fn grain(calls: u32, period: u64) -> u64 {
    if calls <= MAX_MARKS.into() {
        1
    } else {
        period.div_ceil(MAX_MARKS.into()).max(1)
    }
}

fn millis(period: Duration) -> u64 {
    u64::try_from(period.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn calls_beyond_the_rate_wait_until_the_first_is_a_period_old() {
        let mut window = Window::default();
        assert_eq!(window.enter(2, MINUTE, at(1_000)), Ok(()));
        assert_eq!(window.enter(2, MINUTE, at(1_500)), Ok(()));
        let wait = Duration::from_millis(58_001);
        assert_eq!(window.enter(2, MINUTE, at(2_999)), Err(wait));
        assert_eq!(window.enter(2, MINUTE, at(61_000)), Ok(()));
        assert_eq!(
            window.enter(2, MINUTE, at(61_000)),
            Err(Duration::from_millis(500))
        );
    }

    #[test]
    fn a_refused_call_does_not_count() {
        let mut window = Window::default();
        assert_eq!(window.enter(1, MINUTE, at(0)), Ok(()));
        for now in 1..1_000 {
            assert!(window.enter(1, MINUTE, at(now)).is_err());
        }
        assert_eq!(window.enter(1, MINUTE, at(60_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_no_caller_out() {
        let mut window = Window::default();
        assert_eq!(window.enter(1, MINUTE, at(3_600_000)), Ok(()));
        assert_eq!(window.enter(1, MINUTE, at(0)), Ok(()));
    }

    #[test]
    fn a_window_is_empty_once_its_calls_are_a_period_old() {
        let mut window = Window::default();
        assert!(window.is_empty(MINUTE, at(0)));
        assert_eq!(window.enter(1, MINUTE, at(0)), Ok(()));
        assert!(!window.is_empty(MINUTE, at(59_999)));
        assert!(window.is_empty(MINUTE, at(60_000)));
    }

    #[test]
    fn a_fast_rate_needs_no_more_memory() {
        let mut window = Window::default();
        for now in 0..200_000 {
            let _ = window.enter(1_000_000, MINUTE, at(now));
            assert!(window.marks.len() <= usize::from(MAX_MARKS) + 2);
        }
    }

    proptest! {
        /// With the clocks of several threads, which are a little apart.
        #[test]
        fn no_period_sees_more_calls_than_the_rate(
            calls in prop_oneof![1_u32..=8, 100_u32..=300],
            period in 1_000_u64..=5_000,
            steps in prop::collection::vec((0_u64..=40, 0_u64..=5), 1..800),
        ) {
            let mut window = Window::default();
            let mut let_through = Vec::new();
            let (mut now, mut latest) = (100, 0);
            for (step, behind) in steps {
                now += step;
                let seen = now - behind;
                latest = latest.max(seen);
                if window.enter(calls, Duration::from_millis(period), at(seen)).is_ok() {
                    let_through.push(latest);
                }
            }
            let calls = usize::try_from(calls).unwrap();
            for (first, beyond) in let_through.iter().zip(let_through.iter().skip(calls)) {
                prop_assert!(beyond - first >= period, "{first} and {beyond}");
            }
        }

        #[test]
        fn a_retry_succeeds_at_the_stated_time_and_not_before(
            calls in prop_oneof![1_u32..=8, 100_u32..=300],
            period in 1_000_u64..=5_000,
            steps in prop::collection::vec(0_u64..=10, 1..400),
        ) {
            let period = Duration::from_millis(period);
            let mut window = Window::default();
            let mut now = 0;
            for step in steps {
                now += step;
                if let Err(wait) = window.enter(calls, period, at(now)) {
                    let free = at(now).after(wait);
                    prop_assert!(wait > Duration::ZERO);
                    let before = at(free.as_millis() - 1);
                    prop_assert!(window.enter(calls, period, before).is_err());
                    prop_assert!(window.enter(calls, period, free).is_ok());
                    now = free.as_millis();
                }
            }
        }
    }
}
