//! RSA signatures (RFC 7518, 3.3 and 3.5), which `jwt-compact` only has together with a random source.

use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;

use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmSignature};
use rsa::pkcs8::AssociatedOid;
use rsa::traits::SignatureScheme;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::digest::{Digest, DynDigest};
use sha2::{Sha256, Sha384, Sha512};

use super::VerifyAlgorithm;
use crate::auth::jwks::RSA_BITS;

/// RSA with the padding `P` and the hash function `H`.
pub(super) struct Rsa<P, H>(PhantomData<(P, H)>);

/// RSASSA-PKCS1-v1_5.
pub(super) struct Pkcs1v15;

/// RSASSA-PSS, its salt as long as the hash.
pub(super) struct Pss;

pub(super) trait Padding<H> {
    const NAME: &'static str;

    fn scheme() -> impl SignatureScheme;
}

pub(super) trait Hash: Digest + DynDigest + AssociatedOid + Send + Sync + 'static {
    const PKCS1V15: &'static str;
    const PSS: &'static str;
}

impl Hash for Sha256 {
    const PKCS1V15: &'static str = "RS256";
    const PSS: &'static str = "PS256";
}

impl Hash for Sha384 {
    const PKCS1V15: &'static str = "RS384";
    const PSS: &'static str = "PS384";
}

impl Hash for Sha512 {
    const PKCS1V15: &'static str = "RS512";
    const PSS: &'static str = "PS512";
}

impl<H: Hash> Padding<H> for Pkcs1v15 {
    const NAME: &'static str = H::PKCS1V15;

    fn scheme() -> impl SignatureScheme {
        Pkcs1v15Sign::new::<H>()
    }
}

impl<H: Hash> Padding<H> for Pss {
    const NAME: &'static str = H::PSS;

    fn scheme() -> impl SignatureScheme {
        rsa::Pss::new::<H>()
    }
}

/// As long as the key, which only the key knows.
pub(super) struct Signature(Vec<u8>);

impl AlgorithmSignature for Signature {
    fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
        Ok(Self(slice.to_owned()))
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}

impl<P: Padding<H>, H: Hash> Algorithm for Rsa<P, H> {
    /// A server only verifies.
    type SigningKey = Infallible;
    type VerifyingKey = RsaPublicKey;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(P::NAME)
    }

    fn sign(&self, key: &Infallible, _message: &[u8]) -> Signature {
        match *key {}
    }

    fn verify_signature(&self, signature: &Signature, key: &RsaPublicKey, message: &[u8]) -> bool {
        key.verify(P::scheme(), &H::digest(message), &signature.0)
            .is_ok()
    }
}

impl<P: Padding<H> + 'static, H: Hash> VerifyAlgorithm for Rsa<P, H> {
    fn key(jwk: &JsonWebKey<'_>) -> Option<RsaPublicKey> {
        let JsonWebKey::Rsa {
            modulus,
            public_exponent,
            ..
        } = jwk
        else {
            return None;
        };
        let modulus = BigUint::from_bytes_be(modulus);
        let exponent = BigUint::from_bytes_be(public_exponent);
        RsaPublicKey::new_with_max_size(modulus, exponent, *RSA_BITS.end()).ok()
    }
}

impl<P, H> Default for Rsa<P, H> {
    fn default() -> Self {
        Self(PhantomData)
    }
}
