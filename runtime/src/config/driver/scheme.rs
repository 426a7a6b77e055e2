//! How the tokens of an issuer are verified.

use std::fmt;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use crate::config::Settings;
use crate::credential::Credential;
use crate::host::{Host, SharedHost};
use crate::location::Location;
use crate::principal::Principal;
use crate::start::StartError;
use crate::token::Codec;

/// How an issuer's tokens are verified.
///
/// It is one of an issuer's settings, so that a server without issuers does not link the code.
#[derive(Clone, Copy)]
pub struct Scheme {
    name: &'static str,
    start: for<'a> fn(&'static Settings, &'a Location, &'a dyn Host) -> AuthenticatorFuture<'a>,
}

/// Yields an instance's authenticator once its settings have been resolved.
pub(crate) type AuthenticatorFuture<'a> =
    LocalBoxFuture<'a, Result<Box<dyn Authenticate>, StartError>>;

impl Scheme {
    pub(crate) const fn new(
        name: &'static str,
        start: for<'a> fn(&'static Settings, &'a Location, &'a dyn Host) -> AuthenticatorFuture<'a>,
    ) -> Self {
        Self { name, start }
    }

    pub(crate) fn start<'a>(
        self,
        settings: &'static Settings,
        location: &'a Location,
        host: &'a dyn Host,
    ) -> AuthenticatorFuture<'a> {
        (self.start)(settings, location, host)
    }
}

impl PartialEq for Scheme {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Finds the principal of a token.
pub(crate) trait Authenticate {
    /// The principal that a token proves.
    fn authenticate<'a>(
        &'a self,
        credential: Credential<'a>,
        codec: &'a Rc<Codec>,
        host: &'a SharedHost,
    ) -> LocalBoxFuture<'a, Result<Rc<Principal>, AuthenticationError>>;

    /// Whether a token of at least one issuer can be verified. The error is the reason.
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
pub(crate) enum AuthenticationError {
    /// It is not accepted.
    Rejected {
        reason: &'static str,
        detail: String,
    },
    /// The keys to verify it with are not available.
    Unavailable { detail: String },
}
