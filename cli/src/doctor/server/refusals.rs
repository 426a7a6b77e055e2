//! What a server of the newest era has to refuse (2026-07-28, basic and basic/transports).

use http::StatusCode;
use serde_json::json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::call::{Call, LEGACY, METHOD_NOT_FOUND, MODERN, meta};
use super::visit::Visit;

/// What nothing is called.
const UNKNOWN_NAME: &str = "mcp-edge-doctor-no-such-name";

const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_REVISION: i64 = -32022;
const INVALID_PARAMS: i64 = -32602;

/// A request that must not be served.
struct Forbidden {
    /// What is the matter with it, after "a request".
    what: &'static str,
    status: StatusCode,
    code: i64,
    /// What comes of serving it.
    harm: &'static str,
}

/// Gateways decide by headers, and servers by bodies.
const DECEIVED: &str = "have it compare these headers with the body: a gateway that lets requests through by their headers is \
                        deceived otherwise";

const fn mismatch(what: &'static str) -> Forbidden {
    Forbidden {
        what,
        status: StatusCode::BAD_REQUEST,
        code: HEADER_MISMATCH,
        harm: DECEIVED,
    }
}

pub(super) fn other_method(visit: &Visit) -> CheckResult {
    let call = Call::modern("server/discover").with("mcp-method", "tools/list");
    refused(
        visit,
        call,
        &mismatch("whose Mcp-Method names another method than its body"),
    )
}

pub(super) fn no_method(visit: &Visit) -> CheckResult {
    let call = Call::modern("server/discover").without("mcp-method");
    refused(visit, call, &mismatch("without Mcp-Method"))
}

pub(super) fn other_name(visit: &Visit) -> CheckResult {
    let params = json!({ "name": UNKNOWN_NAME, "arguments": {}, "_meta": meta(MODERN) });
    let call = Call::modern_with("tools/call", params).with("mcp-name", "another-name");
    refused(
        visit,
        call,
        &mismatch("whose Mcp-Name names another tool than its body"),
    )
}

pub(super) fn other_version(visit: &Visit) -> CheckResult {
    let call = Call::modern("server/discover").with("mcp-protocol-version", LEGACY);
    refused(
        visit,
        call,
        &mismatch("whose MCP-Protocol-Version is another than in its body"),
    )
}

pub(super) fn no_meta(visit: &Visit) -> CheckResult {
    let meta = json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": MODERN } });
    let call = Call::modern_with("server/discover", meta);
    refused(
        visit,
        call,
        &Forbidden {
            what: "whose `_meta` lacks the client's capabilities",
            status: StatusCode::BAD_REQUEST,
            code: INVALID_PARAMS,
            harm: "have it look for the required members of `_meta`",
        },
    )
}

pub(super) fn unknown_revision(visit: &Visit) -> CheckResult {
    let call = Call::modern_with("server/discover", json!({ "_meta": meta("2099-12-31") }))
        .with("mcp-protocol-version", "2099-12-31");
    refused(
        visit,
        call,
        &Forbidden {
            what: "in a revision that there is not",
            status: StatusCode::BAD_REQUEST,
            code: UNSUPPORTED_REVISION,
            harm: "have it name the revisions that it serves, so that a newer client can choose one",
        },
    )
}

pub(super) fn unknown_method(visit: &Visit) -> CheckResult {
    refused(
        visit,
        Call::modern("mcp-edge-doctor/no-such-method"),
        &Forbidden {
            what: "for a method that there is not",
            status: StatusCode::NOT_FOUND,
            code: METHOD_NOT_FOUND,
            harm: "have it say so, so that clients do not wait for what does not come",
        },
    )
}

fn refused(visit: &Visit, call: Call, forbidden: &Forbidden) -> CheckResult {
    // A server without such requests has nothing to refuse.
    visit.discovery()?;
    let answer = visit.ask(call)?;
    if matches!(
        answer.status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) {
        return Err(Problem::Skipped);
    }
    let Forbidden {
        what,
        status,
        code,
        harm,
    } = forbidden;
    let is_right = answer.status == *status && answer.code() == Some(*code);
    must(answer.result().is_none(), || {
        error(format!("a request {what} is served"), *harm)
    })?;
    must(is_right, || {
        warning(
            format!("a request {what} is answered {}", answer.described()),
            format!(
                "have it answered {} with the error {code}, so that clients know what to do",
                status.as_u16()
            ),
        )
    })?;
    Ok(format!("a request {what} is refused"))
}
