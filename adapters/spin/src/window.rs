//! The windows of time in which calls are counted, and how the store holds their counts.

use std::time::Duration;

use mcp_edge_runtime::host::Timestamp;

/// One of the periods that follow each other since the Unix epoch.
pub(crate) struct Window {
    number: u64,
    /// How long it still lasts.
    pub(crate) left: Duration,
}

impl Window {
    pub(crate) fn of(now: Timestamp, period: Duration) -> Self {
        let now = now.as_millis();
        let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
        let passed = now.checked_rem(period).unwrap_or_default();
        Self {
            number: now.checked_div(period).unwrap_or_default(),
            left: Duration::from_millis(period.saturating_sub(passed)),
        }
    }

    /// How many calls of this window `entry` has counted. An entry of another window, or of another program, has none.
    pub(crate) fn counted(&self, entry: Option<&str>) -> u32 {
        entry
            .and_then(|entry| entry.split_once(' '))
            .filter(|(number, _)| number.parse() == Ok(self.number))
            .and_then(|(_, calls)| calls.parse().ok())
            .unwrap_or_default()
    }

    pub(crate) fn entry(&self, calls: u32) -> String {
        format!("{} {calls}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(millis: u64) -> Window {
        Window::of(Timestamp::from_millis(millis), Duration::from_secs(10))
    }

    #[test]
    fn an_entry_counts_in_its_own_window_only() {
        let entry = window(20_000).entry(3);
        assert_eq!(window(20_000).counted(Some(&entry)), 3);
        assert_eq!(window(29_999).counted(Some(&entry)), 3);
        assert_eq!(window(30_000).counted(Some(&entry)), 0);
        assert_eq!(window(19_999).counted(Some(&entry)), 0);
    }

    #[test]
    fn a_window_lasts_until_the_next_begins() {
        assert_eq!(window(20_000).left, Duration::from_secs(10));
        assert_eq!(window(29_999).left, Duration::from_millis(1));
    }

    #[test]
    fn what_another_writer_wrote_counts_nothing() {
        for entry in ["", "2", "2 ", "2 -1", "2 many", "3"] {
            assert_eq!(window(20_000).counted(Some(entry)), 0, "{entry:?}");
        }
        assert_eq!(window(20_000).counted(None), 0);
    }
}
