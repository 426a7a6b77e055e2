//! RSA signatures (RFC 7518, 3.3 and 3.5).

use std::rc::Rc;

use rsa::pkcs8::AssociatedOid;
use rsa::traits::SignatureScheme;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::digest::{Digest, DynDigest};

use super::computed;
use crate::signature::{PublicKey, PublicKeyNumbers, VerifyKey};

/// How a digest is padded.
pub(crate) trait Padding {
    fn scheme<H: Hash>() -> impl SignatureScheme;
}

/// RSASSA-PKCS1-v1_5.
pub(crate) struct Pkcs1v15;

impl Padding for Pkcs1v15 {
    fn scheme<H: Hash>() -> impl SignatureScheme {
        Pkcs1v15Sign::new::<H>()
    }
}

/// RSASSA-PSS, its salt as long as the digest.
pub(crate) struct Pss;

impl Padding for Pss {
    fn scheme<H: Hash>() -> impl SignatureScheme {
        rsa::Pss::new::<H>()
    }
}

/// A hash function that both paddings work with.
pub(crate) trait Hash: Digest + DynDigest + AssociatedOid + Send + Sync + 'static {}

impl<H: Digest + DynDigest + AssociatedOid + Send + Sync + 'static> Hash for H {}

pub(crate) fn rsa<P: Padding, H: Hash>(key: &PublicKey) -> Option<Rc<dyn VerifyKey>> {
    let PublicKeyNumbers::Rsa { modulus, exponent } = key.numbers() else {
        return None;
    };
    let [modulus, exponent] = [modulus, exponent].map(|number| BigUint::from_bytes_be(number));
    let key = RsaPublicKey::new(modulus, exponent).ok()?;
    Some(computed(move |message, signature| {
        key.verify(P::scheme::<H>(), &H::digest(message), signature)
            .is_ok()
    }))
}
