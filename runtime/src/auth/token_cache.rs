//! Tokens that were verified before, so that a hit costs a digest and a lookup.

use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use super::jwks::KeyIdentity;
use crate::credential::Source;
use crate::principal::Principal;

/// Tokens that were verified before. Only ever an optimisation: it forgets whenever it likes.
///
/// Two halves, the young one and the old one. When the young half is full it becomes the old one, and what
/// was in that is forgotten, unless it was asked for since: nothing is ever searched for what to forget.
#[derive(Debug)]
pub struct TokenCache {
    half: usize,
    young: BTreeMap<TokenDigest, CachedToken>,
    old: BTreeMap<TokenDigest, CachedToken>,
}

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

impl TokenCache {
    /// Remembers at most about `capacity` tokens; none if that is 0.
    pub fn new(capacity: usize) -> Self {
        Self {
            half: capacity.div_ceil(2),
            young: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }

    /// What is known of a token.
    pub fn get(&mut self, token: &TokenDigest) -> Option<CachedToken> {
        if let Some(known) = self.young.get(token) {
            return Some(known.clone());
        }
        let known = self.old.remove(token)?;
        self.insert(*token, known.clone());
        Some(known)
    }

    /// Remembers a token, or what has changed about it.
    pub fn insert(&mut self, token: TokenDigest, known: CachedToken) {
        if self.half == 0 {
            return;
        }
        if self.young.len() >= self.half && !self.young.contains_key(&token) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token, known);
    }

    /// Forgets a token: it expired, or its key was withdrawn.
    pub fn remove(&mut self, token: &TokenDigest) {
        self.young.remove(token);
        self.old.remove(token);
    }
}
