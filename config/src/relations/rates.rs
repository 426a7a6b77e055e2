//! What rates must say.

use std::time::Duration;

use super::{about, each, fit_known, in_force, named, names, of, tenants};
use crate::mistake::Mistake;
use crate::settings::RATE_LIMIT;
use crate::value::{Settings, Value};

/// The periods that the rate limiting binding of Workers has.
const PERIODS: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];

/// An upstream, and a table of one.
const UPSTREAM: (&str, &str) = ("upstream", "[upstreams.orders]");

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let rates = each(settings, "rate_limit");
    names::check(rates, mistakes);
    let upstreams = named(settings, "upstreams");
    for rate in rates {
        fit_known(rate, "upstreams", upstreams, UPSTREAM, mistakes);
        if let Some(setting) = rate.settings.get("tenants") {
            tenants::check_any(setting, settings, mistakes);
        }
        let settings = &rate.settings;
        if !settings.contains_key("calls") && !settings.contains_key("concurrent") {
            mistakes.push(of(
                rate,
                "limits nothing; write calls = 60 with a period, or concurrent = 4, or both",
            ));
        }
        let Some(binding) = settings.get("binding") else {
            continue;
        };
        if !settings.contains_key("calls") {
            mistakes.push(about(
                binding,
                "counts calls; write how many, as calls = 60, as wrangler.toml has them",
            ));
        }
        if let Some(Value::Duration(length)) = in_force(RATE_LIMIT.keys, "period", settings)
            && !PERIODS.contains(&length)
        {
            mistakes.push(about(
                settings.get("period").unwrap_or(binding),
                "must be 10s or 1m, the periods that the rate limiting binding of Workers has",
            ));
        }
    }
}
