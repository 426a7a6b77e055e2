//! Signing with ring, which a process has for TLS anyway.

use std::rc::Rc;

use mcp_edge_runtime::signature::{
    PrivateKey, PrivateKeyNumbers, SignKey, SignatureError, SigningAlgorithm,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};

/// `key`, ready to sign with `algorithm`; `None` of a key on P-256 without its point, which ring does not compute.
pub(crate) fn sign_key(
    algorithm: SigningAlgorithm,
    key: &PrivateKey,
) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
    Ok(match key.numbers() {
        PrivateKeyNumbers::Rsa { .. } => Some(rsa(algorithm, key.pkcs8())?),
        PrivateKeyNumbers::P256 {
            secret,
            point: Some(point),
        } => Some(p256(secret, point)?),
        PrivateKeyNumbers::Ed25519 { seed } => Some(ed25519(seed)?),
        _ => None,
    })
}

fn rsa(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Rc<dyn SignKey>, SignatureError> {
    let key = RsaKeyPair::from_pkcs8(pkcs8).map_err(invalid)?;
    let padding = match algorithm {
        SigningAlgorithm::Ps256 => &RSA_PSS_SHA256 as &'static dyn ring::signature::RsaEncoding,
        _ => &RSA_PKCS1_SHA256,
    };
    Ok(Rc::new(move |message: &[u8]| {
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(failed)?;
        Ok(signature)
    }))
}

fn p256(secret: &[u8; 32], point: &[u8; 65]) -> Result<Rc<dyn SignKey>, SignatureError> {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let key = EcdsaKeyPair::from_private_key_and_public_key(algorithm, secret, point, &random)
        .map_err(invalid)?;
    Ok(Rc::new(move |message: &[u8]| {
        let signature = key.sign(&random, message).map_err(failed)?;
        Ok(signature.as_ref().to_vec())
    }))
}

fn ed25519(seed: &[u8; 32]) -> Result<Rc<dyn SignKey>, SignatureError> {
    let key = Ed25519KeyPair::from_seed_unchecked(seed).map_err(invalid)?;
    Ok(Rc::new(move |message: &[u8]| {
        Ok(key.sign(message).as_ref().to_vec())
    }))
}

fn invalid(_: ring::error::KeyRejected) -> SignatureError {
    SignatureError::InvalidKey
}

fn failed(_: ring::error::Unspecified) -> SignatureError {
    SignatureError::Platform("ring did not sign".to_owned())
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding as _};
    use futures_util::FutureExt as _;
    use mcp_edge_runtime::signature::{PublicKey, PublicKeyNumbers, ring as verifying};
    use ring::signature::KeyPair as _;

    use super::*;

    fn read(pkcs8: &[u8]) -> PrivateKey {
        let text = Base64::encode_string(pkcs8);
        let pem = format!("-----BEGIN PRIVATE KEY-----{text}-----END PRIVATE KEY-----");
        PrivateKey::from_pem(&pem).unwrap()
    }

    #[track_caller]
    fn check(algorithm: SigningAlgorithm, key: &PrivateKey, public: PublicKeyNumbers) {
        let key = sign_key(algorithm, key).unwrap().unwrap();
        let signature = key.sign(b"a message").now_or_never().unwrap().unwrap();
        let public = PublicKey::checked(public).unwrap();
        let public = verifying::verify_key(algorithm.id(), &public).unwrap();
        for (message, expected) in [(&b"a message"[..], true), (b"another", false)] {
            let verdict = public.verify(message, &signature).now_or_never();
            assert_eq!(verdict, Some(Ok(expected)));
        }
    }

    #[test]
    fn a_key_on_p256_signs() {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        // Uncompressed: 4, x, y.
        let (x, y) = key.public_key().as_ref().split_at(33);
        let public = PublicKeyNumbers::P256 {
            x: x.get(1..).unwrap().try_into().unwrap(),
            y: y.try_into().unwrap(),
        };
        check(SigningAlgorithm::Es256, &read(pkcs8.as_ref()), public);
    }

    #[test]
    fn an_ed25519_key_signs() {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = key.public_key().as_ref().try_into().unwrap();
        let public = PublicKeyNumbers::Ed25519 { x };
        check(SigningAlgorithm::EdDsa, &read(pkcs8.as_ref()), public);
    }
}
