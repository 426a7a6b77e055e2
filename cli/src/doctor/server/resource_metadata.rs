//! What a client reads before it signs in (RFC 9728).

use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::visit::{Document, Visit, must_be_there};
use crate::style::shown;

const PUBLISH: &str = "publish resource metadata below /.well-known/oauth-protected-resource; mcp-edge does where server.url and an issuer \
                       are set";

pub(super) fn check(visit: &Visit) -> CheckResult {
    let Some(document) = visit.metadata()? else {
        must(visit.asks_to_sign_in(), || Problem::Skipped)?;
        let sentence = "it asks to sign in, and there is no resource metadata that says where";
        return Err(match visit.target.is_loopback() {
            true => warning(
                sentence,
                "nothing, if its callers get tokens otherwise, as in development",
            ),
            false => error(sentence, PUBLISH),
        });
    };
    let Document { url, answer } = document;
    let metadata = must_be_there(url, answer)?;
    must(!authorization_servers(&metadata).is_empty(), || {
        error(
            format!("{} names no `authorization_servers`", shown(url)),
            "name the issuer where clients sign in",
        )
    })?;
    let kind = answer.media_type();
    must(kind == "application/json", || {
        warning(
            format!("{} has Content-Type `{}`", shown(url), shown(&kind)),
            "send application/json, which RFC 9728 asks for",
        )
    })?;
    must(answer.is_for_every_origin(), || {
        warning(
            "pages of other origins cannot read the resource metadata, so clients in a browser cannot sign in",
            "send Access-Control-Allow-Origin: * with it; it is public anyway",
        )
    })?;
    Ok(format!("is at {}", shown(url)))
}

/// Whether the metadata are about the URL that was asked, which clients compare (RFC 9728, 3.3).
pub(super) fn resource(visit: &Visit) -> CheckResult {
    let metadata = published(visit)?;
    let resource = metadata.get("resource").and_then(Json::as_str);
    let resource = resource.ok_or_else(|| {
        error(
            "the resource metadata have no `resource`",
            "name the server's URL there",
        )
    })?;
    let url = visit.target.url.as_str();
    if resource == url {
        return Ok(format!("is {}", shown(resource)));
    }
    let stated = format!(
        "`resource` is {}, and {} was asked",
        shown(resource),
        shown(url)
    );
    let below = url.strip_prefix(resource.trim_end_matches('/'));
    Err(match below {
        _ if visit.target.is(resource) => warning(
            format!("{stated}: they differ in a slash"),
            "have clients use it as it is written there; tokens for one may not do for the other",
        ),
        Some(rest) if rest.starts_with('/') => warning(
            format!("{stated}: it stands for more than this endpoint"),
            "name the endpoint itself, so that a token for another one at the same host does not do here",
        ),
        _ => error(
            stated,
            "clients refuse that; with mcp-edge, set server.url to the URL that clients use",
        ),
    })
}

/// The metadata; their own check says why there are none.
pub(super) fn published(visit: &Visit) -> Result<Json, Problem> {
    let document = visit.metadata().ok().flatten();
    let metadata = document.and_then(|document| document.answer.json());
    metadata.ok_or(Problem::Skipped)
}

pub(super) fn authorization_servers(metadata: &Json) -> Vec<String> {
    let servers = metadata
        .get("authorization_servers")
        .and_then(Json::as_array);
    let servers = servers.into_iter().flatten().filter_map(Json::as_str);
    servers.map(str::to_owned).collect()
}
