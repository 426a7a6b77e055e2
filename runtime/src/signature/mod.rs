//! Digital signatures of JSON Web Signature (RFC 7515): algorithms, public keys whose numbers were checked and what verifies
//! with them, private keys and what signs with them.
//!
//! A host whose platform has these algorithms verifies and signs with it ([`Host::verify_key`](crate::host::Host::verify_key),
//! [`Host::sign_key`](crate::host::Host::sign_key)): that is several times faster than wasm, and adds nothing to it. Elsewhere
//! the feature `rustcrypto` brings the code; it does not sign with RSA.

mod jwk;
mod private_key;
mod public_key;
/// Verifying with ring, for hosts that link it anyway.
#[cfg(feature = "ring")]
pub mod ring;
#[cfg(feature = "rustcrypto")]
pub(crate) mod rustcrypto;
mod sign;
mod sign_keys;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod vectors;

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

pub use private_key::{PrivateKey, PrivateKeyNumbers};
pub use public_key::{InvalidPublicKey, PublicKey, PublicKeyNumbers};
pub use sign::{SignError, SigningAlgorithm};
pub(crate) use sign::{sign, sign_with};
pub(crate) use sign_keys::SignKeys;

/// A signature algorithm (RFC 7518, 3.1; RFC 8037, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384 and a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512 and a salt of 64 bytes.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// EdDSA with Ed25519; there is no Ed448 here.
    EdDsa,
}

impl SignatureAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in a header's `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether it works with such a key. An algorithm works with one kind, so that no key is ever used for another purpose
    /// than its own (RFC 8725, 3.1).
    pub const fn works_with(self, key: &PublicKey) -> bool {
        match key.numbers() {
            PublicKeyNumbers::Rsa { .. } => matches!(
                self,
                Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512
            ),
            PublicKeyNumbers::P256 { .. } => matches!(self, Self::Es256),
            PublicKeyNumbers::P384 { .. } => matches!(self, Self::Es384),
            PublicKeyNumbers::Ed25519 { .. } => matches!(self, Self::EdDsa),
        }
    }

    /// Whether `signature` can be one: its length, and for Ed25519 that its point R is not of small order, which some
    /// verifiers accept and others do not.
    fn can_have_made(self, signature: &[u8]) -> bool {
        match self {
            Self::Es256 => signature.len() == 64,
            Self::Es384 => signature.len() == 96,
            Self::EdDsa => {
                signature.len() == 64
                    && signature
                        .first_chunk()
                        .is_some_and(|point| !public_key::is_of_small_order(point))
            }
            _ => true,
        }
    }
}

/// A public key, ready to verify signatures of one algorithm.
///
/// It is kept as long as the key set is, so it must hold nothing that belongs to a request.
pub trait VerifyKey {
    /// Whether the key's owner made `signature` over `message`. Asked only for signatures of the algorithm's length and, for
    /// Ed25519, not for those whose point R is of small order.
    fn verify<'a>(
        &'a self,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignatureError>>;
}

/// A private key, ready to sign with one algorithm.
///
/// It serves many requests, so it must hold nothing that belongs to a request.
pub trait SignKey {
    /// The signature over `message`, in the form of JWS.
    fn sign<'a>(&'a self, message: &'a [u8])
    -> LocalBoxFuture<'a, Result<Vec<u8>, SignatureError>>;
}

/// A function that signs, with what it needs of the key.
impl<F: Fn(&[u8]) -> Result<Vec<u8>, SignatureError>> SignKey for F {
    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<Vec<u8>, SignatureError>> {
        Box::pin(std::future::ready(self(message)))
    }
}

/// A signature could not be verified, so that nothing is known about it, or not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The numbers of the key are none, such as a point that is not on the curve.
    #[error("the numbers are not those of a key")]
    InvalidKey,
    /// The platform failed.
    #[error("the platform's cryptography failed: {0}")]
    Platform(String),
}

/// Whether `key`, of `algorithm`, made `signature` over `message`. What no signature can be is refused before the key is asked,
/// so that every implementation gives the same verdict.
pub(crate) async fn verify(
    algorithm: SignatureAlgorithm,
    key: &dyn VerifyKey,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, SignatureError> {
    if !algorithm.can_have_made(signature) {
        return Ok(false);
    }
    key.verify(message, signature).await
}

/// A function that verifies, with what it needs of the key.
#[cfg(any(feature = "ring", feature = "rustcrypto"))]
struct Computed<F>(F);

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
impl<F: Fn(&[u8], &[u8]) -> bool> VerifyKey for Computed<F> {
    fn verify<'a>(
        &'a self,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> LocalBoxFuture<'a, Result<bool, SignatureError>> {
        Box::pin(std::future::ready(Ok((self.0)(message, signature))))
    }
}

#[cfg(any(feature = "ring", feature = "rustcrypto"))]
fn computed(verifies: impl Fn(&[u8], &[u8]) -> bool + 'static) -> Rc<dyn VerifyKey> {
    Rc::new(Computed(verifies))
}
