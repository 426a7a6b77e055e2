//! Tokens that were verified before, so that a hit costs a digest and a lookup.

use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use super::jwks::KeyIdentity;
use crate::credential::Source;
use crate::principal::Principal;
use crate::recent::RecentMap;

/// Tokens that were verified before.
pub type TokenCache = RecentMap<TokenDigest, CachedToken>;

/// What stands for a token: the token cannot be computed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenDigest([u8; 32]);

/// What was learned when the token was verified. Whether it still holds (its expiry, its key) is for the
/// one who asks to see.
#[derive(Debug, Clone)]
pub struct CachedToken {
    /// Who is calling.
    pub principal: Rc<Principal>,
    /// The issuer, by its place among the trusted ones.
    pub issuer: usize,
    /// The key that made the signature.
    pub key: KeyIdentity,
    /// The generation of the key set that `key` was last seen in.
    pub generation: u64,
}

impl TokenDigest {
    /// The digest of a token that came in one header; in another it would be another token.
    pub fn of(token: &str, source: Source<'_>) -> Self {
        let mut digest = Sha256::new();
        digest.update(source.name().to_ascii_lowercase());
        // No header's name has one.
        digest.update([0]);
        digest.update(token);
        Self(digest.finalize().into())
    }
}
