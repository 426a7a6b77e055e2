//! What an error tells besides what the caller has to change.

use serde_json::json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::answer::Answer;
use super::call::{Call, MODERN, meta};
use super::visit::Visit;

/// What is in a report of a crash, and in nothing that is meant for a caller.
const SIGNS: [&str; 13] = [
    "panicked at",
    "stack backtrace",
    "RUST_BACKTRACE",
    "Traceback (most recent call last)",
    "node_modules/",
    "\\n    at ",
    "java.lang.",
    "goroutine ",
    "System.Exception",
    ".cargo/registry",
    "/home/",
    "/usr/src/",
    "C:\\\\",
];

pub(super) fn check(visit: &Visit) -> CheckResult {
    let unknown =
        json!({ "name": "mcp-edge-doctor-no-such-tool", "arguments": {}, "_meta": meta(MODERN) });
    let calls = [
        Call::raw("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": "),
        Call::modern_with("tools/call", unknown).with("mcp-name", "mcp-edge-doctor-no-such-tool"),
        Call::modern("mcp-edge-doctor/no-such-method"),
    ];
    for call in calls {
        discreet(&visit.ask(call)?)?;
    }
    discreet(visit.challenged()?)?;
    Ok("errors say nothing that is not the caller's business".to_owned())
}

fn discreet(answer: &Answer) -> Result<(), Problem> {
    must(!answer.repeats_token, || {
        error(
            "an error repeats the access token, so it stands wherever errors are logged",
            "take everything out of errors that came in Authorization",
        )
    })?;
    let sign = SIGNS.into_iter().find(|sign| answer.body.contains(sign));
    if let Some(sign) = sign {
        return Err(error(
            format!(
                "an error shows the inside of the server (`{}`)",
                sign.trim_start_matches("\\n").trim()
            ),
            "answer callers with a sentence, and write the rest to the server's log",
        ));
    }
    must(!answer.status.is_server_error(), || {
        error(
            format!("a mistake of the caller is answered {}", answer.described()),
            "look into the server's log, and answer mistakes of callers with 4xx or an error of the protocol",
        )
    })?;
    let is_readable =
        answer.json().is_some() || answer.body.is_empty() || answer.status.as_u16() < 400;
    must(is_readable, || {
        warning(
            format!(
                "{} is answered with something other than JSON",
                answer.described()
            ),
            "answer errors with a JSON-RPC error, whose sentence clients show",
        )
    })
}
