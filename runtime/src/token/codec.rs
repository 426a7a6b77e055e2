//! Minting and opening.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};
use subtle::ConstantTimeEq;

use super::base64::{self, Bytes};
use super::binding::Binding;
use super::claims::Claims;
use super::epochs::Epochs;
use super::error::{MintError, TokenError};
use super::jws::{self, Untrusted};
use super::keyring::{Key, Keyring};
use super::purpose::{ContentProtection, Purpose};
use super::seal::{self, decrypt, seal};
use crate::host::Timestamp;

/// How many random bytes a token takes.
pub const NONCE: usize = 24;

/// How far ahead of this host's clock the minting host's may have been, in seconds.
const LEEWAY: u64 = 60;

/// Mints and opens the tokens of one server.
#[derive(Debug, Clone)]
pub struct Codec {
    keyring: Rc<Keyring>,
    audience: String,
    epochs: Epochs,
}

/// A token that has been opened: everything about it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedToken<P> {
    /// What it carries.
    pub content: P,
    /// What tells it from every other token (`jti`, RFC 7519 §4.1.7); single use is counted by it.
    pub id: String,
    /// When it was minted, to the second.
    pub issued: Timestamp,
    /// When it stops to open.
    pub expires: Timestamp,
}

impl Codec {
    /// A codec for the server whose public URL is `audience`.
    pub fn new(keyring: Rc<Keyring>, audience: impl Into<String>, epochs: Epochs) -> Self {
        Self {
            keyring,
            audience: audience.into(),
            epochs,
        }
    }

    /// The same with other epochs.
    pub(crate) fn with_epochs(&self, epochs: Epochs) -> Self {
        Self {
            epochs,
            ..self.clone()
        }
    }

    /// The server's public URL, or its name.
    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// The time before which tokens for the principal of `binding` were issued that are refused.
    pub(crate) fn epoch(&self, binding: &Binding<'_>) -> Option<Timestamp> {
        self.epochs.concerning(binding.name)
    }

    /// Makes a token that opens under `binding` from `now` on, for `lifetime` (in whole seconds).
    ///
    /// `random` comes fresh from the host's secure source for every token, and is never used twice.
    pub fn mint<P: Purpose>(
        &self,
        content: &P,
        binding: &Binding<'_>,
        now: Timestamp,
        lifetime: Duration,
        random: &[u8; NONCE],
    ) -> Result<String, MintError> {
        let key = self.keyring.signing();
        let header = jws::header(P::TYPE, &key.id).ok_or(MintError::Unwritable)?;
        let content = write_content(content, key, random, &header).ok_or(MintError::Unwritable)?;
        let claims = Claims {
            aud: Cow::Borrowed(&self.audience),
            iat: now.as_secs(),
            exp: now.as_secs().saturating_add(lifetime.as_secs()),
            jti: Bytes(*random),
            sub: Bytes(binding.principal.0),
            request: binding.request.map(|digest| Bytes(digest.0)),
            content: &content,
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| MintError::Unwritable)?;
        let token = jws::sign(&header, &claims, &key.mac);
        if token.len() > P::MAX_BYTES {
            return Err(MintError::TooLarge {
                bytes: token.len(),
                limit: P::MAX_BYTES,
            });
        }
        Ok(token)
    }

    /// Opens a token, if everything about it holds at `now` under `binding`.
    pub fn open<P: Purpose>(
        &self,
        token: &str,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<OpenedToken<P>, TokenError> {
        if token.len() > P::MAX_BYTES {
            return Err(TokenError::TooLarge);
        }
        let token = Untrusted::split(token).ok_or(TokenError::Malformed)?;
        let key_id = token.key_id(P::TYPE)?;
        let key = self.keyring.find(&key_id).ok_or(TokenError::UnknownKey)?;
        token.verify(&key.mac)?;

        let claims = base64::decode(token.claims).ok_or(TokenError::Malformed)?;
        let claims: Claims<'_> = jws::object(&claims).ok_or(TokenError::Malformed)?;
        self.check(&claims, binding, now)?;

        Ok(OpenedToken {
            content: read_content(&claims, key, token.header)?,
            id: base64::encode(&claims.jti.0),
            issued: Timestamp::from_secs(claims.iat),
            expires: Timestamp::from_secs(claims.exp),
        })
    }

    /// How many bytes of JSON a token of this purpose surely has room for.
    ///
    /// Asked before work whose result must travel in a token, and not after it.
    pub fn room<P: Purpose>(&self) -> usize {
        let key = self.keyring.signing();
        let header = jws::header(P::TYPE, &key.id).unwrap_or_default();
        let widest = Claims {
            aud: Cow::Borrowed(&self.audience),
            iat: u64::MAX,
            exp: u64::MAX,
            jti: Bytes([0; NONCE]),
            sub: Bytes([0; 32]),
            request: Some(Bytes([0; 32])),
            content: RawValue::NULL,
        };
        let claims = serde_json::to_vec(&widest).unwrap_or_default().len();
        let around = claims.saturating_sub(RawValue::NULL.get().len());
        let content = jws::room(P::MAX_BYTES, &header).saturating_sub(around);
        match P::CONTENT {
            ContentProtection::Visible => content,
            ContentProtection::Sealed => {
                base64::decoded_len(content.saturating_sub("\"\"".len())).saturating_sub(seal::TAG)
            }
        }
    }

    fn check(
        &self,
        claims: &Claims<'_>,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        if claims.aud != self.audience {
            return Err(TokenError::WrongServer);
        }
        if claims.iat > now.as_secs().saturating_add(LEEWAY) {
            return Err(TokenError::NotYetValid);
        }
        if claims.exp <= now.as_secs() {
            return Err(TokenError::Expired);
        }
        if !equal(&claims.sub.0, &binding.principal.0) {
            return Err(TokenError::WrongPrincipal);
        }
        let epoch = self.epoch(binding);
        if epoch.is_some_and(|epoch| Timestamp::from_secs(claims.iat) < epoch) {
            return Err(TokenError::Revoked);
        }
        match (claims.request, binding.request) {
            (None, None) => Ok(()),
            (Some(minted), Some(presented)) if equal(&minted.0, &presented.0) => Ok(()),
            _ => Err(TokenError::WrongRequest),
        }
    }
}

fn equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.ct_eq(b).into()
}

fn write_content<P: Purpose>(
    content: &P,
    key: &Key,
    nonce: &[u8; NONCE],
    header: &str,
) -> Option<Box<RawValue>> {
    match P::CONTENT {
        ContentProtection::Visible => to_raw_value(content).ok(),
        ContentProtection::Sealed => {
            let content = serde_json::to_vec(content).ok()?;
            to_raw_value(&seal(content, &key.seal, nonce, header)?).ok()
        }
    }
}

fn read_content<P: Purpose>(claims: &Claims<'_>, key: &Key, header: &str) -> Result<P, TokenError> {
    let content = claims.content.get().as_bytes();
    match P::CONTENT {
        ContentProtection::Visible => serde_json::from_slice(content),
        ContentProtection::Sealed => {
            let sealed: &str =
                serde_json::from_slice(content).map_err(|_| TokenError::DecryptionFailed)?;
            let content = decrypt(sealed, &key.seal, &claims.jti.0, header)
                .ok_or(TokenError::DecryptionFailed)?;
            serde_json::from_slice(&content)
        }
    }
    .map_err(|_| TokenError::UnreadableContent)
}
