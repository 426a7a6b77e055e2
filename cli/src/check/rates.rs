//! What a host really holds of a rate.

use std::time::Duration;

use mcp_edge_config::span;
use mcp_edge_runtime::config::RateLimit;

use super::host::Host;

impl Host {
    /// How exactly it holds `rate`, or why it refuses to start with it.
    pub(super) fn guarantee(self, rate: &RateLimit) -> Result<String, String> {
        match (self, rate.concurrent, rate.binding) {
            (Self::Native, _, _) => Ok(match rate.calls {
                Some(_) => {
                    "exact in each process, over a sliding window; processes count apart, and a restart forgets".to_owned()
                }
                None => "exact in each process; processes count apart".to_owned(),
            }),
            (Self::Spin, None, _) => Ok(
                "approximate, in fixed windows of the key-value store: calls at the same moment may count as one".to_owned(),
            ),
            (Self::Spin, Some(_), _) => Err(
                "Spin cannot count running calls; set `concurrent` only in environments that run natively".to_owned(),
            ),
            (Self::Workers, Some(_), _) => Err(
                "Workers cannot count running calls; set `concurrent` only in environments that run natively".to_owned(),
            ),
            (Self::Workers, None, None) => Err(
                "Workers counts with a rate limiting binding only; name one of [[ratelimits]] in wrangler.toml with `binding`"
                    .to_owned(),
            ),
            (Self::Workers, None, Some(_)) if !PERIODS.contains(&rate.period) => {
                Err("rate limiting bindings know periods of 10s and 1m only; set `period` to one of them".to_owned())
            }
            (Self::Workers, None, Some(binding)) => Ok(format!(
                "approximate, by the binding {binding} and for each location of the network apart; the numbers in \
                 wrangler.toml are those that count"
            )),
        }
    }
}

/// The periods of Workers' rate limiting binding.
const PERIODS: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];

/// What a rate says, in words.
pub(super) fn described(rate: &RateLimit) -> String {
    let calls = rate.calls.map(|calls| {
        let calls = counted(calls, "call");
        format!("{calls} in {}", span::format(rate.period))
    });
    let running = rate
        .concurrent
        .map(|running| format!("{} at once", counted(running, "call")));
    let limits: Vec<_> = calls.into_iter().chain(running).collect();
    let per: Vec<_> = rate.per.iter().map(|per| per.name()).collect();
    let apart = if per.is_empty() {
        "all together".to_owned()
    } else {
        format!("each {} apart", per.join(" and "))
    };
    let upstreams = rate.upstreams.join(", ");
    let tools = match (rate.tools, rate.upstreams) {
        ([], []) => "everything".to_owned(),
        ([], _) => format!("all tools of the upstreams {upstreams}"),
        (tools, []) => format!("tools {}", tools.join(", ")),
        (tools, _) => format!("tools {} of the upstreams {upstreams}", tools.join(", ")),
    };
    let callers = match rate.tenants {
        [] => String::new(),
        tenants => format!(", by callers of the tenants {}", tenants.join(", ")),
    };
    format!("{}, {apart}, for {tools}{callers}", limits.join(", "))
}

fn counted(number: u32, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::RateLimitKey;

    use super::*;

    const CALLS: RateLimit = RateLimit {
        name: "per analyst",
        per: &[RateLimitKey::Principal, RateLimitKey::Tool],
        tools: &["evaluate_*"],
        calls: Some(60),
        ..RateLimit::DEFAULT
    };

    #[test]
    fn a_rate_is_said_in_words() {
        assert_eq!(
            described(&CALLS),
            "60 calls in 1m, each principal and tool apart, for tools evaluate_*"
        );
        let running = RateLimit {
            concurrent: Some(1),
            ..RateLimit::DEFAULT
        };
        assert_eq!(
            described(&running),
            "1 call at once, all together, for everything"
        );
        let upstreams = RateLimit {
            per: &[RateLimitKey::Upstream],
            upstreams: &["orders*", "stock"],
            tools: &[],
            ..running
        };
        assert_eq!(
            described(&upstreams),
            "1 call at once, each upstream apart, for all tools of the upstreams orders*, stock"
        );
    }

    #[test]
    fn only_a_process_counts_running_calls() {
        let rate = RateLimit {
            concurrent: Some(4),
            binding: Some("LIMIT"),
            ..CALLS
        };
        assert!(Host::Native.guarantee(&rate).is_ok());
        for host in [Host::Spin, Host::Workers] {
            let why = host.guarantee(&rate).unwrap_err();
            assert!(why.contains("cannot count running calls"), "{why}");
        }
    }

    #[test]
    fn workers_counts_with_a_binding_and_its_periods() {
        let bound = RateLimit {
            binding: Some("LIMIT"),
            ..CALLS
        };
        assert!(Host::Workers.guarantee(&bound).is_ok());
        let longer = RateLimit {
            period: Duration::from_secs(3600),
            ..bound
        };
        for rate in [CALLS, longer] {
            assert!(Host::Workers.guarantee(&rate).is_err(), "{rate:?}");
            assert!(Host::Spin.guarantee(&rate).is_ok(), "{rate:?}");
        }
    }
}
