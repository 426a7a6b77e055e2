//! Signing without a platform.

use std::rc::Rc;

use ed25519_dalek::Signer as _;

use crate::signature::{PrivateKey, PrivateKeyNumbers, SignKey, SignatureError};

/// `key`, whose signature over a message is the same each time: EdDSA (RFC 8032), ECDSA with the nonce of RFC 6979. `None` for
/// RSA, whose code here takes a time that depends on the private key (RUSTSEC-2023-0071).
pub(crate) fn sign_key(key: &PrivateKey) -> Result<Option<Rc<dyn SignKey>>, SignatureError> {
    match key.numbers() {
        PrivateKeyNumbers::P256 { secret, .. } => {
            let key = p256::ecdsa::SigningKey::from_slice(secret);
            let key = key.map_err(|_| SignatureError::InvalidKey)?;
            Ok(Some(Rc::new(move |message: &[u8]| {
                let signature: p256::ecdsa::Signature = key.sign(message);
                Ok(signature.to_bytes().to_vec())
            })))
        }
        PrivateKeyNumbers::Ed25519 { seed } => {
            let key = ed25519_dalek::SigningKey::from_bytes(seed);
            Ok(Some(Rc::new(move |message: &[u8]| {
                Ok(key.sign(message).to_bytes().to_vec())
            })))
        }
        PrivateKeyNumbers::Rsa { .. } | PrivateKeyNumbers::Other(_) => Ok(None),
    }
}
