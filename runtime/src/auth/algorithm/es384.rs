//! ECDSA on P-384 (RFC 7518, 3.4), which `jwt-compact` leaves out.

use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroUsize;

use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmSignature};
use p384::EncodedPoint;
use p384::ecdsa::VerifyingKey;
use p384::ecdsa::signature::Verifier as _;

use super::VerifyAlgorithm;

/// The length of a coordinate.
const COORDINATE: usize = 48;

#[derive(Default)]
pub(super) struct Es384;

pub(super) struct Signature(p384::ecdsa::Signature);

impl AlgorithmSignature for Signature {
    const LENGTH: Option<NonZeroUsize> = NonZeroUsize::new(2 * COORDINATE);

    fn try_from_slice(slice: &[u8]) -> anyhow::Result<Self> {
        p384::ecdsa::Signature::from_slice(slice)
            .map(Self)
            .map_err(anyhow::Error::msg)
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.to_bytes().to_vec())
    }
}

impl Algorithm for Es384 {
    /// A server only verifies.
    type SigningKey = Infallible;
    type VerifyingKey = VerifyingKey;
    type Signature = Signature;

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("ES384")
    }

    fn sign(&self, key: &Infallible, _message: &[u8]) -> Signature {
        match *key {}
    }

    fn verify_signature(&self, signature: &Signature, key: &VerifyingKey, message: &[u8]) -> bool {
        key.verify(message, &signature.0).is_ok()
    }
}

impl VerifyAlgorithm for Es384 {
    fn key(jwk: &JsonWebKey<'_>) -> Option<VerifyingKey> {
        let JsonWebKey::EllipticCurve { curve, x, y, .. } = jwk else {
            return None;
        };
        if curve != "P-384" || x.len() != COORDINATE || y.len() != COORDINATE {
            return None;
        }
        let uncompressed = [&[0x04], &**x, &**y].concat();
        let point = EncodedPoint::from_bytes(uncompressed).ok()?;
        VerifyingKey::from_encoded_point(&point).ok()
    }
}
