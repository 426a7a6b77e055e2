//! EdDSA with Ed25519 (RFC 8037).

use std::rc::Rc;

use ed25519_dalek::{Signature, VerifyingKey};

use super::computed;
use crate::signature::{PublicKey, PublicKeyNumbers, VerifyKey};

pub(crate) fn eddsa(key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
    let PublicKeyNumbers::Ed25519 { x } = key.numbers() else {
        return None;
    };
    let key = VerifyingKey::from_bytes(x).ok()?;
    Some(computed(move |message, signature| {
        Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
    }))
}
