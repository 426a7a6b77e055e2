//! The era before: `initialize` and a session (2025-11-25, basic/lifecycle).

use http::StatusCode;
use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::answer::Answer;
use super::call::{Call, LEGACY};
use super::discover::must_be_message;
use super::visit::Visit;
use crate::style::shown;

const REVISION: &str = "see that the result is as the revision 2025-11-25 describes it";

pub(super) fn check(visit: &Visit) -> CheckResult {
    let answer = answer(visit)?;
    let Some(result) = answer.result() else {
        return Err(unserved(answer));
    };
    must_be_message(answer)?;
    let version = result.get("protocolVersion").and_then(Json::as_str);
    let version =
        version.ok_or_else(|| error("initialize settles on no `protocolVersion`", REVISION))?;
    for member in ["capabilities", "serverInfo"] {
        must(result.get(member).is_some_and(Json::is_object), || {
            error(
                format!("`{member}` of initialize is missing or no object"),
                REVISION,
            )
        })?;
    }
    must(result.get("resultType").is_none(), || {
        warning(
            "initialize answers with `resultType`, which the revisions before 2026-07-28 do not have",
            "leave it out in that era; strict clients refuse members that they do not know",
        )
    })?;
    let session = match session(answer) {
        Some(_) => "with a session",
        None => "without a session",
    };
    Ok(format!(
        "initialize settles on {}, {session}",
        shown(version)
    ))
}

/// Whether it takes what a client sends next.
pub(super) fn initialized(visit: &Visit) -> CheckResult {
    settled(visit)?;
    let answer = visit.ask(in_session(visit, Call::initialized())?)?;
    must(answer.status == StatusCode::ACCEPTED, || {
        error(
            format!(
                "notifications/initialized is answered {}",
                answer.described()
            ),
            "have it answered 202 without a body; clients give up otherwise",
        )
    })?;
    Ok("notifications/initialized is taken".to_owned())
}

/// The result of `initialize`; its own check says why there is none.
pub(super) fn settled(visit: &Visit) -> Result<Json, Problem> {
    answer(visit)?.result().ok_or(Problem::Skipped)
}

/// `call` with the headers of the session that `initialize` has begun.
pub(super) fn in_session(visit: &Visit, call: Call) -> Result<Call, Problem> {
    let result = settled(visit)?;
    let version = result.get("protocolVersion").and_then(Json::as_str);
    let call = call.with("mcp-protocol-version", version.unwrap_or(LEGACY));
    Ok(match session(answer(visit)?) {
        Some(session) => call.with("mcp-session-id", session),
        None => call,
    })
}

fn answer(visit: &Visit) -> Result<&Answer, Problem> {
    visit.initialized().as_ref().map_err(|_| Problem::Skipped)
}

fn session(answer: &Answer) -> Option<&str> {
    answer.header(http::HeaderName::from_static("mcp-session-id"))
}

fn unserved(answer: &Answer) -> Problem {
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Problem::Skipped,
        status if status.is_server_error() => error(
            format!("initialize is answered {}", answer.described()),
            "look into the server's log",
        ),
        _ => warning(
            format!(
                "it serves no revision before 2026-07-28: initialize is answered {}",
                answer.described()
            ),
            "nothing, if its clients are new; those of the revisions before cannot use it",
        ),
    }
}
