//! The caller's access token, as far as a handler may use it: in a request to a token endpoint.

use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use http::{Method, Request, header};
use sha2::{Digest as _, Sha256};

use crate::config::{AuthorityType, Settings, Upstream};
use crate::host::UpstreamError;
use crate::url::is_secure_url;

/// The media type of a request to a token endpoint (RFC 6749, B).
const FORM: &str = "application/x-www-form-urlencoded";

/// The caller's access token. Its text goes into the form of a request to a token endpoint, and nowhere else: it was issued for
/// this server, and no other may get it (MCP 2026-07-28, authorization).
#[derive(Clone)]
pub(crate) struct SubjectToken(Rc<str>);

/// The field of a form that holds the caller's access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectTokenField {
    /// `subject_token` of a token exchange (RFC 8693, 2.1).
    SubjectToken,
    /// `assertion` of a JWT as an authorization grant (RFC 7523, 2.1).
    Assertion,
}

impl SubjectTokenField {
    const fn name(self) -> &'static str {
        match self {
            Self::SubjectToken => "subject_token",
            Self::Assertion => "assertion",
        }
    }
}

/// A request with the caller's access token was not sent, or has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectTokenError {
    /// The caller has no access token, or no upstream of the configuration has an authority that uses it.
    #[error("there is no access token of the caller")]
    NoToken,
    /// The request is none for a token endpoint.
    #[error("an access token goes to a token endpoint only: a POST of a form to https://")]
    NotTokenEndpoint,
    /// There is no usable answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

impl SubjectToken {
    /// Whether a server with these settings keeps the access tokens of its callers for the length of their requests.
    pub(crate) fn is_needed(settings: &Settings) -> bool {
        settings
            .upstreams
            .iter()
            .flat_map(Upstream::served)
            .any(|upstream| {
                matches!(
                    upstream.authority.kind,
                    Some(
                        AuthorityType::TokenExchange
                            | AuthorityType::JwtBearer
                            | AuthorityType::CrossAppAccess
                    )
                )
            })
    }

    /// A token that was verified.
    pub(crate) fn new(token: &str) -> Self {
        Self(token.into())
    }

    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Adds the token to a request for a token endpoint.
    pub(crate) fn add_to(
        &self,
        request: &mut Request<Bytes>,
        field: SubjectTokenField,
    ) -> Result<(), SubjectTokenError> {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|media_type| media_type == FORM);
        // What a form has as it is; a JWT has nothing else.
        let is_plain = self
            .0
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if request.method() != Method::POST
            || !is_form
            || !is_plain
            || !is_secure_url(&request.uri().to_string())
        {
            return Err(SubjectTokenError::NotTokenEndpoint);
        }
        let name = field.name();
        let own = [b"&", name.as_bytes(), b"=", self.0.as_bytes()].concat();
        let body = [request.body(), own.as_slice()].concat();
        *request.body_mut() = body.into();
        Ok(())
    }
}

impl fmt::Debug for SubjectToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(uri: &str) -> Request<Bytes> {
        Request::post(uri)
            .header(header::CONTENT_TYPE, FORM)
            .body(Bytes::from_static(b"grant_type=x"))
            .unwrap()
    }

    #[test]
    fn it_is_in_the_form_of_a_token_endpoint_alone() {
        let token = SubjectToken::new("a.b-c_d.e");
        let mut request = form("https://id.example/token");
        assert_eq!(
            token.add_to(&mut request, SubjectTokenField::SubjectToken),
            Ok(())
        );
        assert_eq!(request.body(), "grant_type=x&subject_token=a.b-c_d.e");

        let mut get = form("https://id.example/token");
        *get.method_mut() = Method::GET;
        let mut json = form("https://id.example/token");
        let media_type = header::HeaderValue::from_static("application/json");
        json.headers_mut().insert(header::CONTENT_TYPE, media_type);
        for mut request in [form("http://id.example/token"), get, json] {
            assert_eq!(
                token.add_to(&mut request, SubjectTokenField::Assertion),
                Err(SubjectTokenError::NotTokenEndpoint)
            );
            assert_eq!(request.body(), "grant_type=x");
        }
        let mut request = form("https://id.example/token");
        let odd = SubjectToken::new("a&scope=admin");
        assert!(
            odd.add_to(&mut request, SubjectTokenField::Assertion)
                .is_err()
        );
        assert_eq!(request.body(), "grant_type=x");
    }

    #[test]
    fn no_message_has_it() {
        assert_eq!(format!("{:?}", SubjectToken::new("a.b.c")), "SubjectToken");
    }
}
