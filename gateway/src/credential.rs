//! The secrets that prove to an upstream that a request is the gateway's.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response};
use mcp_edge::StartError;
use mcp_edge::config::{TextSetting, Upstream};
use mcp_edge::host::HostError;
use mcp_edge_catalog::request::Credential;
use memchr::memmem::Finder;

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

/// The secrets of a request, which an upstream may repeat.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The response with `***` for each secret in its body and its `Location`.
    pub(crate) fn hidden(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        for secret in self.0.iter().filter(|secret| secret.len() >= MIN_HIDDEN) {
            if let Some(body) = without(response.body(), secret.as_bytes()) {
                *response.body_mut() = body.into();
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| without(value.as_bytes(), secret.as_bytes()));
            if let Some(value) = location.and_then(|value| HeaderValue::from_bytes(&value).ok()) {
                response.headers_mut().insert(LOCATION, value);
            }
        }
        response
    }
}

/// `text` with `***` for each `secret`; `None` if there is none in it, as in most responses, of which nothing is copied.
fn without(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let finder = Finder::new(secret);
    let mut clean: Option<Vec<u8>> = None;
    let mut rest = text;
    while let Some((before, from)) = finder.find(rest).and_then(|at| rest.split_at_checked(at)) {
        let clean = clean.get_or_insert_default();
        clean.extend_from_slice(before);
        clean.extend_from_slice(b"***");
        rest = from.strip_prefix(secret)?;
    }
    if let Some(clean) = &mut clean {
        clean.extend_from_slice(rest);
    }
    clean
}

/// Adds the credential of `upstream` to a request. `variable` reads one of the host's. The caller's access token is none: it was
/// issued for this server.
pub(crate) async fn add(
    request: &mut Request<Bytes>,
    upstream: &'static Upstream,
    variable: impl AsyncFn(&'static str) -> Result<Option<String>, HostError>,
) -> Result<Secrets, CredentialError> {
    let mut secrets = Vec::new();
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
        credential
            .add_to(request)
            .map_err(|why| error(key, why.to_string()))
    };
    if let Some(name) = upstream.token {
        let token = secret(name, "token").await?;
        add(Credential::Bearer(&token), "token")?;
        secrets.push(token);
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
        secrets.push(password);
    }
    for (name, secret_name) in upstream.headers {
        let key = format!("headers.{name}");
        let value = secret(secret_name, &key).await?;
        let credential = Credential::Header {
            name,
            value: &value,
        };
        add(credential, &key)?;
        secrets.push(value);
    }
    for (name, secret_name) in upstream.query {
        let key = format!("query.{name}");
        let value = secret(secret_name, &key).await?;
        let credential = Credential::Query {
            name,
            value: &value,
        };
        add(credential, &key)?;
        secrets.push(value);
    }
    Ok(Secrets(secrets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_that_an_upstream_repeats_are_hidden() {
        let secrets = Secrets(vec!["long-enough".to_owned(), "short".to_owned()]);
        let response = Response::builder()
            .header(LOCATION, "https://long-enough.example/")
            .body(Bytes::from("key=long-enough&long-enough short"));
        let response = secrets.hidden(response.unwrap());
        assert_eq!(response.body(), "key=***&*** short");
        assert_eq!(response.headers()[LOCATION], "https://***.example/");
    }
}
