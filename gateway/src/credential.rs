//! The secrets that prove to an upstream that a request is the gateway's.

use bytes::Bytes;
use http::Request;
use mcp_edge::StartError;
use mcp_edge::config::{TextSetting, Upstream};
use mcp_edge_catalog::request::Credential;

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

/// Reads variables and secrets of the host.
pub(crate) trait Variables {
    /// The value of one; `None` where it is not set.
    async fn get(&self, name: &'static str) -> Result<Option<String>, String>;
}

/// Adds the credential of `upstream` to a request. The caller's access token is none: it was issued for this server.
pub(crate) async fn add(
    request: &mut Request<Bytes>,
    upstream: &'static Upstream,
    variables: &impl Variables,
) -> Result<(), CredentialError> {
    let error = |key: &str, why: String| CredentialError {
        upstream: upstream.name,
        key: key.to_owned(),
        why,
    };
    let secret = async |name: &'static str, key: &str| match variables.get(name).await {
        Ok(Some(value)) if !value.trim().is_empty() => Ok(value.trim().to_owned()),
        Ok(_) => Err(error(key, format!("the secret {name} is not set"))),
        Err(why) => Err(error(key, why)),
    };
    let mut add = |credential: Credential<'_>, key: &str| {
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
    Ok(())
}
