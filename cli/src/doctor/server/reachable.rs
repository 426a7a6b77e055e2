//! Whether there is an MCP endpoint at the URL.

use http::StatusCode;

use super::super::finding::{CheckResult, Problem, error, must};
use super::answer::Answer;
use super::call::METHOD_NOT_FOUND;
use super::visit::Visit;

pub(super) fn check(visit: &Visit) -> CheckResult {
    let target = &visit.target;
    let answer = visit
        .discovered()
        .as_ref()
        .map_err(|error| error.at(&target.url))?;
    if let Some(instead) = elsewhere(visit, answer) {
        return Err(instead);
    }
    must(target.is_private(), || {
        error(
            "it is reached without TLS, so everybody on the way reads and changes what is said, tokens included",
            "put TLS before it, and give clients the https URL",
        )
    })?;
    must(!answer.status.is_server_error(), || {
        error(
            format!("it answers {}{}", answer.described(), answer.sentence()),
            "look into the server's log; a server of mcp-edge that is configured wrongly says there what to change",
        )
    })?;
    Ok(format!(
        "answers {}",
        if target.url.starts_with("https:") {
            "over TLS"
        } else {
            "on this machine"
        }
    ))
}

/// Whether it is worth asking further.
pub(super) fn is_endpoint(visit: &Visit) -> bool {
    let answer = visit.discovered().as_ref();
    answer.is_ok_and(|answer| elsewhere(visit, answer).is_none())
}

/// Why this is not the answer of an endpoint.
fn elsewhere(visit: &Visit, answer: &Answer) -> Option<Problem> {
    let answers = || format!("it answers {}", answer.described());
    if answer.status.is_redirection() {
        return Some(error(
            answers(),
            "give clients the URL that it leads to; on the way there a client may lose its message or its token",
        ));
    }
    if serves_nothing(answer) && visit.initialized().as_ref().is_ok_and(serves_nothing) {
        return Some(error(
            format!(
                "{} to a POST, so there is no MCP endpoint at this path",
                answers()
            ),
            "see that the path is right; a server of mcp-edge has the path of server.url, and /mcp without one",
        ));
    }
    (answer.media_type() == "text/html" && answer.status.is_success()).then(|| {
        error(
            "it answers a POST with a page, so there is no MCP endpoint at this path",
            "see that the path is right, and that nothing stands before the server that shows pages of its own",
        )
    })
}

/// Whether it is as of a path where there is nothing. An endpoint knows a method of the other era as little.
fn serves_nothing(answer: &Answer) -> bool {
    let is_status = matches!(
        answer.status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    is_status && answer.code() != Some(METHOD_NOT_FOUND)
}
