//! Who is calling: access tokens as the enterprise's own authorization servers issue them (2026-07-28,
//! basic/authorization; RFC 9068, RFC 8725).

mod algorithm;
mod cached;
mod check;
mod claims;
mod credential;
mod header;
mod identity;
mod inspect;
mod jwks;
mod keys;
mod principal;
mod published;
mod rejected;
mod remembered;
mod resolve;
mod scheme;
mod strict;
mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trusted;
mod verifier;
mod verify;

pub use check::{Check, Step};
pub(crate) use identity::{Identity, METADATA};
pub use inspect::NoKeys;
pub use jwks::{KeyIdentity, KeySet, NotAKeySet, SetAside, Unusable};
pub use principal::{Actor, Principal, Unknown};
pub use rejected::{Named, Rejected};
pub use remembered::{Known, Remembered, TokenDigest};
pub use scheme::Scheme;
pub use trusted::{Source, Trusted};
pub use verify::{Unverified, Verified};

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
