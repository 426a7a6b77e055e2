//! What a GET of the endpoint comes to.

use http::StatusCode;

use super::super::finding::{CheckResult, error, must, warning};
use super::visit::Visit;

/// As clients of the revisions before 2026-07-28 ask for a stream (2025-11-25, basic/transports).
pub(super) fn stream(visit: &Visit) -> CheckResult {
    let url = &visit.target.url;
    let answer = visit
        .read(url, &[("accept", "text/event-stream")])
        .map_err(|error| error.at(url))?;
    let kind = answer.media_type();
    match answer.status {
        StatusCode::METHOD_NOT_ALLOWED => {
            Ok("a client that asks for a stream is told that there is none".to_owned())
        }
        StatusCode::OK if kind == "text/event-stream" => {
            Ok("a client that asks for a stream gets one".to_owned())
        }
        StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST | StatusCode::NOT_ACCEPTABLE => {
            Ok(format!(
                "a client that asks for a stream is answered {}",
                answer.described()
            ))
        }
        StatusCode::OK => Err(error(
            "a client that asks for a stream gets something else",
            "answer 405 to a GET that accepts text/event-stream alone; older clients fail otherwise",
        )),
        _ => Err(warning(
            format!(
                "a client that asks for a stream is answered {}",
                answer.described()
            ),
            "answer 405, which is what older clients understand",
        )),
    }
}

/// As a browser does, when a person opens the URL.
pub(super) fn page(visit: &Visit) -> CheckResult {
    let url = &visit.target.url;
    let answer = visit
        .read(
            url,
            &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
        )
        .map_err(|error| error.at(url))?;
    must(!answer.status.is_server_error(), || {
        error(
            format!(
                "a browser that opens the URL is answered {}",
                answer.described()
            ),
            "look into the server's log; answer 405, or with a page",
        )
    })?;
    Ok(match answer.media_type().as_str() {
        "text/html" if answer.status == StatusCode::OK => "a browser gets a page".to_owned(),
        _ => format!("a browser is answered {}", answer.described()),
    })
}
