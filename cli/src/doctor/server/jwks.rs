//! The server's own public keys, with which its evidence is verified (RFC 7517; RFC 9728, 2).

use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must};
use super::resource_metadata::published;
use super::visit::{Visit, must_be_there};
use crate::style::shown;

/// What only private and secret keys have (RFC 7518, 6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

pub(super) fn check(visit: &Visit) -> CheckResult {
    let metadata = published(visit)?;
    let url = metadata.get("jwks_uri").and_then(Json::as_str);
    let url = url.ok_or(Problem::Skipped)?;
    let answer = visit.read_named(url)?;
    let document = must_be_there(url, &answer)?;
    let keys = document.get("keys").and_then(Json::as_array);
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| {
        error(
            format!("there is no key at {}", shown(url)),
            "publish the public keys there, or do not name it as `jwks_uri`",
        )
    })?;
    must(
        keys.iter()
            .all(|key| PRIVATE.iter().all(|member| key.get(member).is_none())),
        || {
            error(
                format!(
                    "a private key stands at {} for everybody to read",
                    shown(url)
                ),
                "take it away at once, make a new one, and treat as forged what the old one signs from now on",
            )
        },
    )?;
    must(
        keys.iter()
            .all(|key| key.get("kty").is_some_and(Json::is_string)),
        || {
            error(
                format!("a key at {} has no `kty`", shown(url)),
                "publish keys as RFC 7517 describes them",
            )
        },
    )?;
    Ok(match keys.len() {
        1 => format!("1 key at {}", shown(url)),
        count => format!("{count} keys at {}", shown(url)),
    })
}
