//! Who may call the server, and whether this caller may do anything.

use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, must, warning};
use super::resource_metadata::{authorization_servers, published};
use super::visit::Visit;
use crate::style::shown;

/// What a server can have for its callers (2026-07-28, server/discover).
const FEATURES: [&str; 3] = ["tools", "resources", "prompts"];

pub(super) fn check(visit: &Visit) -> CheckResult {
    let discovery = visit.discovery();
    must(
        !visit.has_token() || discovery.as_ref().map_or(true, offers_anything),
        || {
            warning(
                "the caller of this access token may see no tool, resource or prompt",
                "allow it something: a server of mcp-edge needs a [[policy]] rule in mcp.toml that fits the caller, and `mcp-edge \
                 explain - < FILE` beside the file says whom the token names",
            )
        },
    )?;
    if !visit.asks_to_sign_in() {
        return match discovery {
            Ok(discovery) if offers_anything(&discovery) => Ok("anyone may call it".to_owned()),
            Ok(_) => Err(warning(
                "anyone may call it, and is offered no tool, resource or prompt",
                "configure an issuer, with which callers sign in, or offer something to all of them",
            )),
            Err(_) => Err(Problem::Skipped),
        };
    }
    let issuers = published(visit).map(|metadata| authorization_servers(&metadata));
    let issuers: Vec<_> = issuers
        .unwrap_or_default()
        .iter()
        .map(|issuer| shown(issuer))
        .collect();
    let callers = match issuers.as_slice() {
        [] => "callers with a token".to_owned(),
        issuers => format!("callers with a token of {}", issuers.join(" or ")),
    };
    let anyone = match visit.anyone_sees_anything() {
        true => "; anyone, for what needs no token",
        false => "",
    };
    Ok(format!("{callers}{anyone}"))
}

/// Whether a result of `server/discover` says that the server has something for its caller.
pub(super) fn offers_anything(discovery: &Json) -> bool {
    let capabilities = discovery.get("capabilities");
    FEATURES
        .into_iter()
        .any(|name| capabilities.is_some_and(|capabilities| capabilities.get(name).is_some()))
}
