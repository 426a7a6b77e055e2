//! Pages of other origins (Fetch, CORS protocol; 2026-07-28, basic/transports: DNS rebinding).

use http::{StatusCode, header};

use super::super::finding::{CheckResult, error, must, warning};
use super::answer::Answer;
use super::call::Call;
use super::visit::{FOREIGN, Visit};

/// What clients in a browser send.
const SENT: [&str; 6] = [
    "authorization",
    "content-type",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
];

/// Whether a request is served that a page of another origin has sent.
pub(super) fn request(visit: &Visit) -> CheckResult {
    visit.discovery()?;
    let answer = visit.ask(Call::modern("server/discover").with("origin", FOREIGN))?;
    if answer.status == StatusCode::FORBIDDEN {
        return Ok("a page of another origin is refused".to_owned());
    }
    must(answer.result().is_some(), || {
        warning(
            format!(
                "a page of another origin is answered {}",
                answer.described()
            ),
            "answer 403 to origins that are not allowed",
        )
    })?;
    if is_allowed(&answer) {
        return everybody(visit);
    }
    let sentence =
        "requests of pages of other origins are served, although the pages cannot read the answers";
    let fix = "answer 403 to an Origin that is not allowed; with mcp-edge that is so unless access.allowed_origins names it";
    Err(match visit.target.is_loopback() {
        // Any page that this machine's browser opens could use it.
        true => error(sentence, fix),
        false => warning(sentence, fix),
    })
}

/// Whether a client in a browser gets through to it.
pub(super) fn preflight(visit: &Visit) -> CheckResult {
    let answer = visit.preflight(&visit.target.url, "POST", &SENT.join(", "))?;
    if !is_allowed(&answer) {
        return Ok(
            "clients in a browser are let through from the server's own and configured origins only".to_owned(),
        );
    }
    let lacking: Vec<_> = SENT
        .into_iter()
        .filter(|name| !lets_through(&answer, name))
        .collect();
    must(lacking.is_empty(), || {
        error(
            format!(
                "other origins are let through, but not with the headers {}",
                lacking.join(", ")
            ),
            "list every header of the protocol in Access-Control-Allow-Headers; `*` does not cover Authorization",
        )
    })?;
    Ok("clients in a browser get through with every header of the protocol".to_owned())
}

/// `*` stands for every header but one (Fetch, CORS-preflight fetch).
fn lets_through(answer: &Answer, name: &str) -> bool {
    let listed = |item| answer.lists(&header::ACCESS_CONTROL_ALLOW_HEADERS, item);
    listed(name) || (listed("*") && name != "authorization")
}

fn is_allowed(answer: &Answer) -> bool {
    let allowed = answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    matches!(allowed, Some("*" | FOREIGN))
}

fn everybody(visit: &Visit) -> CheckResult {
    let sentence = "pages of every origin may use it";
    let fix = "name the origins of the clients that run in a browser; with mcp-edge, in access.allowed_origins";
    if visit.asks_to_sign_in() {
        return Ok(format!("{sentence}, with a token"));
    }
    Err(match visit.target.is_loopback() {
        true => error(
            format!("{sentence}, so any that this machine's browser opens can"),
            fix,
        ),
        false => warning(sentence, fix),
    })
}
