//! What a token is bound to besides its server: whose it is, and which request it continues.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use mcp_edge_audit::canonical::Canonical;

/// The names that make a principal, as its issuer vouches for them.
///
/// The access token is not among them: it is refreshed while a conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalName<'a> {
    /// The issuer (`iss`) of the access token.
    pub issuer: &'a str,
    /// The subject (`sub`) at that issuer.
    pub subject: &'a str,
    /// The tenant, where the server has any.
    pub tenant: Option<&'a str>,
    /// The client that acts for the subject, where the issuer says so.
    pub client: Option<&'a str>,
}

/// Whose a token is, and which request it continues.
///
/// Made for every request from what is true of that request; a token opens only under the binding
/// that it was minted under.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    pub(super) name: Option<PrincipalName<'a>>,
    pub(super) principal: PrincipalDigest,
    pub(super) request: Option<RequestDigest>,
}

impl<'a> Binding<'a> {
    /// Binds to no principal: for servers that serve without authentication.
    pub fn anonymous() -> Self {
        Self {
            name: None,
            principal: PrincipalDigest::anonymous(),
            request: None,
        }
    }

    /// Binds to a principal.
    pub fn to(name: PrincipalName<'a>) -> Self {
        Self {
            name: Some(name),
            principal: PrincipalDigest::of(name),
            request: None,
        }
    }

    /// Binds to one request besides.
    #[must_use]
    pub fn and_request(mut self, request: RequestDigest) -> Self {
        self.request = Some(request);
        self
    }
}

/// SHA-256 over the canonical JSON of `[issuer, subject, tenant, client]`, an absent one being `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalDigest(pub(super) [u8; 32]);

impl PrincipalDigest {
    /// The digest of a principal.
    pub fn of(name: PrincipalName<'_>) -> Self {
        let mut text = Canonical::default();
        text.array(
            [
                Some(name.issuer),
                Some(name.subject),
                name.tenant,
                name.client,
            ],
            |text, part| match part {
                Some(part) => text.string(part),
                None => text.value(&Value::Null),
            },
        );
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The anonymous caller: the digest of `null`, which no principal has.
    pub const fn anonymous() -> Self {
        Self(DIGEST_OF_NULL)
    }
}

/// SHA-256 of `null`, which every anonymous request would compute again.
const DIGEST_OF_NULL: [u8; 32] = [
    0x74, 0x23, 0x4e, 0x98, 0xaf, 0xe7, 0x49, 0x8f, 0xb5, 0xda, 0xf1, 0xf3, 0x6a, 0xc2, 0xd7, 0x8a,
    0xcc, 0x33, 0x94, 0x64, 0xf9, 0x50, 0x70, 0x3b, 0x8c, 0x01, 0x98, 0x92, 0xf9, 0x82, 0xb9, 0x0b,
];

/// SHA-256 over the canonical JSON of `[method, params]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest(pub(super) [u8; 32]);

impl RequestDigest {
    /// The digest of a request.
    ///
    /// `params` are those that make it the same request when it is sent again: the tool's name and its
    /// arguments, and neither `_meta` nor answers nor the token itself.
    pub fn of(method: &str, params: &Value) -> Self {
        let method = Value::from(method);
        let mut text = Canonical::default();
        text.array([&method, params], Canonical::value);
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_is_the_digest_of_null() {
        let digest: [u8; 32] = Sha256::digest(b"null").into();
        assert_eq!(PrincipalDigest::anonymous().0, digest);
    }
}
