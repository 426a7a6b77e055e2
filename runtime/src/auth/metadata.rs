//! What an issuer publishes: its metadata (OpenID Connect Discovery 1.0, 4; RFC 8414, 3) and its keys
//! (RFC 7517, 5). And what a protected resource publishes: its issuers (RFC 9728, 3).

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::error::shown;
use super::identity::METADATA;
use crate::host::{self, FetchError, FetchOptions, SharedHost, UpstreamError};
use crate::location::Location;
use crate::url::{allows_redirect, is_secure_url};

/// The longest document that is read, in bytes.
const MAX_BODY_BYTES: usize = 256 << 10;

/// How keys are fetched.
const OPTIONS: FetchOptions = FetchOptions::new(MAX_BODY_BYTES);

/// Why an issuer's keys could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwksFetchError {
    #[error(transparent)]
    Unreachable(#[from] UpstreamError),
    #[error("{url} answered {status}")]
    Status { url: String, status: StatusCode },
    #[error("there was no answer in time")]
    Late,
    #[error("{url} is not metadata of {kind}: {why}")]
    Metadata {
        url: String,
        kind: Publisher,
        why: &'static str,
    },
    #[error(
        "{url} is of {} {stated}, not {expected}; write the {} exactly as it names itself",
        .kind.member(),
        .kind.member()
    )]
    Other {
        url: String,
        kind: Publisher,
        stated: String,
        expected: String,
    },
    #[error("{url} is not a valid URL here; it must begin with https://")]
    Insecure { url: String },
    #[error(
        "the metadata of {issuer} name {url} as its `{member}`, which must begin with https://, and may name this machine or an \
         address of a private network only where the issuer is there itself"
    )]
    Misdirected {
        issuer: String,
        member: &'static str,
        url: String,
    },
    #[error("the keys are no JSON Web Key Set: {0}")]
    KeySet(String),
    #[error("no metadata of the issuer: {}", sentences(.0))]
    Undiscovered(Vec<JwksFetchError>),
}

fn sentences(failures: &[JwksFetchError]) -> String {
    let sentences: Vec<_> = failures.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

/// The metadata of an authorization server, or of a protected resource, are not there or not right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct DiscoveryError(JwksFetchError);

/// What publishes metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publisher {
    Issuer,
    Resource,
}

impl Publisher {
    /// The member of the metadata that identifies it.
    const fn member(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Resource => "resource",
        }
    }
}

impl std::fmt::Display for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Issuer => "an authorization server",
            Self::Resource => "a protected resource",
        })
    }
}

/// A document that identifies what it is of.
trait Metadata: DeserializeOwned {
    const PUBLISHER: Publisher;

    /// What the document needs, for a sentence.
    const NEEDS: &'static str;

    /// What is read of it.
    type Found;

    /// The issuer or the resource, and what is read.
    fn parts(self) -> (String, Self::Found);
}

/// The metadata of an issuer, of which one URL is read.
trait IssuerMetadata: Metadata<Found = String> {
    /// The member with the URL.
    const MEMBER: &'static str;
}

#[derive(Deserialize)]
struct OfKeys {
    issuer: String,
    jwks_uri: String,
}

impl Metadata for OfKeys {
    const PUBLISHER: Publisher = Publisher::Issuer;
    const NEEDS: &'static str = "it needs `issuer` and `jwks_uri`, each once and a text";

    type Found = String;

    fn parts(self) -> (String, String) {
        (self.issuer, self.jwks_uri)
    }
}

impl IssuerMetadata for OfKeys {
    const MEMBER: &'static str = "jwks_uri";
}

#[derive(Deserialize)]
struct OfTokens {
    issuer: String,
    token_endpoint: String,
}

impl Metadata for OfTokens {
    const PUBLISHER: Publisher = Publisher::Issuer;
    const NEEDS: &'static str = "it needs `issuer` and `token_endpoint`, each once and a text";

    type Found = String;

    fn parts(self) -> (String, String) {
        (self.issuer, self.token_endpoint)
    }
}

impl IssuerMetadata for OfTokens {
    const MEMBER: &'static str = "token_endpoint";
}

#[derive(Deserialize)]
struct OfResource {
    resource: String,
    authorization_servers: Vec<String>,
}

impl Metadata for OfResource {
    const PUBLISHER: Publisher = Publisher::Resource;
    const NEEDS: &'static str =
        "it needs `resource`, a text, and `authorization_servers`, a list of texts, each once";

    type Found = Vec<String>;

    fn parts(self) -> (String, Vec<String>) {
        (self.resource, self.authorization_servers)
    }
}

/// The issuers whose tokens `resource` accepts, by its metadata (RFC 9728, 2). `options` are as for [`token_endpoint`].
pub(crate) async fn authorization_servers(
    resource: &str,
    options: FetchOptions,
    host: &SharedHost,
) -> Result<Vec<String>, DiscoveryError> {
    let place = Location::new(Some(resource)).ok();
    let place = place.and_then(|location| location.well_known(METADATA));
    let found = match place {
        Some(url) => metadata::<OfResource>(&url, resource, bounded(options), host).await,
        None => Err(JwksFetchError::Insecure {
            url: shown(resource),
        }),
    };
    found.map_err(DiscoveryError)
}

fn bounded(options: FetchOptions) -> FetchOptions {
    FetchOptions {
        max_bytes: options.max_bytes.min(MAX_BODY_BYTES),
        ..options
    }
}

/// The URL of the token endpoint of `issuer`, by its metadata (RFC 8414, 2). `options` are those of each request; a response of
/// more than 256 KiB is refused in any case.
pub(crate) async fn token_endpoint(
    issuer: &str,
    options: FetchOptions,
    host: &SharedHost,
) -> Result<String, DiscoveryError> {
    let found = discover::<OfTokens>(issuer, bounded(options), host).await;
    found.map_err(DiscoveryError)
}

/// Fetches the keys of an issuer, as the text of a JSON Web Key Set; without their URL its metadata is asked
/// for it first.
pub(super) async fn fetch(
    issuer: &str,
    key_set_url: Option<&str>,
    timeout: Duration,
    host: &SharedHost,
) -> Result<String, JwksFetchError> {
    let fetching = Box::pin(key_set(issuer, key_set_url, host));
    match select(fetching, host.sleep(timeout)).await {
        Either::Left((fetched, _)) => fetched,
        Either::Right(_) => Err(JwksFetchError::Late),
    }
}

async fn key_set(
    issuer: &str,
    key_set_url: Option<&str>,
    host: &SharedHost,
) -> Result<String, JwksFetchError> {
    let url = match key_set_url {
        Some(url) => url.to_owned(),
        None => discover::<OfKeys>(issuer, OPTIONS, host).await?,
    };
    let body = get(&url, OPTIONS, host).await?;
    String::from_utf8(body.into()).map_err(|error| JwksFetchError::KeySet(error.to_string()))
}

/// The URL that the first metadata name that are the issuer's. Any other answer, also one with status 200, only means that the
/// metadata are not at that place: applications answer unknown paths with their page.
async fn discover<M: IssuerMetadata>(
    issuer: &str,
    options: FetchOptions,
    host: &SharedHost,
) -> Result<String, JwksFetchError> {
    let mut failures = Vec::new();
    for url in places(issuer) {
        match metadata::<M>(&url, issuer, options, host).await {
            Ok(found) if allows_redirect(issuer, &found) => return Ok(found),
            Ok(found) => {
                return Err(JwksFetchError::Misdirected {
                    issuer: issuer.to_owned(),
                    member: M::MEMBER,
                    url: shown(&found),
                });
            }
            Err(error) if error.is_an_answer() => failures.push(error),
            Err(error) => return Err(error),
        }
    }
    Err(JwksFetchError::Undiscovered(failures))
}

/// The document at `url`, which must be of `expected`.
async fn metadata<M: Metadata>(
    url: &str,
    expected: &str,
    options: FetchOptions,
    host: &SharedHost,
) -> Result<M::Found, JwksFetchError> {
    let body = get(url, options, host).await?;
    let kind = M::PUBLISHER;
    let metadata: M = serde_json::from_slice(&body).map_err(|error| JwksFetchError::Metadata {
        url: url.to_owned(),
        kind,
        why: match error.classify() {
            Category::Data => M::NEEDS,
            _ => "it is not JSON",
        },
    })?;
    let (stated, found) = metadata.parts();
    if stated != expected {
        return Err(JwksFetchError::Other {
            url: url.to_owned(),
            kind,
            stated: shown(&stated),
            expected: expected.to_owned(),
        });
    }
    Ok(found)
}

impl JwksFetchError {
    /// Whether the issuer's host answered, with something else than what was asked for.
    fn is_an_answer(&self) -> bool {
        match self {
            Self::Status { .. } | Self::Metadata { .. } | Self::Other { .. } => true,
            Self::Unreachable(error) => matches!(error.cause, FetchError::TooLarge(_)),
            _ => false,
        }
    }
}

/// Where an issuer's metadata may stand, the most common place first.
fn places(issuer: &str) -> Vec<String> {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    let appended = format!("{issuer}/.well-known/openid-configuration");
    let authority = issuer.split("://").nth(1).unwrap_or_default();
    let path = authority.split_once('/').map_or("", |(_, path)| path);
    let root = issuer.strip_suffix(path).unwrap_or(issuer);
    let root = root.strip_suffix('/').unwrap_or(root);
    let separator = if path.is_empty() { "" } else { "/" };
    vec![
        appended,
        format!("{root}/.well-known/oauth-authorization-server{separator}{path}"),
    ]
}

async fn get(url: &str, options: FetchOptions, host: &SharedHost) -> Result<Bytes, JwksFetchError> {
    if !is_secure_url(url) {
        return Err(JwksFetchError::Insecure {
            url: url.to_owned(),
        });
    }
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(Bytes::new())
        .map_err(|_| JwksFetchError::Insecure {
            url: url.to_owned(),
        })?;
    let response = host::fetch(host.as_ref(), request, options).await?;
    if response.status() != StatusCode::OK {
        return Err(JwksFetchError::Status {
            // A query may hold what only the issuer should know.
            url: url.split('?').next().unwrap_or(url).to_owned(),
            status: response.status(),
        });
    }
    Ok(response.into_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_after_the_issuer_or_before_its_path() {
        assert_eq!(
            places("https://id.example"),
            [
                "https://id.example/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server"
            ]
        );
        assert_eq!(
            places("https://id.example/realms/bank/"),
            [
                "https://id.example/realms/bank/.well-known/openid-configuration",
                "https://id.example/.well-known/oauth-authorization-server/realms/bank"
            ]
        );
    }
}
