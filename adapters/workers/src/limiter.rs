//! Counts calls with the platform's rate limiting bindings.

use std::future::ready;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use js_sys::Object;
use mcp_edge_runtime::config::Rate;
use mcp_edge_runtime::host::{Counted, HostError, Limiter, Permit, Timestamp};
use wasm_bindgen::prelude::*;

use crate::binding::Kind;
use crate::host::message;

const LIMITER: Kind = Kind {
    name: "rate limiter",
    method: "limit",
    section: "[[ratelimits]]",
};

#[wasm_bindgen(module = "/src/limiter.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn limit(binding: &JsValue, key: &str) -> Result<JsValue, JsValue>;
}

/// The rate limiting bindings of the Worker, which count for the location that it runs in.
pub(crate) struct Bindings(pub(crate) Object);

impl Limiter for Bindings {
    fn check(&self, rate: &'static Rate) -> LocalBoxFuture<'static, Result<(), HostError>> {
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
        rate: &'static Rate,
        key: &str,
        _now: Timestamp,
    ) -> LocalBoxFuture<'static, Result<Counted, HostError>> {
        let binding = usable(rate).and_then(|name| LIMITER.find(name, &self.0));
        // Two rates may share a binding, and bindings with one `namespace_id` share their counts.
        let key = format!("{}/{key}", rate.name);
        Box::pin(async move {
            let answer = match binding {
                Ok(binding) => limit(&binding, &key).await.map_err(|error| message(&error)),
                Err(reason) => Err(reason),
            };
            match answer.map(|success| success.as_bool()) {
                Ok(Some(true)) => Ok(Counted::Within(Permit::default())),
                // The platform does not say how much of the period is left.
                Ok(Some(false)) => Ok(Counted::Beyond {
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

/// The binding of a rate that the platform can hold; otherwise what to change.
fn usable(rate: &Rate) -> Result<&'static str, String> {
    if rate.concurrent.is_some() {
        return Err("Workers cannot count running calls; \
                    set `concurrent` only in environments that run natively"
            .to_owned());
    }
    let name = rate.binding.ok_or(
        "Workers counts with a rate limiting binding only; \
         name one of [[ratelimits]] in wrangler.toml with `binding`",
    )?;
    if ![Duration::from_secs(10), Duration::from_secs(60)].contains(&rate.period) {
        return Err(
            "rate limiting bindings know periods of 10s and 1m only; set `period` to one of them"
                .to_owned(),
        );
    }
    Ok(name)
}

fn uncounted(rate: &Rate, reason: String) -> HostError {
    HostError {
        operation: format!("count a call for the rate `{}`", rate.name),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USABLE: Rate = Rate {
        calls: Some(60),
        period: Duration::from_secs(60),
        binding: Some("ANALYST_LIMIT"),
        ..Rate::DEFAULT
    };

    #[test]
    fn a_rate_with_a_binding_and_its_period_is_usable() {
        assert_eq!(usable(&USABLE), Ok("ANALYST_LIMIT"));
        let period = Duration::from_secs(10);
        assert_eq!(usable(&Rate { period, ..USABLE }), Ok("ANALYST_LIMIT"));
    }

    #[test]
    fn a_rate_that_workers_cannot_hold_is_told_what_to_change() {
        let reason = |rate| usable(&rate).unwrap_err();
        let running = reason(Rate {
            concurrent: Some(4),
            ..USABLE
        });
        assert!(
            running.contains("environments that run natively"),
            "{running}"
        );
        let unbound = reason(Rate {
            binding: None,
            ..USABLE
        });
        assert!(unbound.contains("`binding`"), "{unbound}");
        let hourly = reason(Rate {
            period: Duration::from_secs(3600),
            ..USABLE
        });
        assert!(hourly.contains("10s and 1m"), "{hourly}");
    }
}
