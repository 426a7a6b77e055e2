//! The newest era: `server/discover` (2026-07-28, server/discover).

use http::StatusCode;
use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::answer::Answer;
use super::call::{ID, MODERN};
use super::visit::Visit;
use crate::style::shown;

/// Where a result says who has made it.
pub(crate) const SERVER_INFO: &str = "/_meta/io.modelcontextprotocol~1serverInfo";

const REVISION: &str = "see that every result is as the revision 2026-07-28 describes it; a gateway may have changed it";

pub(super) fn check(visit: &Visit) -> CheckResult {
    let answer = visit.discovered().as_ref().map_err(|_| Problem::Skipped)?;
    must_be_let_in(visit, answer)?;
    let Some(result) = answer.result() else {
        return Err(unserved(answer));
    };
    must_be_message(answer)?;
    must_be_complete(&result, "server/discover")?;
    let versions = versions(&result);
    must(versions.iter().any(|version| version == MODERN), || {
        error(
            format!("`supportedVersions` of server/discover lacks {MODERN}, in which it answers"),
            REVISION,
        )
    })?;
    must(
        result.get("capabilities").is_some_and(Json::is_object),
        || {
            error(
                "`capabilities` of server/discover is missing or no object",
                REVISION,
            )
        },
    )?;
    let text = |name| {
        let info = result.pointer(SERVER_INFO);
        info.and_then(|info| info.get(name)).and_then(Json::as_str)
    };
    let (Some(name), Some(version)) = (text("name"), text("version")) else {
        return Err(warning(
            "server/discover says neither name nor version of the server",
            "have it send `io.modelcontextprotocol/serverInfo` in the `_meta` of every result; clients show it",
        ));
    };
    let served: Vec<_> = versions.iter().map(|version| shown(version)).collect();
    Ok(format!(
        "{} {} serves {}",
        shown(name),
        shown(version),
        served.join(", ")
    ))
}

/// `supportedVersions`
pub(super) fn versions(discovery: &Json) -> Vec<String> {
    let versions = discovery.get("supportedVersions").and_then(Json::as_array);
    let versions = versions.into_iter().flatten().filter_map(Json::as_str);
    versions.map(str::to_owned).collect()
}

/// What every modern list and every discovery has (2026-07-28, server/utilities/caching).
pub(super) fn must_be_complete(result: &Json, method: &str) -> Result<(), Problem> {
    let lacks = |name: &str| error(format!("the result of {method} has no {name}"), REVISION);
    let kind = result.get("resultType").and_then(Json::as_str);
    must(kind == Some("complete"), || lacks("`resultType` complete"))?;
    must(result.get("ttlMs").is_some_and(Json::is_u64), || {
        lacks("`ttlMs` that is a whole number")
    })?;
    let scope = result.get("cacheScope").and_then(Json::as_str);
    must(matches!(scope, Some("public" | "private")), || {
        lacks("`cacheScope` that is public or private")
    })
}

/// What holds for the answer to every request (2026-07-28, basic/transports).
pub(super) fn must_be_message(answer: &Answer) -> Result<(), Problem> {
    let kind = answer.media_type();
    must(
        matches!(kind.as_str(), "application/json" | "text/event-stream"),
        || {
            error(
                format!("it answers with Content-Type `{}`", shown(&kind)),
                "have it answer with application/json or text/event-stream; clients read nothing else",
            )
        },
    )?;
    let id = answer.json().and_then(|message| message.get("id").cloned());
    must(id.as_ref().is_some_and(|id| id == ID), || {
        error(
            "its answer has another id than the request",
            "have every answer repeat the id of its request; a cache before the server must not keep answers to POST",
        )
    })
}

/// What is behind a sign-in is not known without a token.
fn must_be_let_in(visit: &Visit, answer: &Answer) -> Result<(), Problem> {
    let refused = matches!(
        answer.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    must(!refused || visit.has_token(), || {
        warning(
            format!(
                "it answers {}, so what it serves is not known without a token",
                answer.described()
            ),
            "give an access token with --token-file FILE or in MCP_EDGE_TOKEN",
        )
    })?;
    must(!refused, || {
        error(
            format!("it answers {} to the access token", answer.described()),
            "get a new token, for this URL; beside the server's mcp.toml, `mcp-edge explain - < FILE` says why it is refused",
        )
    })
}

fn unserved(answer: &Answer) -> Problem {
    if answer.status.is_server_error() {
        return Problem::Skipped;
    }
    warning(
        format!(
            "it does not serve {MODERN}: server/discover is answered {}",
            answer.described()
        ),
        "nothing, if its clients are older; those of this revision alone cannot use it",
    )
}
