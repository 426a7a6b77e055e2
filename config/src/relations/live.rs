//! What `[live]` must say, and what `mcp.toml` must not say then.

use super::{about, words};
use crate::mistake::Mistake;
use crate::value::{Settings, Value};

/// What a live policy has in place of the file. Two places for one thing could differ.
pub(crate) const IN_THE_LIVE_POLICY: [&str; 8] = [
    "policy",
    "approvals.tools",
    "disabled.tools",
    "disabled.upstreams",
    "disabled.tenants",
    "tokens.not_before.all",
    "tokens.not_before.tenants",
    "tokens.not_before.principals",
];

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let Some(enabled) = settings.get("live.enabled") else {
        let others = ["source", "token", "keys", "interval", "min_version"];
        let others = others.map(|key| format!("live.{key}"));
        let unused = others.iter().find_map(|key| settings.get(key.as_str()));
        mistakes.extend(unused.map(|setting| {
            about(
                setting,
                "does nothing without live.enabled; write enabled = true in [live], or remove it",
            )
        }));
        return;
    };
    if enabled.value != Value::Flag(true) {
        return;
    }
    if !settings.contains_key("live.source") {
        mistakes.push(about(
            enabled,
            "needs live.source, the place of the signed document, as source = \"https://policy.example.com/live-policy.jws\"",
        ));
    }
    if words(settings, "live.keys").is_empty() {
        mistakes.push(about(
            enabled,
            "needs live.keys, the public keys that the document may be signed with; `mcp-edge keys generate --live` makes one",
        ));
    }
    for path in IN_THE_LIVE_POLICY {
        mistakes.extend(settings.get(path).map(|setting| {
            about(
                setting,
                "is part of the live policy where live.enabled is true; move it to the file that `mcp-edge live sign` signs",
            )
        }));
    }
}
