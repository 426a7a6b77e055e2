//! What was looked at in a token, for a person who wants to know why it is not accepted.

use std::fmt;
use std::time::Duration;

use super::error::AccessTokenError;

/// One thing that was looked at in a token. They come in order, and the first that fails is the last.
#[derive(Debug, Clone, Copy)]
pub struct Check<'c> {
    /// What was looked at.
    pub step: CheckStep,
    /// What was found, where the step came that far: claims as the token has them, unescaped.
    pub found: fmt::Arguments<'c>,
    /// Whether it is right.
    pub outcome: Result<(), &'c AccessTokenError>,
    /// How far a time is on the wrong side of now, where it is right only because of `auth.leeway`.
    pub within_leeway: Option<Duration>,
}

/// What is looked at in a token, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CheckStep {
    /// How long it is.
    Size,
    /// Whether it is three parts of base64url.
    Form,
    /// Whether its header is readable and asks for nothing unknown.
    Header,
    /// Whether its claims are readable.
    Claims,
    /// Whether `iss` is an issuer of the configuration.
    Issuer,
    /// Whether its tenant is accepted.
    Tenant,
    /// Whether it came in the header that the issuer's tokens come in.
    Source,
    /// Whether the issuer may sign with `alg`.
    Algorithm,
    /// Whether `typ` is one that the issuer's access tokens have.
    Type,
    /// Whether `aud` is this server.
    Audience,
    /// Whether it still holds (`exp`).
    Expiry,
    /// Whether it already holds (`nbf`).
    NotBefore,
    /// Whether it was issued in the past (`iat`).
    IssuedAt,
    /// Whether `kid` can be the name of a key.
    KeyId,
    /// Whether it says who is calling, in the form that it has to.
    Identity,
    /// Whether the issuer has such a key.
    Key,
    /// Whether that key made the signature.
    Signature,
}

impl fmt::Display for CheckStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "size",
            Self::Form => "form",
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Tenant => "tenant",
            Self::Source => "source",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::Audience => "audience",
            Self::Expiry => "expiry",
            Self::NotBefore => "not before",
            Self::IssuedAt => "issued at",
            Self::KeyId => "key id",
            Self::Identity => "identity",
            Self::Key => "key",
            Self::Signature => "signature",
        })
    }
}

/// Who is told of every check.
pub(super) struct Observer<'o>(&'o mut dyn FnMut(Check<'_>));

impl<'o> Observer<'o> {
    pub(super) fn new(tell: &'o mut dyn FnMut(Check<'_>)) -> Self {
        Self(tell)
    }

    /// Tells of one check, and returns its result.
    pub(super) fn record_check<T>(
        &mut self,
        step: CheckStep,
        found: fmt::Arguments<'_>,
        result: Result<T, AccessTokenError>,
    ) -> Result<T, AccessTokenError> {
        self.record_time_check(step, found, None, result)
    }

    /// The same of a time, which may be right only because of the leeway.
    pub(super) fn record_time_check<T>(
        &mut self,
        step: CheckStep,
        found: fmt::Arguments<'_>,
        off: Option<Duration>,
        result: Result<T, AccessTokenError>,
    ) -> Result<T, AccessTokenError> {
        (self.0)(Check {
            step,
            found,
            outcome: result.as_ref().map(|_| ()),
            within_leeway: off.filter(|_| result.is_ok()),
        });
        result
    }
}
