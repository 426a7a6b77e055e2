//! What a token endpoint answers (RFC 6749, 5; RFC 8693, 2.2).

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::jwt::unverified_claims;

/// The maximum size of a response, in bytes.
pub(super) const MAX_RESPONSE: usize = 64 << 10;

/// The maximum length of a token, in bytes: a header with a longer one is refused by most servers.
const MAX_TOKEN: usize = 16 << 10;

/// The lifetime of a token whose response names none.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);

/// The maximum length of an error code that a message repeats.
const MAX_CODE: usize = 64;

const TYPE_PREFIX: &str = "urn:ietf:params:oauth:token-type:";

/// An identity assertion grant (ID-JAG), which is no access token.
pub(super) const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";

/// What was asked for, as far as the answer must agree with it.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub(super) scopes: &'a [&'static str],
    /// Any of these must be in the `aud` of a token that is a JWT.
    pub(super) audiences: Vec<&'a str>,
    /// The type of token that was asked for, as a URN.
    pub(super) token_type: Option<&'static str>,
}

/// A token that may be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) lifetime: Duration,
}

/// Why there is no token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The token that was exchanged does not serve: the caller must get another.
    Subject(String),
    /// The caller is not permitted to have it.
    Denied(String),
    /// Anything else is the fault of the gateway, its configuration, or the authorization server.
    Unusable(String),
}

fn unusable(why: impl Into<String>) -> Refused {
    Refused::Unusable(why.into())
}

#[derive(Deserialize)]
struct Success {
    access_token: String,
    token_type: String,
    issued_token_type: Option<String>,
    expires_in: Option<Value>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
}

/// The token of a response, if it is one that was asked for.
pub(super) fn read(response: &Response<Bytes>, asked: &Asked<'_>) -> Result<Issued, Refused> {
    let status = response.status();
    if status != StatusCode::OK {
        return Err(failure(status, response));
    }
    if !is_json(response) {
        return Err(unusable("the token endpoint did not answer with JSON"));
    }
    let answer: Success = serde_json::from_slice(response.body()).map_err(|_| {
        unusable("the answer of the token endpoint is not that of RFC 6749, 5.1: it needs `access_token` and `token_type`")
    })?;
    check_type(&answer, asked)?;
    let token = answer.access_token;
    if token.is_empty() || token.len() > MAX_TOKEN || !is_token(&token) {
        return Err(unusable(format!(
            "the token is empty, longer than {MAX_TOKEN} bytes, or has characters that no token has (RFC 6750, 2.1)"
        )));
    }
    check_scope(answer.scope.as_deref(), asked)?;
    let claims = unverified_claims(&token);
    check_audience(claims.as_ref(), asked)?;
    Ok(Issued {
        lifetime: lifetime(answer.expires_in.as_ref()),
        token,
    })
}

fn check_type(answer: &Success, asked: &Asked<'_>) -> Result<(), Refused> {
    let is_grant = asked.token_type == Some(ID_JAG);
    let expected = if is_grant { "N_A" } else { "Bearer" };
    if !answer.token_type.eq_ignore_ascii_case(expected) {
        return Err(unusable(format!(
            "the `token_type` of the answer must be {expected}"
        )));
    }
    let issued = answer.issued_token_type.as_deref();
    let is_right = match (asked.token_type, issued) {
        (Some(asked), issued) => issued == Some(asked),
        (None, None) => true,
        (None, Some(issued)) => matches!(
            issued.strip_prefix(TYPE_PREFIX),
            Some("access_token" | "jwt")
        ),
    };
    if is_right {
        return Ok(());
    }
    Err(unusable(format!(
        "the `issued_token_type` of the answer must be {}",
        asked
            .token_type
            .unwrap_or("urn:ietf:params:oauth:token-type:access_token")
    )))
}

/// What a token has beyond what was asked for would be authority that no operator has configured. `X/.default` stands for
/// whatever an operator has granted at X (Microsoft Entra).
fn check_scope(granted: Option<&str>, asked: &Asked<'_>) -> Result<(), Refused> {
    let is_open = asked.scopes.is_empty()
        || asked
            .scopes
            .iter()
            .any(|scope| scope.ends_with("/.default"));
    let granted = granted.unwrap_or_default().split(' ');
    let mut granted = granted.filter(|scope| !scope.is_empty());
    if is_open || granted.all(|scope| asked.scopes.contains(&scope)) {
        return Ok(());
    }
    Err(unusable(
        "the token has scopes that were not asked for; add them to `scopes`, or have the authorization server leave them out",
    ))
}

/// The signature is not verified: this finds a mistake of a configuration, not a forged token.
fn check_audience(claims: Option<&Value>, asked: &Asked<'_>) -> Result<(), Refused> {
    let Some(claims) = claims.filter(|_| !asked.audiences.is_empty()) else {
        return Ok(());
    };
    let is_asked = |audience: &Value| {
        audience
            .as_str()
            .is_some_and(|audience| asked.audiences.contains(&audience))
    };
    let is_right = match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_asked),
        Some(audience) => is_asked(audience),
        None => false,
    };
    if is_right {
        return Ok(());
    }
    Err(unusable(
        "the `aud` of the token is not the audience that was asked for; correct `audience` or `resource`, or the authorization server",
    ))
}

fn lifetime(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        // Some servers write it as a text.
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => return DEFAULT_LIFETIME,
    };
    Duration::from_secs(seconds.unwrap_or(0))
}

/// What a status other than 200 says. Nothing of the body is repeated but the code of the error.
fn failure(status: StatusCode, response: &Response<Bytes>) -> Refused {
    let code = serde_json::from_slice::<Failure>(response.body())
        .ok()
        .filter(|_| is_json(response))
        .map(|failure| failure.error)
        .filter(|code| {
            code.len() <= MAX_CODE
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        });
    let sentence = match &code {
        Some(code) => format!("the token endpoint answered {status} with the error {code}"),
        None => format!("the token endpoint answered {status}"),
    };
    match (status, code.as_deref()) {
        (StatusCode::BAD_REQUEST, Some("invalid_grant" | "invalid_request")) => {
            Refused::Subject(sentence)
        }
        (
            StatusCode::BAD_REQUEST,
            Some(
                "invalid_scope"
                | "insufficient_scope"
                | "invalid_target"
                | "access_denied"
                | "interaction_required"
                | "consent_required",
            ),
        ) => Refused::Denied(sentence),
        _ => Refused::Unusable(sentence),
    }
}

fn is_json(response: &Response<Bytes>) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next();
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// `b64token` of RFC 6750, 2.1.
fn is_token(token: &str) -> bool {
    token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
}
