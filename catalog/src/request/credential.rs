//! What proves to an API that a request is the gateway's.

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, Uri};
use thiserror::Error;

use super::names::can_be_read_as;
use super::{ArgumentError, MAX_URL_BYTES, decoded, percent};

/// A credential of a request. It has no `Debug`, so that no message contains it.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer(&'a str),
    /// `Authorization: Basic` (RFC 7617).
    Basic {
        /// The user name.
        username: &'a str,
        /// The password.
        password: &'a str,
    },
    /// A header.
    Header {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// A parameter of the query.
    Query {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
}

/// The reason why a request cannot have a credential. It does not contain the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The name is not the name of a header.
    #[error("this is not the name of a header")]
    Name,
    /// The user name has a colon.
    #[error("a user name cannot have `:` (RFC 7617, 2)")]
    Username,
    /// The value has a character that a header cannot have.
    #[error("the value has a character that a header cannot have")]
    Value,
    /// The URL is longer than [`MAX_URL_BYTES`].
    #[error("the URL would be longer than {MAX_URL_BYTES} bytes")]
    TooLong,
}

impl Credential<'_> {
    /// Adds it to a request. The value of a header is marked as sensitive.
    ///
    /// # Errors
    ///
    /// The request cannot have it; the request is unchanged.
    pub fn add_to(self, request: &mut Request<Bytes>) -> Result<(), CredentialError> {
        let (name, value) = match self {
            Self::Bearer(token) => (AUTHORIZATION, format!("Bearer {token}")),
            Self::Basic { username, .. } if username.contains(':') => {
                return Err(CredentialError::Username);
            }
            Self::Basic { username, password } => {
                (AUTHORIZATION, format!("Basic {}", pair(username, password)))
            }
            Self::Header { name, value } => {
                let name = HeaderName::try_from(name).map_err(|_| CredentialError::Name)?;
                (name, value.to_owned())
            }
            Self::Query { name, value } => {
                let uri = with_parameter(request.uri(), name, value);
                *request.uri_mut() = uri.ok_or(CredentialError::TooLong)?;
                return Ok(());
            }
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| CredentialError::Value)?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
        Ok(())
    }

    /// The part of it that is secret.
    pub(super) fn secret(&self) -> &str {
        match self {
            Self::Bearer(secret)
            | Self::Basic {
                password: secret, ..
            }
            | Self::Header { value: secret, .. }
            | Self::Query { value: secret, .. } => secret,
        }
    }

    /// User name and password as the header has them, if it is `Basic`.
    pub(super) fn encoded_pair(&self) -> Option<String> {
        match self {
            Self::Basic { username, password } => Some(pair(username, password)),
            _ => None,
        }
    }
}

fn pair(username: &str, password: &str) -> String {
    Base64::encode_string(format!("{username}:{password}").as_bytes())
}

/// Checks that the arguments have set no parameter of the query that can be read as one that is kept for a credential: a server
/// that takes the first of two would take the caller's.
///
/// # Errors
///
/// They have set the one of `reserved` that the error names.
pub fn check_reserved<'a>(
    uri: &Uri,
    reserved: impl IntoIterator<Item = &'a str>,
) -> Result<(), ArgumentError> {
    let names = uri.query().unwrap_or_default().split('&');
    let names = names.map(|pair| decoded(pair.split('=').next().unwrap_or_default()));
    let mut reserved = reserved.into_iter();
    match reserved.find(|name| names.clone().any(|set| can_be_read_as(&set, name))) {
        Some(name) => Err(ArgumentError::Reserved(name.to_owned())),
        None => Ok(()),
    }
}

fn with_parameter(uri: &Uri, name: &str, value: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let before = parts
        .path_and_query
        .as_ref()
        .map_or("/", PathAndQuery::as_str);
    let separator = if before.contains('?') { '&' } else { '?' };
    let text = format!(
        "{before}{separator}{}={}",
        percent::encode(name),
        percent::encode(value)
    );
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    let uri = Uri::from_parts(parts).ok()?;
    (uri.to_string().len() <= MAX_URL_BYTES).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(url: &str, credential: Credential<'_>) -> Result<Request<Bytes>, CredentialError> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = url.parse().unwrap();
        credential.add_to(&mut request)?;
        Ok(request)
    }

    #[test]
    fn credentials_are_in_their_place() {
        let url = "https://a.example/x";
        let basic = Credential::Basic {
            username: "Aladdin",
            password: "open sesame",
        };
        let header = Credential::Header {
            name: "X-Api-Key",
            value: "k",
        };
        for (credential, name, value) in [
            (Credential::Bearer("t"), "authorization", "Bearer t"),
            // The example of RFC 7617, 2.
            (basic, "authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            (header, "x-api-key", "k"),
        ] {
            let request = added(url, credential).unwrap();
            let found = request.headers().get(name).unwrap();
            assert_eq!(found, value);
            assert!(found.is_sensitive());
        }
    }

    #[test]
    fn a_secret_in_the_query_cannot_change_the_query() {
        for (url, name, value, expected) in [
            (
                "https://a.example/x?y=1",
                "api key",
                "a&b=c#d",
                "https://a.example/x?y=1&api%20key=a%26b%3Dc%23d",
            ),
            ("https://a.example", "k", "ä", "https://a.example/?k=%C3%A4"),
        ] {
            let request = added(url, Credential::Query { name, value }).unwrap();
            assert_eq!(request.uri(), expected);
        }
    }

    #[test]
    fn arguments_cannot_set_what_a_credential_sets() {
        for (query, is_set) in [
            ("?api%20key=1", true),
            ("?a=1&API%20k%65y", true),
            ("?api_key=1", true),
            ("?keys=1&b=api%20key", false),
            ("", false),
        ] {
            let uri = format!("https://a.example/x{query}").parse().unwrap();
            let expected = match is_set {
                true => Err(ArgumentError::Reserved("api key".to_owned())),
                false => Ok(()),
            };
            assert_eq!(
                check_reserved(&uri, ["key", "api key"]),
                expected,
                "{query}"
            );
        }
    }

    #[test]
    fn what_no_request_can_have_is_rejected() {
        let header = |name, value| Credential::Header { name, value };
        let long = "k".repeat(MAX_URL_BYTES);
        for (credential, error) in [
            (Credential::Bearer("a\nb"), CredentialError::Value),
            (header("X-Key", "a\r\nHost: b"), CredentialError::Value),
            (header("X Key", "a"), CredentialError::Name),
            (
                Credential::Basic {
                    username: "a:b",
                    password: "c",
                },
                CredentialError::Username,
            ),
            (
                Credential::Query {
                    name: "k",
                    value: &long,
                },
                CredentialError::TooLong,
            ),
        ] {
            let found = added("https://a.example/x", credential);
            assert_eq!(found.err(), Some(error));
        }
    }
}
