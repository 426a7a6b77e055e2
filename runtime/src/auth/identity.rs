//! From a request to the caller.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use http::request::Parts;

use super::credential::{self, Credential};
use super::keys::{Held, KeySource, Unavailable};
use super::remembered::{Known, Remembered, TokenDigest};
use super::resolve::{resolve, sign_in_urls};
use super::{Caller, Principal, Rejected, Trusted, Unverified, Verified};
use crate::config::{Auth, Settings};
use crate::host::{Host, SharedHost};
use crate::instance::StartError;
use crate::location::Location;
use crate::policy::Policy;
use crate::refusal::{Challenge, Refusal};
use crate::token::Codec;

/// The resource metadata's name below `/.well-known/` (RFC 9728, 3).
pub(crate) const METADATA: &str = "oauth-protected-resource";

/// Everything that an instance knows about who may call.
pub(crate) struct Identity {
    settings: &'static Auth,
    trusted: Vec<Trusted>,
    /// The keys of each of them.
    keys: Vec<KeySource>,
    remembered: RefCell<Remembered>,
    /// The headers of proxies that hand over tokens.
    proxies: Vec<&'static str>,
    /// The scopes to ask for at sign-in.
    scopes: BTreeSet<String>,
    metadata: Option<Rc<str>>,
    admits_anonymous: bool,
}

/// Why a request has no caller.
pub(crate) struct Unproven {
    pub(crate) refusal: Refusal,
    /// What was wrong with the token, for the log.
    pub(crate) reason: Option<&'static str>,
    pub(crate) detail: Option<String>,
}

impl From<Refusal> for Unproven {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            reason: None,
            detail: None,
        }
    }
}

impl Identity {
    /// `scopes` are those that tools ask for themselves.
    pub(crate) async fn start(
        settings: &'static Settings,
        location: &Location,
        policy: &Policy,
        scopes: BTreeSet<String>,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let mut trusted = Vec::new();
        let mut keys = Vec::new();
        for config in settings.issuers {
            let (issuer, source) = resolve(config, &settings.auth, location, host).await?;
            trusted.push(issuer);
            keys.push(source);
        }
        let asked = &settings.auth.scopes;
        let scopes = if asked.is_empty() {
            policy.scopes().into_iter().chain(scopes).collect()
        } else {
            asked.iter().map(|scope| (*scope).to_owned()).collect()
        };
        let mut identity = Self {
            settings: &settings.auth,
            proxies: settings
                .issuers
                .iter()
                .filter_map(|issuer| issuer.header)
                .collect(),
            keys,
            remembered: RefCell::new(Remembered::new(settings.auth.remembered)),
            scopes,
            metadata: None,
            admits_anonymous: policy.admits_anonymous(),
            trusted,
        };
        if !identity.authorization_servers().is_empty() {
            identity.metadata = location.well_known(METADATA).map(Rc::from);
        }
        Ok(identity)
    }

    /// Whether anybody can sign in.
    pub(crate) fn has_issuers(&self) -> bool {
        !self.trusted.is_empty()
    }

    /// The scopes that a client is told to ask for when it signs in.
    pub(crate) fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// The issuers at which a client can get a token by itself.
    pub(crate) fn authorization_servers(&self) -> Vec<String> {
        self.trusted.iter().flat_map(sign_in_urls).collect()
    }

    /// What tells a client how to get a token with `scopes`.
    pub(crate) fn challenge(&self, scopes: &BTreeSet<String>) -> Challenge {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        Challenge {
            scope: scopes.join(" "),
            metadata: self.metadata.clone(),
        }
    }

    /// The refusal of whoever has proven nothing.
    pub(crate) fn sign_in(&self) -> Refusal {
        Refusal::SignInRequired(self.challenge(&self.scopes))
    }

    /// The refusal of whoever's token ended on the way.
    pub(crate) fn expired(&self) -> Refusal {
        Refusal::InvalidToken(self.challenge(&self.scopes))
    }

    /// Finds out who sends a request.
    pub(crate) async fn caller(
        &self,
        head: &Parts,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Caller, Unproven> {
        if self.trusted.is_empty() {
            return Ok(Caller::Anonymous);
        }
        match credential::find(head, &self.proxies)? {
            Some(credential) => {
                let principal = self.principal(credential, codec, host).await?;
                Ok(Caller::Principal(principal))
            }
            None if self.admits_anonymous => Ok(Caller::Anonymous),
            None => Err(self.sign_in().into()),
        }
    }

    async fn principal(
        &self,
        credential: Credential<'_>,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Rc<Principal>, Unproven> {
        let Credential { token, source } = credential;
        // A token that is too long is never remembered, and not worth a digest.
        let digest =
            (token.len() <= self.settings.token_bytes).then(|| TokenDigest::of(token, source));
        if let Some(digest) = &digest
            && let Some(principal) = self.recall(digest, codec, host).await?
        {
            return Ok(principal);
        }
        let now = host.now();
        let unverified = Unverified::read(token, source, &self.trusted, self.settings, now)
            .map_err(|rejected| self.rejected(&rejected))?;
        let issuer = unverified.issuer();
        let mut held = self.held(issuer, codec, host).await?;
        let verified = loop {
            match unverified.verify(&held.keys) {
                Ok(verified) => break verified,
                Err(rejected @ Rejected::UnknownKey { .. }) => {
                    match self.newer(issuer, held.generation, codec, host).await {
                        Some(newer) => held = newer,
                        None => return Err(self.rejected(&rejected)),
                    }
                }
                Err(rejected) => return Err(self.rejected(&rejected)),
            }
        };
        let Verified { principal, key, .. } = verified;
        let principal = Rc::new(principal);
        let known = Known {
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
    async fn recall(
        &self,
        digest: &TokenDigest,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Option<Rc<Principal>>, Unproven> {
        let Some(mut known) = self.remembered.borrow_mut().get(digest) else {
            return Ok(None);
        };
        let held = self.held(known.issuer, codec, host).await?;
        let ends = known.principal.expires().after(self.settings.leeway);
        if host.now() >= ends {
            self.remembered.borrow_mut().forget(digest);
            return Ok(None);
        }
        if known.generation != held.generation {
            if !held.keys.has(&known.key) {
                self.remembered.borrow_mut().forget(digest);
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
    ) -> Result<Held, Unproven> {
        let (Some(trusted), Some(keys)) = (self.trusted.get(issuer), self.keys.get(issuer)) else {
            return Err(Refusal::Internal.into());
        };
        keys.current(trusted, codec, host)
            .await
            .map_err(|error: Unavailable| Unproven {
                detail: Some(error.to_string()),
                ..Refusal::IssuerUnavailable.into()
            })
    }

    async fn newer(
        &self,
        issuer: usize,
        generation: u64,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Option<Held> {
        let trusted = self.trusted.get(issuer)?;
        let keys = self.keys.get(issuer)?;
        keys.newer(generation, trusted, codec, host).await
    }

    fn rejected(&self, rejected: &Rejected) -> Unproven {
        Unproven {
            reason: Some(rejected.reason()),
            detail: Some(rejected.to_string()),
            ..Refusal::InvalidToken(self.challenge(&self.scopes)).into()
        }
    }
}
