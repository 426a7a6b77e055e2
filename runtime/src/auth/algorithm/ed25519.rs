//! EdDSA with Ed25519 (RFC 8037).
//!
//! `jwt-compact` has it too, without the strict verification that refuses keys of small order and
//! signatures that only some verifiers accept.

use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroUsize;

use ed25519_dalek::{SIGNATURE_LENGTH, VerifyingKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmSignature};

use super::VerifyAlgorithm;

#[derive(Default)]
pub(super) struct Ed25519;

pub(super) struct Signature(ed25519_dalek::Signature);

impl AlgorithmSignature for Signature {
    const LENGTH: Option<NonZeroUsize> = NonZeroUsize::new(SIGNATURE_LENGTH);

    fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
        ed25519_dalek::Signature::from_slice(slice)
            .map(Self)
            .map_err(anyhow::Error::msg)
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.to_bytes().to_vec())
    }
}

impl Algorithm for Ed25519 {
    /// A server only verifies.
    type SigningKey = Infallible;
    type VerifyingKey = VerifyingKey;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("EdDSA")
    }

    fn sign(&self, key: &Infallible, _message: &[u8]) -> Signature {
        match *key {}
    }

    fn verify_signature(&self, signature: &Signature, key: &VerifyingKey, message: &[u8]) -> bool {
        key.verify_strict(message, &signature.0).is_ok()
    }
}

impl VerifyAlgorithm for Ed25519 {
    fn key(jwk: &JsonWebKey<'_>) -> Option<VerifyingKey> {
        let JsonWebKey::KeyPair { curve, x, .. } = jwk else {
            return None;
        };
        if curve != "Ed25519" {
            return None;
        }
        VerifyingKey::try_from(&**x).ok()
    }
}
