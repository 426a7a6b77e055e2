//! How long a queue waits before it hands out a message again.

use std::time::Duration;

/// How long a message waits after its first failure; each wait that follows is twice as long. With the most retries that a
/// queue knows, 100, the last comes when a queue forgets a message unless told otherwise, after almost four days.
const FIRST_DELAY: Duration = Duration::from_secs(10);
const MAX_DELAY: Duration = Duration::from_secs(3600);

/// How long a message waits that was handed out so many times.
pub(crate) fn retry_delay(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    FIRST_DELAY.saturating_mul(1 << doublings).min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_waits_twice_as_long_each_time_up_to_an_hour() {
        let seconds = [0, 1, 2, 3, 9, 10, u32::MAX].map(|attempts| retry_delay(attempts).as_secs());
        assert_eq!(seconds, [10, 10, 20, 40, 2560, 3600, 3600]);
    }

    #[test]
    fn the_last_retry_comes_when_the_queue_forgets() {
        let all: Duration = (1..=100).map(retry_delay).sum();
        let days = all.as_secs() / (24 * 3600);
        assert_eq!(days, 3);
    }
}
