//! Project Wycheproof's signatures, by every implementation.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use signature_vectors::{Expected, Group, Key};

use super::{PublicKey, PublicKeyNumbers, SignatureAlgorithm, testing};

/// What is said of one signature, by all alike; `None` of a key that is none.
fn verdict(
    algorithm: SignatureAlgorithm,
    numbers: PublicKeyNumbers,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let key = testing::verify_key(algorithm, &PublicKey::checked(numbers).ok()?)?;
    let verified = super::verify(algorithm, key.as_ref(), message, signature);
    verified.now_or_never()?.ok()
}

fn numbers(algorithm: SignatureAlgorithm, key: &Key) -> PublicKeyNumbers {
    match key {
        Key::Rsa { n, e } => PublicKeyNumbers::Rsa {
            modulus: n.clone(),
            exponent: e.clone(),
        },
        Key::Point { x, y } if algorithm == SignatureAlgorithm::Es256 => PublicKeyNumbers::P256 {
            x: x[..].try_into().unwrap(),
            y: y[..].try_into().unwrap(),
        },
        Key::Point { x, y } => PublicKeyNumbers::P384 {
            x: x[..].try_into().unwrap(),
            y: y[..].try_into().unwrap(),
        },
        Key::Ed25519(x) => PublicKeyNumbers::Ed25519 {
            x: x[..].try_into().unwrap(),
        },
    }
}

#[track_caller]
fn check(groups: &[Group], algorithms: usize) {
    let mut counted = BTreeMap::new();
    for group in groups {
        let algorithm = SignatureAlgorithm::ALL
            .into_iter()
            .find(|known| known.name() == group.algorithm)
            .unwrap();
        *counted.entry(group.algorithm).or_insert(0) += group.vectors.len();
        for vector in &group.vectors {
            let numbers = numbers(algorithm, &group.key);
            let said = verdict(algorithm, numbers, &vector.message, &vector.signature);
            let comment = &vector.comment;
            match vector.expected {
                Expected::Valid => assert_eq!(said, Some(true), "{comment}"),
                Expected::Invalid => assert_ne!(said, Some(true), "{comment}"),
                // The implementations agree, which is all that is asked.
                Expected::Either => {}
            }
        }
    }
    assert_eq!(counted.len(), algorithms, "{counted:?}");
    assert!(counted.values().all(|count| *count > 50), "{counted:?}");
}

#[test]
fn ecdsa_on_p256_and_p384() {
    check(&signature_vectors::elliptic(), 2);
}

#[test]
fn eddsa_on_ed25519() {
    check(&signature_vectors::ed25519(), 1);
}

#[test]
fn rsa_with_pkcs1_v1_5() {
    check(&signature_vectors::pkcs1_v1_5(), 3);
}

#[test]
fn rsa_with_pss() {
    check(&signature_vectors::pss(), 3);
}
