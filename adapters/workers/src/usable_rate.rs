//! The rates that the platform can hold.

use std::time::Duration;

use mcp_edge_runtime::config::RateLimit;

/// The binding of a rate that the platform can hold; otherwise what to change.
pub(crate) fn usable(rate: &RateLimit) -> Result<&'static str, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const USABLE: RateLimit = RateLimit {
        calls: Some(60),
        period: Duration::from_secs(60),
        binding: Some("ANALYST_LIMIT"),
        ..RateLimit::DEFAULT
    };

    #[test]
    fn a_rate_with_a_binding_and_its_period_is_usable() {
        assert_eq!(usable(&USABLE), Ok("ANALYST_LIMIT"));
        let period = Duration::from_secs(10);
        assert_eq!(usable(&RateLimit { period, ..USABLE }), Ok("ANALYST_LIMIT"));
    }

    #[test]
    fn a_rate_that_workers_cannot_hold_is_told_what_to_change() {
        let reason = |rate| usable(&rate).unwrap_err();
        let running = reason(RateLimit {
            concurrent: Some(4),
            ..USABLE
        });
        assert!(
            running.contains("environments that run natively"),
            "{running}"
        );
        let unbound = reason(RateLimit {
            binding: None,
            ..USABLE
        });
        assert!(unbound.contains("`binding`"), "{unbound}");
        let hourly = reason(RateLimit {
            period: Duration::from_secs(3600),
            ..USABLE
        });
        assert!(hourly.contains("10s and 1m"), "{hourly}");
    }
}
