//! The secrets that prove to an upstream that a request is the gateway's.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response};
use mcp_edge::StartError;
use mcp_edge::config::{TextSetting, Upstream, UpstreamCredential};
use mcp_edge::host::HostError;
use mcp_edge_catalog::request::{Credential, Secrets};

/// Why an upstream cannot get its credential: a sentence about a key of `mcp.toml`, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {why}")]
pub(crate) struct CredentialError {
    /// The full key.
    key: String,
    why: String,
}

impl CredentialError {
    /// The same as a reason not to start.
    pub(crate) fn into_mistake(self) -> StartError {
        StartError::Setting {
            key: self.key,
            why: self.why,
        }
    }
}

/// The minimum length of a secret that is looked for in responses, in bytes: a shorter one is in many texts.
const MIN_HIDDEN: usize = 8;

/// The response with `***` for each secret in its body and its `Location`.
pub(crate) fn hidden(secrets: &Secrets, mut response: Response<Bytes>) -> Response<Bytes> {
    if let Cow::Owned(body) = secrets.hidden(response.body()) {
        *response.body_mut() = body.into();
    }
    let location = response.headers().get(LOCATION);
    let location = location.map(|value| secrets.hidden(value.as_bytes()));
    if let Some(Cow::Owned(value)) = location
        && let Ok(value) = HeaderValue::from_bytes(&value)
    {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// Adds the credential of `upstream` to a request. `variable` reads one of the host's. The caller's access token is none: it was
/// issued for this server.
pub(crate) async fn add(
    request: &mut Request<Bytes>,
    upstream: &'static Upstream,
    variable: impl AsyncFn(&'static str) -> Result<Option<String>, HostError>,
) -> Result<Secrets, CredentialError> {
    let mut secrets = Secrets::new(MIN_HIDDEN);
    for credential in upstream.credentials() {
        add_one(request, &mut secrets, upstream, credential, &variable).await?;
    }
    Ok(secrets)
}

/// Checks that every request can have the credential of `upstream`: what would be wrong with each part of it.
pub(crate) async fn check(
    upstream: &'static Upstream,
    variable: impl AsyncFn(&'static str) -> Result<Option<String>, HostError>,
) -> Vec<CredentialError> {
    let mut request = Request::new(Bytes::new());
    let mut secrets = Secrets::new(MIN_HIDDEN);
    let mut errors = Vec::new();
    for credential in upstream.credentials() {
        let added = add_one(&mut request, &mut secrets, upstream, credential, &variable).await;
        errors.extend(added.err());
    }
    errors
}

async fn add_one(
    request: &mut Request<Bytes>,
    secrets: &mut Secrets,
    upstream: &'static Upstream,
    credential: UpstreamCredential,
    variable: &impl AsyncFn(&'static str) -> Result<Option<String>, HostError>,
) -> Result<(), CredentialError> {
    let key = credential.key();
    let error = |key: &str, why: String| CredentialError {
        key: upstream.key(key),
        why,
    };
    let secret = async |name: &'static str, key: &str| match variable(name).await {
        Ok(Some(value)) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        Ok(_) => Err(error(key, format!("the secret {name} is not set"))),
        Err(why) => Err(error(key, why.to_string())),
    };
    let mut add = |credential: Credential<'_>| {
        secrets.add(credential);
        let added = credential.add_to(request);
        added.map_err(|why| error(&key, why.to_string()))
    };
    match credential {
        UpstreamCredential::Token(name) => add(Credential::Bearer(&secret(name, &key).await?)),
        UpstreamCredential::Basic { username, password } => {
            let username = match username {
                TextSetting::Literal(text) => text.to_owned(),
                TextSetting::Variable(name) => secret(name, &key).await?,
            };
            let password = secret(password, "password").await?;
            add(Credential::Basic {
                username: &username,
                password: &password,
            })
        }
        UpstreamCredential::Header { name, secret: of } => {
            let value = secret(of, &key).await?;
            add(Credential::Header {
                name,
                value: &value,
            })
        }
        UpstreamCredential::Query { name, secret: of } => {
            let value = secret(of, &key).await?;
            add(Credential::Query {
                name,
                value: &value,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_an_upstream_repeats_are_hidden() {
        let mut secrets = Secrets::new(MIN_HIDDEN);
        secrets.add(Credential::Bearer("long-enough"));
        secrets.add(Credential::Bearer("short"));
        let response = Response::builder()
            .header(LOCATION, "https://long-enough.example/")
            .body(Bytes::from("key=long-enough&long-enough short"));
        let response = hidden(&secrets, response.unwrap());
        assert_eq!(response.body(), "key=***&*** short");
        assert_eq!(response.headers()[LOCATION], "https://***.example/");
    }
}
