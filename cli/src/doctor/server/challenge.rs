//! The challenge to a client without a token (RFC 6750, 3; RFC 9728, 5.1; 2026-07-28, basic/authorization).

use http::{StatusCode, header};

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::call::Call;
use super::visit::{Visit, must_be_there};
use crate::style::shown;

const CHALLENGE: &str = "answer 401 with WWW-Authenticate: Bearer resource_metadata=\"…\"; clients learn there where to sign in";

/// Whether a client finds out where to sign in.
pub(super) fn check(visit: &Visit) -> CheckResult {
    let unproven = visit.ask_as_anybody(Call::modern("server/discover"))?;
    let unknown = visit.challenged()?;
    let answer = match (unproven.status, unknown.status) {
        (StatusCode::UNAUTHORIZED, _) => &unproven,
        (_, StatusCode::UNAUTHORIZED) => unknown,
        _ => return Err(Problem::Skipped),
    };
    let challenge = answer
        .header(header::WWW_AUTHENTICATE)
        .ok_or_else(|| error("it answers 401 and does not say how to sign in", CHALLENGE))?;
    let scheme = challenge.split_whitespace().next().unwrap_or_default();
    must(scheme.eq_ignore_ascii_case("bearer"), || {
        error(
            format!(
                "it asks for `{}`, where clients have bearer tokens",
                shown(scheme)
            ),
            CHALLENGE,
        )
    })?;
    let Some(url) = parameter(challenge, "resource_metadata") else {
        // Metadata that are not there cannot be named, which is what their own check says.
        must(visit.metadata()?.is_some(), || Problem::Skipped)?;
        return Err(warning(
            "its challenge does not name the resource metadata, which clients then have to guess",
            CHALLENGE,
        ));
    };
    let metadata = visit.read_named(url)?;
    must_be_there(url, &metadata)?;
    must(
        visit
            .target
            .resource_metadata()
            .iter()
            .any(|place| place == url),
        || {
            warning(
                format!(
                    "its challenge names {}, which is not the place for this URL",
                    shown(url)
                ),
                "see that it is metadata of this server, and that server.url is the URL that clients use",
            )
        },
    )?;
    Ok("a client that must sign in is told where".to_owned())
}

/// Whether tokens are looked at.
pub(super) fn unknown_token(visit: &Visit) -> CheckResult {
    let answer = visit.challenged()?;
    if answer.status == StatusCode::UNAUTHORIZED {
        return Ok("a token that no issuer issued is refused".to_owned());
    }
    let is_served = answer.result().is_some();
    match (is_served, visit.metadata()?) {
        (true, Some(_)) => Err(error(
            "it says where to sign in, and serves a caller with a token that no issuer issued",
            "verify every token that comes, and answer 401 to those that are not good",
        )),
        (true, None) => Ok("no sign-in is needed".to_owned()),
        (false, _) => Err(warning(
            format!(
                "a token that no issuer issued is answered {}",
                answer.described()
            ),
            "answer 401, with which clients get a new one",
        )),
    }
}

/// A parameter of a challenge (RFC 9110, 11.2).
pub(crate) fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}="))?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(value, _)| value),
        None => rest.split([',', ' ']).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_quoted_or_not() {
        let quoted =
            "Bearer error=\"invalid_token\", resource_metadata=\"https://h/m\", scope=\"a b\"";
        assert_eq!(parameter(quoted, "resource_metadata"), Some("https://h/m"));
        let bare = "Bearer resource_metadata=https://h/m, scope=a";
        assert_eq!(parameter(bare, "resource_metadata"), Some("https://h/m"));
        assert_eq!(parameter("Bearer", "resource_metadata"), None);
    }
}
