//! Why an access token is not accepted.

use std::time::Duration;

use mcp_edge_schema::text::shorten;

use crate::signature::SignatureAlgorithm;

/// The longest part of a claim that a sentence repeats, in characters.
const SHOWN: usize = 120;

/// Why an access token is not accepted.
///
/// The sentences say what to change, and where. They repeat nothing of a token but the claims that name
/// parties, cut short and escaped. They are for operators: a client is told less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// Longer than `auth.token_bytes`.
    #[error(
        "the token is {bytes} bytes long and {limit} are allowed; leave claims out at the provider or raise \
         `auth.token_bytes`"
    )]
    TooLarge {
        /// The length of the token, in bytes.
        bytes: usize,
        /// `auth.token_bytes`.
        limit: usize,
    },
    /// Not three parts of base64url (RFC 7515, 3.1).
    #[error(
        "the token is no signed JWT of three parts in base64url; have the provider issue JWT access tokens for \
         this audience instead of opaque ones"
    )]
    NotAJwt,
    /// A JWE (RFC 7516).
    #[error(
        "the token is encrypted (it has five parts); have the provider sign access tokens for this audience \
         without encrypting them"
    )]
    Encrypted,
    /// The header or the claims are not what RFC 7515 and RFC 7519 make of them.
    #[error(
        "the token's {part} is not readable: {why}; have the provider issue tokens as RFC 7519 describes them"
    )]
    Malformed {
        /// `header` or `claims`.
        part: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two members of one name, of which every parser may believe another.
    #[error("two members of the token's {part} have one name; have the provider send each once")]
    DuplicateMember {
        /// `header` or `claims`.
        part: &'static str,
    },
    /// The header asks for an extension that this server does not have (RFC 7515, 4.1.11; RFC 7797).
    #[error(
        "the token's header has `{0}`, an extension that this server does not have; turn it off at the provider"
    )]
    CriticalHeader(&'static str),
    /// The header's `cty` says that the content is something other than claims (RFC 7519, 5.2).
    #[error(
        "the token's header has `cty`, so it holds something other than claims; have the provider leave it out"
    )]
    WrongContentType,
    /// A claim that has to be there is not.
    #[error("the token has no claim `{claim}`; add it at the provider{}", named.advice())]
    MissingClaim {
        /// Its name in the configuration or the standard.
        claim: &'static str,
        /// What names it.
        named: ClaimSource,
    },
    /// A claim is not of the form that it must have.
    #[error("the token's claim `{claim}` {why}; correct it at the provider{}", named.advice())]
    MalformedClaim {
        /// Its name in the configuration or the standard.
        claim: &'static str,
        /// What names it.
        named: ClaimSource,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No issuer of the configuration is the token's `iss`.
    #[error(
        "the token was issued by {found}, and no [issuers] has exactly that `issuer`; add it there if it is to be \
         trusted"
    )]
    UnknownIssuer {
        /// `iss`, fit to be shown.
        found: String,
    },
    /// The issuer is trusted, for other tenants.
    #[error(
        "the token belongs to tenant {found}, which [issuers.{issuer}] does not accept or which its `iss` does not \
         name; add the tenant to `tenants` if it is to be trusted"
    )]
    WrongTenant {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// The tenant, fit to be shown.
        found: String,
    },
    /// The token came in another header than its issuer's tokens do.
    #[error(
        "a token of [issuers.{issuer}] has to arrive in the header {expected}; send it there or change `header`"
    )]
    WrongHeader {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// The header's name.
        expected: &'static str,
    },
    /// Signed, or not, with an algorithm that the issuer may not use.
    #[error(
        "the token names the algorithm {found}, and [issuers.{issuer}] allows only {}; have the provider sign with \
         one of those{}",
        accepted.join(", "),
        or_allow(found)
    )]
    WrongAlgorithm {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// `alg`, fit to be shown.
        found: String,
        /// `algorithms` of the issuer.
        accepted: Vec<&'static str>,
    },
    /// Another kind of token: an ID token, a logout token.
    #[error(
        "the token's header has the `typ` {found}, and [issuers.{issuer}] accepts only {accepted:?}; send an access \
         token, or add the type to `types`"
    )]
    WrongType {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// `typ`, fit to be shown; empty where it is absent.
        found: String,
        /// `types` of the issuer.
        accepted: &'static [&'static str],
    },
    /// Issued for another server.
    #[error(
        "the token is meant for {found}, and [issuers.{issuer}] accepts exactly {}; have the client ask for a token \
         for this server's URL, or correct `audiences`",
        accepted.join(", ")
    )]
    WrongAudience {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// `aud`, fit to be shown.
        found: String,
        /// The audiences that the issuer's tokens may have.
        accepted: Vec<String>,
    },
    /// Its time is over.
    #[error(
        "the token ended {} seconds ago; sign in again or refresh it, and compare the clocks if it is new",
        .0.as_secs()
    )]
    Expired(Duration),
    /// Its time has not come.
    #[error("the token begins {} seconds ahead (`nbf`); compare the clocks of the provider and the host", .0.as_secs())]
    NotYetValid(Duration),
    /// Issued at a time that has not come.
    #[error("the token was issued {} seconds ahead (`iat`); compare the clocks of the provider and the host", .0.as_secs())]
    IssuedInFuture(Duration),
    /// The header's `kid` is too long or holds control characters.
    #[error(
        "the token's `kid` is longer than 256 bytes or holds control characters; name the keys otherwise at the provider"
    )]
    MalformedKeyId,
    /// The issuer's key set has no such key. It may have one when it is fetched again.
    #[error(
        "the keys of [issuers.{issuer}] have none that the token could be signed with; if the provider has just \
         changed its keys, try again after `auth.jwks_cooldown`, otherwise correct `jwks`"
    )]
    UnknownKey {
        /// What the configuration calls the issuer.
        issuer: &'static str,
    },
    /// The token does not say with which of several keys it was signed.
    #[error(
        "the keys of [issuers.{issuer}] have several that the token could be signed with; have the provider give \
         each key its own `kid` and put it into the header"
    )]
    AmbiguousKey {
        /// What the configuration calls the issuer.
        issuer: &'static str,
    },
    /// The issuer's key set has the key, and it does not serve for this token.
    #[error(
        "the token's key, as [issuers.{issuer}] publishes it, {why}; correct it at the provider"
    )]
    UnusableKey {
        /// What the configuration calls the issuer.
        issuer: &'static str,
        /// What is wrong with it, to be read after the key: `is of another kind`.
        why: String,
    },
    /// Changed since it was issued, or signed with another key.
    #[error(
        "the token's signature is not by the key of [issuers.{issuer}] that it names; the token was changed or is \
         signed with another key"
    )]
    BadSignature {
        /// What the configuration calls the issuer.
        issuer: &'static str,
    },
}

/// What names a claim, and so whether another can be named in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimSource {
    /// A standard. There is no other.
    Standard,
    /// `claims` of the issuer.
    Claims,
    /// `tenant` of the issuer.
    Tenant,
}

impl ClaimSource {
    /// The end of a sentence that says what to do about the claim.
    const fn advice(self) -> &'static str {
        match self {
            Self::Standard => "",
            Self::Claims => ", or name another under `claims` of the issuer",
            Self::Tenant => ", or name another as `tenant` of the issuer",
        }
    }
}

/// The rest of a remedy. There is no code for `none` and for HMAC, so they cannot be allowed.
fn or_allow(found: &str) -> &'static str {
    let found = found.trim_matches('"');
    match SignatureAlgorithm::ALL
        .iter()
        .any(|known| known.name() == found)
    {
        true => ", or add it to `algorithms`",
        false => "",
    }
}

impl AccessTokenError {
    /// The reason as audit events spell it.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NotAJwt => "not_a_jwt",
            Self::Encrypted => "encrypted",
            Self::Malformed { .. } => "malformed",
            Self::DuplicateMember { .. } => "duplicate_member",
            Self::CriticalHeader(_) => "critical_header",
            Self::WrongContentType => "wrong_content_type",
            Self::MissingClaim { .. } => "missing_claim",
            Self::MalformedClaim { .. } => "malformed_claim",
            Self::UnknownIssuer { .. } => "unknown_issuer",
            Self::WrongTenant { .. } => "wrong_tenant",
            Self::WrongHeader { .. } => "wrong_header",
            Self::WrongAlgorithm { .. } => "wrong_algorithm",
            Self::WrongType { .. } => "wrong_type",
            Self::WrongAudience { .. } => "wrong_audience",
            Self::Expired(_) => "expired",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::IssuedInFuture(_) => "issued_in_future",
            Self::MalformedKeyId => "malformed_key_id",
            Self::UnknownKey { .. } => "unknown_key",
            Self::AmbiguousKey { .. } => "ambiguous_key",
            Self::UnusableKey { .. } => "unusable_key",
            Self::BadSignature { .. } => "bad_signature",
        }
    }
}

/// A text of a stranger, quoted, escaped and cut short.
pub(super) fn shown(text: &str) -> String {
    format!("{:?}", shorten(text, SHOWN))
}
