//! Where callers sign in (RFC 8414; 2026-07-28, basic/authorization/authorization-server-discovery).

use http::{StatusCode, Uri};
use mcp_edge_runtime::is_loopback_url;
use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::resource_metadata::{authorization_servers, published};
use super::visit::Visit;
use crate::style::shown;

/// A server that names more is not asked about the rest.
const MAX_SERVERS: usize = 4;

pub(super) fn check(visit: &Visit) -> CheckResult {
    let issuers = authorization_servers(&published(visit)?);
    must(!issuers.is_empty(), || Problem::Skipped)?;
    for issuer in issuers.iter().take(MAX_SERVERS) {
        usable(visit, issuer)?;
    }
    let issuers: Vec<_> = issuers
        .iter()
        .take(MAX_SERVERS)
        .map(|issuer| shown(issuer))
        .collect();
    Ok(format!("{} can be found", issuers.join(", ")))
}

fn usable(visit: &Visit, issuer: &str) -> Result<(), Problem> {
    let name = shown(issuer);
    must(
        issuer.starts_with("https://") || is_loopback_url(issuer),
        || {
            error(
                format!("the issuer {name} is no https URL"),
                "name it by its https URL",
            )
        },
    )?;
    let metadata = metadata(visit, issuer)?;
    let stated = metadata
        .get("issuer")
        .and_then(Json::as_str)
        .unwrap_or_default();
    must(stated == issuer, || {
        error(
            format!(
                "the metadata of the issuer {name} are of `{}`",
                shown(stated)
            ),
            "write the issuer exactly as it names itself; clients compare byte for byte",
        )
    })?;
    for member in ["authorization_endpoint", "token_endpoint"] {
        must(metadata.get(member).is_some_and(Json::is_string), || {
            warning(
                format!("the metadata of the issuer {name} have no `{member}`"),
                "see at the provider whether people can sign in there",
            )
        })?;
    }
    let methods = metadata
        .get("code_challenge_methods_supported")
        .and_then(Json::as_array);
    must(
        methods.is_some_and(|methods| methods.iter().any(|method| method == "S256")),
        || {
            warning(
                format!(
                    "the metadata of the issuer {name} do not say that it knows PKCE with S256"
                ),
                "have `code_challenge_methods_supported` list S256; clients refuse to sign in otherwise",
            )
        },
    )
}

/// The first document there is about `issuer`.
fn metadata(visit: &Visit, issuer: &str) -> Result<Json, Problem> {
    let mut answered = Vec::new();
    for url in places(issuer) {
        let answer = visit.read_named(&url)?;
        match answer.json() {
            Some(metadata) if answer.status == StatusCode::OK => return Ok(metadata),
            _ => answered.push(answer.described()),
        }
    }
    Err(error(
        format!(
            "the issuer {} has no metadata: it answers {}",
            shown(issuer),
            answered.join(", ")
        ),
        "see that the issuer is written as its provider writes it, with its path",
    ))
}

/// Where the metadata of an issuer may stand, in the order of clients.
fn places(issuer: &str) -> Vec<String> {
    let uri: Uri = issuer.parse().unwrap_or_default();
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Vec::new();
    };
    let origin = format!("{scheme}://{authority}");
    let path = uri.path().trim_end_matches('/');
    let mut places = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        places.push(format!("{origin}{path}/.well-known/openid-configuration"));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_before_and_after_the_path() {
        assert_eq!(
            places("https://id.example/t1"),
            [
                "https://id.example/.well-known/oauth-authorization-server/t1",
                "https://id.example/.well-known/openid-configuration/t1",
                "https://id.example/t1/.well-known/openid-configuration",
            ]
        );
        assert_eq!(places("https://id.example/").len(), 2);
        assert!(places("id").is_empty());
    }
}
