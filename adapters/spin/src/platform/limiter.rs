//! Counts calls in the key-value store, approximately.

use futures_util::future::LocalBoxFuture;
use mcp_edge_runtime::config::RateLimit;
use mcp_edge_runtime::host::{ConcurrencyPermit, HostError, Limiter, RateDecision, Timestamp};

use super::store;
use crate::window::Window;

/// Counts in fixed windows, one entry of the store for each key.
///
/// The store cannot add, only read and write: calls that are counted at the same moment may count as one.
/// An entry is overwritten when the next window begins, and never deleted.
pub(crate) struct StoreLimiter;

impl Limiter for StoreLimiter {
    fn check(&self, rate: &'static RateLimit) -> LocalBoxFuture<'static, Result<(), HostError>> {
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
        rate: &'static RateLimit,
        key: &str,
        now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<RateDecision, HostError>> {
        let key = format!("mcp-edge/rate/{}/{key}", rate.name);
        Box::pin(async move {
            let Some(calls) = rate.calls else {
                return Ok(RateDecision::Within(ConcurrencyPermit::default()));
            };
            let window = Window::of(now, rate.period);
            let counted = window.counted(store::read(&key).await?.as_deref());
            if counted >= calls {
                return Ok(RateDecision::Beyond {
                    retry_after: window.left,
                });
            }
            store::write(&key, &window.entry(counted.saturating_add(1))).await?;
            Ok(RateDecision::Within(ConcurrencyPermit::default()))
        })
    }
}
