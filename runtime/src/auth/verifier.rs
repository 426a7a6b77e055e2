//! Verifies tokens with the keys of their issuers, and remembers what it has verified.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;

use super::jwks_source::{KeySnapshot, KeySource};
use super::resolve::{resolve, sign_in_urls};
use super::token_cache::{CachedToken, TokenCache, TokenDigest};
use super::{AccessTokenError, Principal, TrustedIssuer, Unverified, VerificationError, Verified};
use crate::config::{Auth, Authenticate, AuthenticationError, AuthenticatorFuture, Settings};
use crate::credential::Credential;
use crate::host::{Host, SharedHost};
use crate::location::Location;
use crate::start::StartError;
use crate::token::Codec;

/// The issuers of an instance, their keys, and the tokens that it knows.
pub(super) struct Verifier {
    settings: &'static Auth,
    trusted: Vec<TrustedIssuer>,
    /// The keys of each of them.
    keys: Vec<KeySource>,
    sign_in_urls: Vec<String>,
    remembered: RefCell<TokenCache>,
}

impl Verifier {
    pub(super) fn start<'a>(
        settings: &'static Settings,
        location: &'a Location,
        host: &'a dyn Host,
    ) -> AuthenticatorFuture<'a> {
        Box::pin(async move {
            let verifier = Self::of(settings, location, host).await?;
            let prover: Box<dyn Authenticate> = Box::new(verifier);
            Ok(prover)
        })
    }

    async fn of(
        settings: &'static Settings,
        location: &Location,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let mut trusted = Vec::new();
        let mut keys = Vec::new();
        let mut urls = Vec::new();
        for config in settings.issuers {
            let (issuer, source) = resolve(config, &settings.auth, location, host).await?;
            // Clients take the first one.
            let place = if config.development { 0 } else { urls.len() };
            urls.splice(place..place, sign_in_urls(&issuer, host).await?);
            trusted.push(issuer);
            keys.push(source);
        }
        Ok(Self {
            settings: &settings.auth,
            trusted,
            keys,
            sign_in_urls: urls,
            remembered: RefCell::new(TokenCache::new(settings.auth.token_cache_size)),
        })
    }

    async fn principal(
        &self,
        credential: Credential<'_>,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Rc<Principal>, AuthenticationError> {
        let Credential { token, source } = credential;
        // A token that is too long is never remembered, and not worth a digest.
        let digest =
            (token.len() <= self.settings.token_bytes).then(|| TokenDigest::of(token, source));
        if let Some(digest) = &digest
            && let Some(principal) = self.cached(digest, codec, host).await?
        {
            return Ok(principal);
        }
        let now = host.now();
        let unverified = Unverified::read(token, source, &self.trusted, self.settings, now)?;
        let issuer = unverified.issuer();
        let mut held = self.held(issuer, codec, host).await?;
        let verified = loop {
            match unverified.verify(&held.keys, host.as_ref()).await {
                Ok(verified) => break verified,
                Err(VerificationError::Rejected(
                    rejected @ AccessTokenError::UnknownKey { .. },
                )) => match self.newer(issuer, held.generation, codec, host).await? {
                    Some(newer) => held = newer,
                    None => return Err(rejected.into()),
                },
                Err(error) => return Err(error.into()),
            }
        };
        let Verified { principal, key, .. } = verified;
        let principal = Rc::new(principal);
        let known = CachedToken {
            principal: Rc::clone(&principal),
            issuer,
            key,
            generation: held.generation,
        };
        if let Some(digest) = digest {
            self.remembered.borrow_mut().insert(digest, known);
        }
        Ok(principal)
    }

    /// A token that was verified before, if it has not ended since and its key was not withdrawn.
    async fn cached(
        &self,
        digest: &TokenDigest,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Option<Rc<Principal>>, AuthenticationError> {
        let Some(mut known) = self.remembered.borrow_mut().get(digest) else {
            return Ok(None);
        };
        let held = self.held(known.issuer, codec, host).await?;
        let ends = known.principal.expires().after(self.settings.leeway);
        if host.now() >= ends {
            self.remembered.borrow_mut().remove(digest);
            return Ok(None);
        }
        if known.generation != held.generation {
            if !held.keys.has(&known.key) {
                self.remembered.borrow_mut().remove(digest);
                return Ok(None);
            }
            known.generation = held.generation;
            self.remembered.borrow_mut().insert(*digest, known.clone());
        }
        Ok(Some(known.principal))
    }

    async fn held(
        &self,
        issuer: usize,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<KeySnapshot, AuthenticationError> {
        let (trusted, keys) = self.issuer(issuer)?;
        Ok(keys.current(trusted, codec, host).await?)
    }

    async fn newer(
        &self,
        issuer: usize,
        generation: u64,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Option<KeySnapshot>, AuthenticationError> {
        let (trusted, keys) = self.issuer(issuer)?;
        Ok(keys.newer(generation, trusted, codec, host).await?)
    }

    /// Fetches keys only where no issuer has any that can be used, and no more often than a request would. All are asked at
    /// once, so that one that does not answer does not stand for the others.
    async fn usable(&self, codec: &Rc<Codec>, host: &SharedHost) -> Result<(), String> {
        let now = host.now();
        if self.keys.iter().any(|keys| keys.is_usable(now)) {
            return Ok(());
        }
        let issuers = self.trusted.iter().zip(&self.keys);
        let mut fetches: FuturesUnordered<_> = issuers
            .map(|(trusted, keys)| keys.current(trusted, codec, host))
            .collect();
        let mut failures = Vec::new();
        while let Some(fetched) = fetches.next().await {
            match fetched {
                Ok(_) => return Ok(()),
                Err(error) => failures.push(error.to_string()),
            }
        }
        Err(failures.join("; "))
    }

    fn issuer(&self, issuer: usize) -> Result<(&TrustedIssuer, &KeySource), AuthenticationError> {
        let found = self.trusted.get(issuer).zip(self.keys.get(issuer));
        found.ok_or_else(|| AuthenticationError::Unavailable {
            detail: "the issuer is not there".to_owned(),
        })
    }
}

impl Authenticate for Verifier {
    fn authenticate<'a>(
        &'a self,
        credential: Credential<'a>,
        codec: &'a Rc<Codec>,
        host: &'a SharedHost,
    ) -> LocalBoxFuture<'a, Result<Rc<Principal>, AuthenticationError>> {
        Box::pin(self.principal(credential, codec, host))
    }

    fn check<'a>(
        &'a self,
        codec: &'a Rc<Codec>,
        host: &'a SharedHost,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(self.usable(codec, host))
    }

    fn sign_in_urls(&self) -> Vec<String> {
        self.sign_in_urls.clone()
    }
}
