//! How tokens are verified, as something that a configuration can refer to.

use std::fmt;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::credential::Credential;
use super::jwks_source::KeysUnavailable;
use super::verifier::Verifier;
use super::{AccessTokenError, Principal, VerificationError};
use crate::config::Settings;
use crate::host::{Host, SharedHost};
use crate::location::Location;
use crate::start::StartError;
use crate::token::Codec;

/// How an issuer's tokens are verified.
///
/// It stands among an issuer's settings, so that a server without issuers does not carry the code.
#[derive(Clone, Copy)]
pub struct Scheme {
    start: for<'a> fn(&'static Settings, &'a Location, &'a dyn Host) -> AuthenticatorFuture<'a>,
}

/// Authenticates a token; available once an instance has started.
pub(super) type AuthenticatorFuture<'a> =
    LocalBoxFuture<'a, Result<Box<dyn Authenticate>, StartError>>;

impl Scheme {
    /// JWTs, with the issuer's public keys (RFC 9068).
    pub const JWT: Self = Self {
        start: Verifier::start,
    };

    pub(super) fn start<'a>(
        self,
        settings: &'static Settings,
        location: &'a Location,
        host: &'a dyn Host,
    ) -> AuthenticatorFuture<'a> {
        (self.start)(settings, location, host)
    }
}

/// There is only one.
impl PartialEq for Scheme {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JWT")
    }
}

/// Tells from a token who is calling.
pub(super) trait Authenticate {
    /// The principal that a token proves.
    fn authenticate<'a>(
        &'a self,
        credential: Credential<'a>,
        codec: &'a Rc<Codec>,
        host: &'a SharedHost,
    ) -> LocalBoxFuture<'a, Result<Rc<Principal>, AuthenticationError>>;

    /// Whether a token of at least one issuer can be verified. The error says why not.
    fn check<'a>(
        &'a self,
        codec: &'a Rc<Codec>,
        host: &'a SharedHost,
    ) -> LocalBoxFuture<'a, Result<(), String>>;

    /// The issuers at which a client can get a token by itself.
    fn sign_in_urls(&self) -> Vec<String>;
}

/// Why a token proves nothing.
#[derive(Debug)]
pub(super) enum AuthenticationError {
    /// It is not accepted.
    Rejected {
        reason: &'static str,
        detail: String,
    },
    /// The keys to verify it with are not available.
    Unavailable { detail: String },
}

impl From<KeysUnavailable> for AuthenticationError {
    fn from(error: KeysUnavailable) -> Self {
        Self::Unavailable {
            detail: error.to_string(),
        }
    }
}

impl From<VerificationError> for AuthenticationError {
    fn from(error: VerificationError) -> Self {
        match error {
            VerificationError::Rejected(rejected) => rejected.into(),
            VerificationError::Unavailable(_) => Self::Unavailable {
                detail: error.to_string(),
            },
        }
    }
}

impl From<AccessTokenError> for AuthenticationError {
    fn from(rejected: AccessTokenError) -> Self {
        Self::Rejected {
            reason: rejected.reason(),
            detail: rejected.to_string(),
        }
    }
}
