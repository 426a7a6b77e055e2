//! Verifying with ring, which a process has for TLS anyway.

use std::rc::Rc;

use ::ring::signature::{
    self as ring, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

use super::{PublicKey, PublicKeyNumbers, SignatureAlgorithm, VerifyKey, computed};

/// A key for `algorithm`; `None` where the algorithm does not work with such a key.
pub fn verify_key(algorithm: SignatureAlgorithm, key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
    use SignatureAlgorithm as A;
    let rsa = match algorithm {
        A::Rs256 => Some(&ring::RSA_PKCS1_2048_8192_SHA256),
        A::Rs384 => Some(&ring::RSA_PKCS1_2048_8192_SHA384),
        A::Rs512 => Some(&ring::RSA_PKCS1_2048_8192_SHA512),
        A::Ps256 => Some(&ring::RSA_PSS_2048_8192_SHA256),
        A::Ps384 => Some(&ring::RSA_PSS_2048_8192_SHA384),
        A::Ps512 => Some(&ring::RSA_PSS_2048_8192_SHA512),
        A::Es256 | A::Es384 | A::EdDsa => None,
    };
    match (algorithm, key.numbers(), rsa) {
        (_, PublicKeyNumbers::Rsa { modulus, exponent }, Some(parameters)) => {
            let (n, e) = (modulus.clone(), exponent.clone());
            let key = RsaPublicKeyComponents { n, e };
            Some(computed(move |message, signature| {
                key.verify(parameters, message, signature).is_ok()
            }))
        }
        (A::Es256, PublicKeyNumbers::P256 { x, y }, _) => {
            Some(point(&ring::ECDSA_P256_SHA256_FIXED, uncompressed(x, y)))
        }
        (A::Es384, PublicKeyNumbers::P384 { x, y }, _) => {
            Some(point(&ring::ECDSA_P384_SHA384_FIXED, uncompressed(x, y)))
        }
        (A::EdDsa, PublicKeyNumbers::Ed25519 { x }, _) => Some(point(&ring::ED25519, x.to_vec())),
        _ => None,
    }
}

/// A point of an elliptic curve, without compression (SEC 1, 2.3.3).
fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

fn point(algorithm: &'static dyn VerificationAlgorithm, point: Vec<u8>) -> Rc<dyn VerifyKey> {
    let key = UnparsedPublicKey::new(algorithm, point);
    computed(move |message, signature| key.verify(message, signature).is_ok())
}
