//! From a request to the caller.

use std::collections::BTreeSet;
use std::rc::Rc;

use http::request::Parts;

use super::{Caller, SubjectToken};
use crate::config::{Authenticate, AuthenticationError, Settings};
use crate::credential;
use crate::host::{Host, SharedHost};
use crate::location::Location;
use crate::refusal::{Challenge, Refusal};
use crate::start::StartError;
use crate::token::Codec;

/// The resource metadata's name below `/.well-known/` (RFC 9728, 3).
pub(crate) const METADATA: &str = "oauth-protected-resource";

/// Everything that an instance knows about who may call.
#[derive(Clone)]
pub(crate) struct Identity {
    /// Authenticates a token; `None` where there are no issuers.
    prover: Option<Rc<dyn Authenticate>>,
    /// The headers of proxies that hand over tokens.
    proxies: Vec<&'static str>,
    /// The scopes to ask for at sign-in.
    scopes: BTreeSet<String>,
    /// Whether they are those of `auth.scopes`, whatever rules ask for.
    has_own_scopes: bool,
    /// The issuers at which a client can get a token by itself.
    authorization_servers: Vec<String>,
    metadata: Option<Rc<str>>,
    admits_anonymous: bool,
    keeps_tokens: bool,
}

/// The caller of a request.
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// Its access token, where an upstream needs it.
    pub(crate) token: Option<SubjectToken>,
}

impl From<Caller> for Authenticated {
    fn from(caller: Caller) -> Self {
        Self {
            caller,
            token: None,
        }
    }
}

/// Why a request has no caller.
pub(crate) struct AuthenticationFailure {
    pub(crate) refusal: Refusal,
    /// What was wrong with the token, for the log.
    pub(crate) reason: Option<&'static str>,
    pub(crate) detail: Option<String>,
}

impl From<Refusal> for AuthenticationFailure {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            reason: None,
            detail: None,
        }
    }
}

impl Identity {
    /// `scopes` are those that rules and tools ask for.
    pub(crate) async fn start(
        settings: &'static Settings,
        location: &Location,
        scopes: BTreeSet<String>,
        admits_anonymous: bool,
        host: &dyn Host,
    ) -> Result<Self, StartError> {
        let prover: Option<Rc<dyn Authenticate>> = match settings.issuers.first() {
            Some(issuer) => Some(Rc::from(
                issuer.scheme.start(settings, location, host).await?,
            )),
            None => None,
        };
        let authorization_servers = prover
            .as_ref()
            .map(|prover| prover.sign_in_urls())
            .unwrap_or_default();
        let asked = &settings.auth.scopes;
        let scopes = if asked.is_empty() {
            scopes
        } else {
            asked.iter().map(|scope| (*scope).to_owned()).collect()
        };
        Ok(Self {
            prover,
            proxies: settings
                .issuers
                .iter()
                .filter_map(|issuer| issuer.header)
                .collect(),
            scopes,
            has_own_scopes: !asked.is_empty(),
            metadata: (!authorization_servers.is_empty())
                .then(|| location.well_known(METADATA))
                .flatten()
                .map(Rc::from),
            authorization_servers,
            admits_anonymous,
            keeps_tokens: SubjectToken::is_needed(settings),
        })
    }

    /// The same with other rules, which ask for these scopes.
    pub(crate) fn under(&self, scopes: BTreeSet<String>, admits_anonymous: bool) -> Self {
        let mut other = self.clone();
        if !self.has_own_scopes {
            other.scopes = scopes;
        }
        other.admits_anonymous = admits_anonymous;
        other
    }

    /// The refusal of a caller whose token was revoked.
    pub(crate) fn revoked(&self) -> AuthenticationFailure {
        self.unproven(AuthenticationError::Rejected {
            reason: "revoked",
            detail: "the live policy revokes tokens of the caller that were issued then".to_owned(),
        })
    }

    /// Whether anybody can sign in.
    pub(crate) fn has_issuers(&self) -> bool {
        self.prover.is_some()
    }

    /// Whether a caller without an access token is served nothing.
    pub(crate) fn requires_token(&self) -> bool {
        self.has_issuers() && !self.admits_anonymous
    }

    /// The scopes that a client is told to ask for when it signs in.
    pub(crate) fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// The issuers at which a client can get a token by itself.
    pub(crate) fn authorization_servers(&self) -> &[String] {
        &self.authorization_servers
    }

    /// What tells a client how to get a token with `scopes`.
    pub(crate) fn challenge(&self, scopes: &BTreeSet<String>) -> Challenge {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        Challenge {
            scope: scopes.join(" "),
            metadata: self.metadata.clone(),
        }
    }

    /// The refusal of a caller without a token.
    pub(crate) fn sign_in(&self) -> Refusal {
        Refusal::AuthenticationRequired(self.challenge(&self.scopes))
    }

    /// The refusal of a caller whose token expired during the request.
    pub(crate) fn expired(&self) -> Refusal {
        Refusal::InvalidToken(self.challenge(&self.scopes))
    }

    /// Whether a token of at least one issuer can be verified. The error says why not.
    pub(crate) async fn check(&self, codec: &Rc<Codec>, host: &SharedHost) -> Result<(), String> {
        match &self.prover {
            Some(prover) => prover.check(codec, host).await,
            None => Ok(()),
        }
    }

    /// Finds out who sends a request.
    pub(crate) async fn caller(
        &self,
        head: &Parts,
        codec: &Rc<Codec>,
        host: &SharedHost,
    ) -> Result<Authenticated, AuthenticationFailure> {
        let Some(prover) = &self.prover else {
            return Ok(Caller::Anonymous.into());
        };
        match credential::find(head, &self.proxies)? {
            Some(credential) => {
                let proven = prover.authenticate(credential, codec, host).await;
                let principal = proven.map_err(|error| self.unproven(error))?;
                Ok(Authenticated {
                    caller: Caller::Principal(principal),
                    token: self
                        .keeps_tokens
                        .then(|| SubjectToken::new(credential.token)),
                })
            }
            None if self.admits_anonymous => Ok(Caller::Anonymous.into()),
            None => Err(self.sign_in().into()),
        }
    }

    fn unproven(&self, not_proven: AuthenticationError) -> AuthenticationFailure {
        match not_proven {
            AuthenticationError::Rejected { reason, detail } => AuthenticationFailure {
                refusal: Refusal::InvalidToken(self.challenge(&self.scopes)),
                reason: Some(reason),
                detail: Some(detail),
            },
            AuthenticationError::Unavailable { detail } => AuthenticationFailure {
                refusal: Refusal::IssuerUnavailable,
                reason: None,
                detail: Some(detail),
            },
        }
    }
}
