//! The secrets that prove to an upstream that a request is the gateway's.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response};
use mcp_edge::StartError;
use mcp_edge::config::{TextSetting, Upstream};
use mcp_edge::host::HostError;
use mcp_edge_catalog::request::{Credential, Secrets};

/// Why an upstream cannot get its credential: a sentence about a key of `mcp.toml`, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("upstreams.{upstream}.{key}: {why}")]
pub(crate) struct CredentialError {
    upstream: &'static str,
    key: String,
    why: String,
}

impl CredentialError {
    /// The same as a reason not to start.
    pub(crate) fn into_mistake(self) -> StartError {
        StartError::Setting {
            key: format!("upstreams.{}.{}", self.upstream, self.key),
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
    let error = |key: &str, why: String| CredentialError {
        upstream: upstream.name,
        key: key.to_owned(),
        why,
    };
    let secret = async |name: &'static str, key: &str| match variable(name).await {
        Ok(Some(value)) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        Ok(_) => Err(error(key, format!("the secret {name} is not set"))),
        Err(why) => Err(error(key, why.to_string())),
    };
    let mut add = |credential: Credential<'_>, key: &str| {
        secrets.add(credential);
        credential
            .add_to(request)
            .map_err(|why| error(key, why.to_string()))
    };
    if let Some(name) = upstream.token {
        let token = secret(name, "token").await?;
        add(Credential::Bearer(&token), "token")?;
    }
    if let (Some(username), Some(name)) = (upstream.username, upstream.password) {
        let username = match username {
            TextSetting::Literal(text) => text.to_owned(),
            TextSetting::Variable(name) => secret(name, "username").await?,
        };
        let password = secret(name, "password").await?;
        let credential = Credential::Basic {
            username: &username,
            password: &password,
        };
        add(credential, "username")?;
    }
    for (name, secret_name) in upstream.headers {
        let key = format!("headers.{name}");
        let value = secret(secret_name, &key).await?;
        let credential = Credential::Header {
            name,
            value: &value,
        };
        add(credential, &key)?;
    }
    for (name, secret_name) in upstream.query {
        let key = format!("query.{name}");
        let value = secret(secret_name, &key).await?;
        let credential = Credential::Query {
            name,
            value: &value,
        };
        add(credential, &key)?;
    }
    Ok(secrets)
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
