//! Counts calls in the key-value store, approximately.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::config::Rate;
use mcp_edge_runtime::host::{Counted, HostError, Limiter, Permit, Timestamp};

use crate::store;

/// Counts in fixed windows, one entry of the store for each key.
///
/// The store cannot add, only read and write: calls that are counted at the same moment may count as one.
/// An entry is overwritten when the next window begins, and never deleted.
pub(crate) struct StoreLimiter;

impl Limiter for StoreLimiter {
    fn check(&self, rate: &'static Rate) -> LocalBoxFuture<'static, Result<(), HostError>> {
        Box::pin(async move {
            if rate.concurrent.is_some() {
                return Err(HostError {
                    operation: format!("hold the rate `{}`", rate.name),
                    reason: "Spin cannot count running calls; \
                             set `concurrent` only in environments that run natively"
                        .to_owned(),
                });
            }
            store::check().await
        })
    }

    fn count(
        &self,
        rate: &'static Rate,
        key: &str,
        now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<Counted, HostError>> {
        let key = format!("mcp-edge/rate/{}/{key}", rate.name);
        Box::pin(async move {
            let Some(calls) = rate.calls else {
                return Ok(Counted::Within(Permit::default()));
            };
            let window = Window::of(now, rate.period);
            let counted = window.counted(store::read(&key).await?.as_deref());
            if counted >= calls {
                return Ok(Counted::Beyond {
                    retry_after: window.left,
                });
            }
            store::write(&key, &window.entry(counted.saturating_add(1))).await?;
            Ok(Counted::Within(Permit::default()))
        })
    }
}

/// One of the periods that follow each other since the Unix epoch.
struct Window {
    number: u64,
    /// How long it still lasts.
    left: Duration,
}

impl Window {
    fn of(now: Timestamp, period: Duration) -> Self {
        let now = now.as_millis();
        let period = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
        let passed = now.checked_rem(period).unwrap_or_default();
        Self {
            number: now.checked_div(period).unwrap_or_default(),
            left: Duration::from_millis(period.saturating_sub(passed)),
        }
    }

    /// How many calls of this window `entry` has counted. That of another window, or of somebody else, has none.
    fn counted(&self, entry: Option<&str>) -> u32 {
        entry
            .and_then(|entry| entry.split_once(' '))
            .filter(|(number, _)| number.parse() == Ok(self.number))
            .and_then(|(_, calls)| calls.parse().ok())
            .unwrap_or_default()
    }

    fn entry(&self, calls: u32) -> String {
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
    fn what_somebody_else_wrote_counts_nothing() {
        for entry in ["", "2", "2 ", "2 -1", "2 many", "3"] {
            assert_eq!(window(20_000).counted(Some(entry)), 0, "{entry:?}");
        }
        assert_eq!(window(20_000).counted(None), 0);
    }
}
