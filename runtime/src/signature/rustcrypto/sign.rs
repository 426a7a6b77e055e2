//! Signing without a platform.

use ed25519_dalek::Signer as _;

use crate::signature::{PrivateKey, PrivateKeyNumbers, SignatureError};

/// The signature of `key` over `message`, which is the same each time: EdDSA (RFC 8032), ECDSA with the nonce of RFC 6979. `None`
/// for RSA, whose code here takes a time that depends on the private key (RUSTSEC-2023-0071).
pub(crate) fn sign(key: &PrivateKey, message: &[u8]) -> Option<Result<Vec<u8>, SignatureError>> {
    match key.numbers() {
        PrivateKeyNumbers::Rsa { .. } => None,
        PrivateKeyNumbers::P256 { secret, .. } => Some(es256(secret, message)),
        PrivateKeyNumbers::Ed25519 { seed } => {
            let key = ed25519_dalek::SigningKey::from_bytes(seed);
            Some(Ok(key.sign(message).to_bytes().to_vec()))
        }
        PrivateKeyNumbers::Other(_) => None,
    }
}

fn es256(secret: &[u8; 32], message: &[u8]) -> Result<Vec<u8>, SignatureError> {
    let key = p256::ecdsa::SigningKey::from_slice(secret);
    let key = key.map_err(|_| SignatureError::InvalidKey)?;
    let signature: p256::ecdsa::Signature = key.sign(message);
    Ok(signature.to_bytes().to_vec())
}
