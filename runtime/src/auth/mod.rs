//! Who is calling: access tokens as the enterprise's own authorization servers issue them (2026-07-28,
//! basic/authorization; RFC 9068, RFC 8725).

mod authenticator;
mod check;
mod claims;
mod error;
mod header;
mod identity;
mod inspect;
mod issuer_template;
mod jwks;
mod jwks_cache;
mod jwks_source;
mod metadata;
mod resolve;
mod strict;
mod subject_token;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token_cache;
mod trusted;
mod verifier;
mod verify;

pub use crate::credential::Source;
pub use crate::principal::{Actor, Principal, UnknownClaims};
pub use check::{Check, CheckStep};
pub use error::{AccessTokenError, ClaimSource};
pub(crate) use identity::{Authenticated, Identity, METADATA};
pub use inspect::JwksError;
pub use jwks::{KeyIdentity, KeySet, KeySetError, UnusableKey, UnusableReason};
pub use metadata::DiscoveryError;
pub(crate) use metadata::{authorization_servers, token_endpoint};
pub(crate) use subject_token::SubjectToken;
pub use subject_token::{SubjectTokenError, SubjectTokenField};
pub use token_cache::{CachedToken, TokenCache, TokenDigest};
pub use trusted::TrustedIssuer;
pub use verify::{Unverified, VerificationError, Verified};

use std::rc::Rc;

use crate::token::{Binding, PrincipalName};

/// Who sent a request, as far as that has been proven.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Caller {
    /// A caller without an access token.
    Anonymous,
    /// A caller whose access token was verified.
    Principal(Rc<Principal>),
}

impl Caller {
    /// Who it is, where that has been proven.
    pub fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Anonymous => None,
            Self::Principal(principal) => Some(principal),
        }
    }

    /// The tenant that it belongs to, where it has proven one.
    pub fn tenant(&self) -> Option<&str> {
        self.principal()?.tenant()
    }

    /// What the caller's resumption tokens are bound to.
    pub(crate) fn binding(&self) -> Binding<'_> {
        match self {
            Self::Anonymous => Binding::anonymous(),
            Self::Principal(principal) => Binding::to(PrincipalName {
                issuer: principal.issuer(),
                subject: principal.subject(),
                tenant: principal.tenant(),
                client: principal.client(),
            }),
        }
    }
}
