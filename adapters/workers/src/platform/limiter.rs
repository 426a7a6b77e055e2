//! Counts calls with the platform's rate limiting bindings.

use std::future::ready;

use futures_util::future::LocalBoxFuture;
use js_sys::Object;
use mcp_edge_runtime::config::RateLimit;
use mcp_edge_runtime::host::{ConcurrencyPermit, HostError, Limiter, RateDecision, Timestamp};
use wasm_bindgen::prelude::*;

use super::binding::Kind;
use super::host::message;
use crate::usable_rate::usable;

const LIMITER: Kind = Kind {
    name: "rate limiter",
    method: "limit",
    section: "[[ratelimits]]",
};

#[wasm_bindgen(module = "/src/platform/limiter.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn limit(binding: &JsValue, key: &str) -> Result<JsValue, JsValue>;
}

/// The rate limiting bindings of the Worker, which count for the location that it runs in.
pub(crate) struct Bindings(pub(crate) Object);

impl Limiter for Bindings {
    fn check(&self, rate: &'static RateLimit) -> LocalBoxFuture<'static, Result<(), HostError>> {
        let checked = usable(rate)
            .and_then(|name| LIMITER.find(name, &self.0))
            .map(drop)
            .map_err(|reason| HostError {
                operation: format!("hold the rate `{}`", rate.name),
                reason,
            });
        Box::pin(ready(checked))
    }

    fn count(
        &self,
        rate: &'static RateLimit,
        key: &str,
        _now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<RateDecision, HostError>> {
        let binding = usable(rate).and_then(|name| LIMITER.find(name, &self.0));
        // Two rates may share a binding, and bindings with one `namespace_id` share their counts.
        let key = format!("{}/{key}", rate.name);
        Box::pin(async move {
            let answer = match binding {
                Ok(binding) => limit(&binding, &key).await.map_err(|error| message(&error)),
                Err(reason) => Err(reason),
            };
            match answer.map(|success| success.as_bool()) {
                Ok(Some(true)) => Ok(RateDecision::Within(ConcurrencyPermit::default())),
                // The platform does not say how much of the period is left.
                Ok(Some(false)) => Ok(RateDecision::Beyond {
                    retry_after: rate.period,
                }),
                Ok(None) => Err(uncounted(
                    rate,
                    "the binding has not said yes or no".to_owned(),
                )),
                Err(reason) => Err(uncounted(rate, reason)),
            }
        })
    }
}

fn uncounted(rate: &RateLimit, reason: String) -> HostError {
    HostError {
        operation: format!("count a call for the rate `{}`", rate.name),
        reason,
    }
}
