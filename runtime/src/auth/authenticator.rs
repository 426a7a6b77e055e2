//! The scheme of issuers whose tokens are JWTs.

use super::jwks_source::KeysUnavailable;
use super::verifier::Verifier;
use super::{AccessTokenError, VerificationError};
use crate::config::{AuthenticationError, Scheme};

impl Scheme {
    /// JWTs, with the issuer's public keys (RFC 9068).
    pub const JWT: Self = Self::new("JWT", Verifier::start);
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
