//! From the text of an access token to the principal it proves (RFC 7519, 7.2; RFC 9068, 4; RFC 8725).

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};

use super::check::{Check, CheckStep, Observer};
use super::claims::{Claim, Claims, Identity};
use super::error::{AccessTokenError, shown};
use super::header::Header;
use super::jwks::{Jwk, KeyHint, KeyIdentity, KeySet};
use super::trusted::TrustedIssuer;
use crate::config::{Algorithm, Auth};
use crate::credential::Source;
use crate::host::{Host, Timestamp};
use crate::principal::Principal;
use crate::signature::{self, InvalidPublicKey, SignatureError};

/// A token of which everything holds that can be seen without a key. Nothing in it is proven.
#[derive(Debug)]
pub struct Unverified {
    signed: SignedInput,
    issuer: usize,
    issuer_name: &'static str,
    iss: String,
    algorithm: Algorithm,
    key_id: Option<String>,
    tenant: Option<String>,
    identity: Identity,
    issued: Option<Timestamp>,
    expires: Timestamp,
    includes: &'static [(&'static str, &'static [&'static str])],
}

/// Why the signature of a token proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// The token is not accepted.
    #[error(transparent)]
    Rejected(#[from] AccessTokenError),
    /// The host could not verify it; the token may be right.
    #[error(transparent)]
    Unavailable(SignatureError),
}

/// A token that was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Whom it proves.
    pub principal: Principal,
    /// The key that made its signature.
    pub key: KeyIdentity,
    /// The issuer, by its place among the trusted ones.
    pub issuer: usize,
}

impl Unverified {
    /// Everything that can be seen without a key, so that a token that is no use costs no fetch of keys.
    pub fn read(
        token: &str,
        source: Source<'_>,
        trusted: &[TrustedIssuer],
        settings: &Auth,
        now: Timestamp,
    ) -> Result<Self, AccessTokenError> {
        Self::read_observed(token, source, trusted, settings, now, &mut |_| ())
    }

    /// [`read`](Self::read), which also tells of every check.
    pub fn read_observed(
        token: &str,
        source: Source<'_>,
        trusted: &[TrustedIssuer],
        settings: &Auth,
        now: Timestamp,
        observe: &mut dyn FnMut(Check<'_>),
    ) -> Result<Self, AccessTokenError> {
        let see = &mut Observer::new(observe);
        let size = size(token, settings.token_bytes);
        see.record_check(CheckStep::Size, format_args!("{} bytes", token.len()), size)?;
        let count = token.split('.').count();
        let parts = see.record_check(
            CheckStep::Form,
            format_args!("{count} parts"),
            JwtParts::of(token),
        )?;

        let text = String::from_utf8_lossy(&parts.header);
        let header = parts.read_header();
        let header = see.record_check(CheckStep::Header, format_args!("{text}"), header)?;

        let text = String::from_utf8_lossy(&parts.claims);
        let claims = parts.read_claims();
        let (claims, iss) = see.record_check(CheckStep::Claims, format_args!("{text}"), claims)?;

        let issuer = find_issuer(&iss, source, trusted);
        let (place, issuer, called) =
            see.record_check(CheckStep::Issuer, format_args!("{iss}"), issuer)?;
        let iss = called.to_owned();
        let tenant = issuer.tenant(&iss, &claims);
        let found = tenant.clone().ok().flatten().unwrap_or_default();
        let tenant = see.record_check(CheckStep::Tenant, format_args!("{found}"), tenant)?;
        let name = source.name();
        see.record_check(
            CheckStep::Source,
            format_args!("{name}"),
            check_source(issuer, source),
        )?;

        let found = &header.algorithm;
        let algorithm = check_algorithm(issuer, found);
        let algorithm =
            see.record_check(CheckStep::Algorithm, format_args!("{found}"), algorithm)?;
        let found = header.kind.as_deref().unwrap_or_default();
        see.record_check(
            CheckStep::Type,
            format_args!("{found}"),
            check_type(issuer, &header),
        )?;
        check_audience(issuer, &claims, see)?;
        let issued = claims.time("iat").ok().flatten();
        let expires = check_times(&claims, settings.leeway, now, see)?;
        let found = header.key_id.as_deref().unwrap_or_default();
        see.record_check(
            CheckStep::KeyId,
            format_args!("{found}"),
            header.check_key_id(),
        )?;

        let identity = claims.identity(&issuer.config.claims);
        let found = identity
            .as_ref()
            .map_or("", |identity| &identity.subject)
            .to_owned();
        let identity = see.record_check(CheckStep::Identity, format_args!("{found}"), identity)?;
        Ok(Self {
            signed: parts.signed,
            issuer: place,
            issuer_name: issuer.config.name,
            iss,
            algorithm,
            key_id: header.key_id,
            tenant,
            identity,
            issued,
            expires,
            includes: settings.implied_scopes,
        })
    }

    /// The issuer that it names, by its place among the trusted ones.
    pub fn issuer(&self) -> usize {
        self.issuer
    }

    /// The key that it names.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Verifies the signature with the issuer's key. [`AccessTokenError::UnknownKey`] may mean that the keys are too
    /// old.
    pub async fn verify(
        &self,
        keys: &KeySet,
        host: &dyn Host,
    ) -> Result<Verified, VerificationError> {
        self.verify_observed(keys, host, &mut |_| ()).await
    }

    /// [`verify`](Self::verify), which also tells of every check.
    pub async fn verify_observed(
        &self,
        keys: &KeySet,
        host: &dyn Host,
        observe: &mut dyn FnMut(Check<'_>),
    ) -> Result<Verified, VerificationError> {
        let see = &mut Observer::new(observe);
        let issuer = self.issuer_name;
        let hint = KeyHint {
            issuer,
            iss: &self.iss,
            algorithm: self.algorithm,
            key_id: self.key_id.as_deref(),
        };
        let verdict = match keys.find(&hint) {
            Ok(key) => match self.is_signed_with(key, host).await {
                Ok(is_signed) => Ok((key.identity, is_signed)),
                Err(SignatureError::InvalidKey) => Err(AccessTokenError::UnusableKey {
                    issuer,
                    why: InvalidPublicKey::Numbers.to_string(),
                }),
                Err(error @ SignatureError::Platform(_)) => {
                    return Err(VerificationError::Unavailable(error));
                }
            },
            Err(rejected) => Err(rejected),
        };
        let usable = keys.usable();
        let (identity, is_signed) =
            see.record_check(CheckStep::Key, format_args!("one of {usable}"), verdict)?;
        let signature = if is_signed {
            Ok(())
        } else {
            Err(AccessTokenError::BadSignature { issuer })
        };
        see.record_check(
            CheckStep::Signature,
            format_args!("{}", self.algorithm.name()),
            signature,
        )?;
        Ok(Verified {
            principal: self.principal(),
            key: identity,
            issuer: self.issuer,
        })
    }

    async fn is_signed_with(&self, key: &Jwk, host: &dyn Host) -> Result<bool, SignatureError> {
        let SignedInput { text, signature } = &self.signed;
        let key = key.ready(self.algorithm, host)?;
        let algorithm = self.algorithm.id();
        signature::verify(algorithm, key.as_ref(), text.as_bytes(), signature).await
    }

    fn principal(&self) -> Principal {
        let identity = &self.identity;
        Principal {
            issuer_name: self.issuer_name,
            issuer: self.iss.clone(),
            subject: identity.subject.clone(),
            tenant: self.tenant.clone(),
            client: identity.client.clone(),
            actors: identity.actors.clone(),
            scopes: with_included(&identity.scopes, self.includes),
            roles: identity.roles.clone(),
            groups: identity.groups.clone(),
            unknown: identity.unknown,
            issued: self.issued,
            expires: self.expires,
        }
    }
}

/// A signature, and the text that it is over (RFC 7515, 5.2).
#[derive(Debug)]
struct SignedInput {
    text: String,
    signature: Vec<u8>,
}

/// The parts of a token, decoded.
struct JwtParts {
    header: Vec<u8>,
    claims: Vec<u8>,
    signed: SignedInput,
}

impl JwtParts {
    fn of(token: &str) -> Result<Self, AccessTokenError> {
        let parts: Vec<_> = token.splitn(6, '.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(if parts.len() == 5 {
                AccessTokenError::Encrypted
            } else {
                AccessTokenError::NotAJwt
            });
        };
        let decode =
            |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| AccessTokenError::NotAJwt);
        Ok(Self {
            signed: SignedInput {
                signature: decode(signature)?,
                text: format!("{header}.{claims}"),
            },
            header: decode(header)?,
            claims: decode(claims)?,
        })
    }

    fn read_header(&self) -> Result<Header, AccessTokenError> {
        Header::parse(&self.header)
    }

    fn read_claims(&self) -> Result<(Claims, String), AccessTokenError> {
        let claims = Claims::parse(&self.claims)?;
        let iss = claims.required(Claim::standard("iss"))?.to_owned();
        Ok((claims, iss))
    }
}

fn size(token: &str, limit: usize) -> Result<(), AccessTokenError> {
    let bytes = token.len();
    if bytes > limit {
        return Err(AccessTokenError::TooLarge { bytes, limit });
    }
    Ok(())
}

/// The issuer that calls itself `iss`, with its place and what it is called; where several do, the one whose tokens come
/// from `source`.
fn find_issuer<'t>(
    iss: &'t str,
    source: Source<'_>,
    trusted: &'t [TrustedIssuer],
) -> Result<(usize, &'t TrustedIssuer, &'t str), AccessTokenError> {
    let called = || {
        let trusted = trusted.iter().enumerate();
        trusted.filter_map(|(place, trusted)| Some((place, trusted, trusted.called(iss)?)))
    };
    called()
        .find(|(_, trusted, _)| trusted.sends_by(source))
        .or_else(|| called().next())
        .ok_or_else(|| AccessTokenError::UnknownIssuer { found: shown(iss) })
}

fn check_source(issuer: &TrustedIssuer, source: Source<'_>) -> Result<(), AccessTokenError> {
    if !issuer.sends_by(source) {
        return Err(AccessTokenError::WrongHeader {
            issuer: issuer.config.name,
            expected: issuer.header(),
        });
    }
    Ok(())
}

fn check_algorithm(issuer: &TrustedIssuer, name: &str) -> Result<Algorithm, AccessTokenError> {
    let accepted = issuer.config.algorithms;
    accepted
        .iter()
        .find(|algorithm| algorithm.name() == name)
        .copied()
        .ok_or_else(|| AccessTokenError::WrongAlgorithm {
            issuer: issuer.config.name,
            found: shown(name),
            accepted: accepted.iter().map(Algorithm::name).collect(),
        })
}

fn check_type(issuer: &TrustedIssuer, header: &Header) -> Result<(), AccessTokenError> {
    let accepted = issuer.config.types;
    if !header.has_type(accepted) {
        return Err(AccessTokenError::WrongType {
            issuer: issuer.config.name,
            found: shown(header.kind.as_deref().unwrap_or_default()),
            accepted,
        });
    }
    Ok(())
}

/// `aud` has to contain, letter for letter, what is configured: no prefix and no other spelling of a URL.
fn check_audience(
    issuer: &TrustedIssuer,
    claims: &Claims,
    see: &mut Observer<'_>,
) -> Result<(), AccessTokenError> {
    let audiences = claims.audiences();
    let found = audiences.as_deref().unwrap_or_default().join(", ");
    let result = audiences.and_then(|audiences| {
        let is_ours = |audience: &&str| issuer.audiences.iter().any(|ours| ours == audience);
        if audiences.iter().any(is_ours) {
            return Ok(());
        }
        Err(AccessTokenError::WrongAudience {
            issuer: issuer.config.name,
            found: shown(&found),
            accepted: issuer.audiences.clone(),
        })
    });
    see.record_check(CheckStep::Audience, format_args!("{found}"), result)
}

/// When the token ends, if it holds `now`.
fn check_times(
    claims: &Claims,
    leeway: Duration,
    now: Timestamp,
    see: &mut Observer<'_>,
) -> Result<Timestamp, AccessTokenError> {
    let until = claims.time("exp");
    let found = Seconds(&until);
    let expires = until
        .clone()
        .and_then(|until| until.ok_or(Claim::standard("exp").missing()))
        .and_then(|until| {
            if now >= until.after(leeway) {
                return Err(AccessTokenError::Expired(now.since(until)));
            }
            Ok(until)
        });
    let off = expires.as_ref().ok().filter(|until| now >= **until);
    let off = off.map(|until| now.since(*until));
    let expires =
        see.record_time_check(CheckStep::Expiry, format_args!("{found}"), off, expires)?;
    for (step, name, rejected) in [
        (
            CheckStep::NotBefore,
            "nbf",
            AccessTokenError::NotYetValid as fn(Duration) -> AccessTokenError,
        ),
        (CheckStep::IssuedAt, "iat", AccessTokenError::IssuedInFuture),
    ] {
        let from = claims.time(name);
        let found = Seconds(&from);
        let result = from.clone().and_then(|from| match from {
            Some(from) if from > now.after(leeway) => Err(rejected(from.since(now))),
            _ => Ok(()),
        });
        let off = from.as_ref().ok().copied().flatten();
        let off = off.filter(|from| *from > now).map(|from| from.since(now));
        see.record_time_check(step, format_args!("{found}"), off, result)?;
    }
    Ok(expires)
}

/// A claim that names a time, as it is shown.
struct Seconds<'c>(&'c Result<Option<Timestamp>, AccessTokenError>);

impl fmt::Display for Seconds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(Some(time)) => write!(f, "{}", time.as_secs()),
            _ => Ok(()),
        }
    }
}

/// The scopes, with all that they include, and all that those include.
fn with_included(
    scopes: &[String],
    includes: &[(&'static str, &'static [&'static str])],
) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut next: Vec<&str> = scopes.iter().map(String::as_str).collect();
    while let Some(scope) = next.pop() {
        if all.insert(scope.to_owned()) {
            let included = includes.iter().filter(|(name, _)| *name == scope);
            next.extend(included.flat_map(|(_, included)| *included));
        }
    }
    all
}
