//! ECDSA on P-256 and P-384 (RFC 7518, 3.4).

use std::rc::Rc;

use p256::ecdsa::signature::Verifier as _;

use super::computed;
use crate::signature::{PublicKey, PublicKeyNumbers, VerifyKey};

pub(crate) fn es256(key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
    let PublicKeyNumbers::P256 { x, y } = key.numbers() else {
        return None;
    };
    let point = p256::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
    let key = p256::ecdsa::VerifyingKey::from_encoded_point(&point).ok()?;
    Some(computed(move |message, signature| {
        p256::ecdsa::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }))
}

pub(crate) fn es384(key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
    let PublicKeyNumbers::P384 { x, y } = key.numbers() else {
        return None;
    };
    let point = p384::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
    let key = p384::ecdsa::VerifyingKey::from_encoded_point(&point).ok()?;
    Some(computed(move |message, signature| {
        p384::ecdsa::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }))
}
