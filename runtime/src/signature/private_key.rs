//! Private keys in PEM (RFC 7468, 10; RFC 5208; RFC 5958).

use std::fmt;

use base64ct::{Base64, Encoding as _};

use ed25519_dalek::SigningKey;

use super::public_key::{RSA_BITS, bits};
use super::{PublicKey, PublicKeyNumbers, SigningAlgorithm};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The maximum length of a key in PEM, in bytes: several times that of an RSA key of 4096 bits.
const MAX_PEM: usize = 16 << 10;

/// A private key. Whether its numbers fit together shows when it signs.
pub struct PrivateKey {
    pkcs8: Vec<u8>,
    numbers: PrivateKeyNumbers,
}

/// What a private key is, with the numbers that are not left to the reader of [`PrivateKey::pkcs8`].
#[non_exhaustive]
pub enum PrivateKeyNumbers {
    /// RSA.
    Rsa {
        /// The length of the modulus.
        bits: usize,
    },
    /// A key on P-256.
    P256 {
        /// The private scalar, big-endian.
        secret: [u8; 32],
        /// The public point without compression (SEC 1, 2.3.3), where it is with the key.
        point: Option<[u8; 65]>,
    },
    /// A key of Ed25519.
    Ed25519 {
        /// The private key of RFC 8032, 5.1.5.
        seed: [u8; 32],
    },
    /// A key that nothing here signs with, and what it is.
    Other(&'static str),
}

impl PrivateKey {
    /// Reads a key from PEM; `None` where this is none of PKCS#8. Line breaks may be missing or written as `\n`, since not every
    /// place for a variable can hold them.
    pub fn from_pem(pem: &str) -> Option<Self> {
        if pem.len() > MAX_PEM {
            return None;
        }
        let pem = pem.replace("\\n", "\n");
        let text = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let text: String = text.split_ascii_whitespace().collect();
        Self::from_pkcs8(Base64::decode_vec(&text).ok()?)
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Option<Self> {
        let numbers = numbers(&pkcs8)?;
        let pkcs8 = match &numbers {
            // Not every platform reads the version that has the public key as well.
            PrivateKeyNumbers::Ed25519 { seed } => [&ED25519_PKCS8, seed.as_slice()].concat(),
            _ => pkcs8,
        };
        Some(Self { pkcs8, numbers })
    }

    /// The key in DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// What it is.
    pub const fn numbers(&self) -> &PrivateKeyNumbers {
        &self.numbers
    }

    /// The public key; `None` for a key that nothing here signs with. A key on P-256 without its point needs the feature
    /// `rustcrypto`.
    pub fn public_key(&self) -> Option<PublicKey> {
        let numbers = match &self.numbers {
            PrivateKeyNumbers::Rsa { .. } => {
                let (modulus, exponent) = rsa(&self.pkcs8)?;
                PublicKeyNumbers::Rsa {
                    modulus: modulus.to_vec(),
                    exponent: exponent.to_vec(),
                }
            }
            PrivateKeyNumbers::P256 { secret, point } => {
                let point = point.or_else(|| derived(secret))?;
                let (_form, coordinates) = point.split_first()?;
                let (x, y) = coordinates.split_first_chunk::<32>()?;
                PublicKeyNumbers::P256 {
                    x: *x,
                    y: y.try_into().ok()?,
                }
            }
            PrivateKeyNumbers::Ed25519 { seed } => PublicKeyNumbers::Ed25519 {
                x: SigningKey::from_bytes(seed).verifying_key().to_bytes(),
            },
            PrivateKeyNumbers::Other(_) => return None,
        };
        PublicKey::checked(numbers).ok()
    }

    /// Whether `algorithm` signs with such a key.
    pub fn works_with(&self, algorithm: SigningAlgorithm) -> bool {
        match &self.numbers {
            PrivateKeyNumbers::Rsa { bits } => {
                let is_rsa = matches!(algorithm, SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256);
                is_rsa && RSA_BITS.contains(bits)
            }
            PrivateKeyNumbers::P256 { .. } => algorithm == SigningAlgorithm::Es256,
            PrivateKeyNumbers::Ed25519 { .. } => algorithm == SigningAlgorithm::EdDsa,
            PrivateKeyNumbers::Other(_) => false,
        }
    }
}

/// What it is, and nothing of what is in it: `an RSA key of 1024 bits`.
impl fmt::Display for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.numbers {
            PrivateKeyNumbers::Rsa { bits } => write!(f, "an RSA key of {bits} bits"),
            PrivateKeyNumbers::P256 { .. } => f.write_str("a key on P-256"),
            PrivateKeyNumbers::Ed25519 { .. } => f.write_str("an Ed25519 key"),
            PrivateKeyNumbers::Other(kind) => f.write_str(kind),
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({self})")
    }
}

/// The public point of a key on P-256, without compression.
#[cfg(feature = "rustcrypto")]
fn derived(secret: &[u8; 32]) -> Option<[u8; 65]> {
    use p256::elliptic_curve::sec1::ToEncodedPoint as _;

    let key = p256::SecretKey::from_slice(secret).ok()?;
    let point = key.public_key().to_encoded_point(false);
    point.as_bytes().try_into().ok()
}

#[cfg(not(feature = "rustcrypto"))]
const fn derived(_: &[u8; 32]) -> Option<[u8; 65]> {
    None
}

/// What is ahead of the 32 bytes of an Ed25519 key (RFC 8410, 7).
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

// Object identifiers.
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const ELLIPTIC: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];

// Tags.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The curve in an elliptic key, which the algorithm names already (RFC 5915, 3).
const PARAMETERS: u8 = 0xa0;
/// The public key in it.
const PUBLIC_KEY: u8 = 0xa1;

/// Reads `PrivateKeyInfo` (RFC 5208, 5), with or without attributes and the public key of RFC 5958, which are not read.
fn numbers(pkcs8: &[u8]) -> Option<PrivateKeyNumbers> {
    let mut outer = Der(pkcs8);
    let mut info = Der(outer.take(SEQUENCE)?);
    if !outer.0.is_empty() || !matches!(info.take(INTEGER)?, [0 | 1]) {
        return None;
    }
    let mut algorithm = Der(info.take(SEQUENCE)?);
    let name = algorithm.take(OBJECT_IDENTIFIER)?;
    let key = info.take(OCTET_STRING)?;
    if name == RSA {
        let mut key = Der(Der(key).take(SEQUENCE)?);
        let _version = key.take(INTEGER)?;
        let modulus = key.take(INTEGER)?;
        // The zero ahead of a number keeps it from being negative.
        let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
        return Some(PrivateKeyNumbers::Rsa {
            bits: bits(modulus),
        });
    }
    if name == ELLIPTIC {
        return if algorithm.take(OBJECT_IDENTIFIER) == Some(&P256) {
            p256(key)
        } else {
            Some(PrivateKeyNumbers::Other(
                "a key on another curve than P-256",
            ))
        };
    }
    if name == ED25519 {
        let seed = Der(key).take(OCTET_STRING)?.try_into().ok()?;
        return Some(PrivateKeyNumbers::Ed25519 { seed });
    }
    Some(PrivateKeyNumbers::Other(
        "a key of another type than RSA, P-256 and Ed25519",
    ))
}

/// The modulus and the public exponent in a PKCS#8 of RSA (RFC 8017, A.1.2).
fn rsa(pkcs8: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut info = Der(Der(pkcs8).take(SEQUENCE)?);
    let _version = info.take(INTEGER)?;
    let _algorithm = info.take(SEQUENCE)?;
    let mut key = Der(Der(info.take(OCTET_STRING)?).take(SEQUENCE)?);
    let _version = key.take(INTEGER)?;
    Some((key.take(INTEGER)?, key.take(INTEGER)?))
}

/// Reads `ECPrivateKey` (RFC 5915, 3).
fn p256(key: &[u8]) -> Option<PrivateKeyNumbers> {
    let mut key = Der(Der(key).take(SEQUENCE)?);
    if key.take(INTEGER)? != [1] {
        return None;
    }
    let secret = key.take(OCTET_STRING)?.try_into().ok()?;
    let _curve = key.take(PARAMETERS);
    let point = key.take(PUBLIC_KEY).and_then(|public| {
        // The number of unused bits is ahead of it.
        let point = Der(public).take(BIT_STRING)?.strip_prefix(&[0])?;
        <[u8; 65]>::try_from(point).ok()
    });
    Some(PrivateKeyNumbers::P256 { secret, point })
}

/// What is left to read of values in DER (X.690, 8 and 10.1).
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The content of the next value, where it has this tag.
    fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        let (&[found, length], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            0x81 => {
                let (&[length], rest) = rest.split_first_chunk()?;
                (usize::from(length), rest)
            }
            0x82 => {
                let (length, rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        (found == tag).then(|| {
            self.0 = rest;
            content
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::sign::{der, ed25519_der, elliptic, pem, pkcs8, private_pem, public_key};

    fn said(pem: &str) -> Option<String> {
        PrivateKey::from_pem(pem).map(|key| key.to_string())
    }

    #[test]
    fn a_key_works_with_the_algorithms_of_its_kind_alone() {
        use SigningAlgorithm as A;
        for (name, kind, works) in [
            (
                "RS256",
                "an RSA key of 2048 bits",
                &[A::Rs256, A::Ps256][..],
            ),
            ("ES256", "a key on P-256", &[A::Es256]),
            ("EdDSA", "an Ed25519 key", &[A::EdDsa]),
            ("ES384", "a key on another curve than P-256", &[]),
        ] {
            let key = PrivateKey::from_pem(&private_pem(name)).unwrap();
            assert_eq!(key.to_string(), kind);
            assert_eq!(format!("{key:?}"), format!("PrivateKey({kind})"));
            let found: Vec<_> = A::ALL
                .into_iter()
                .filter(|algorithm| key.works_with(*algorithm))
                .collect();
            assert_eq!(found, works, "{name}");
        }
    }

    fn rsa(bits: usize) -> Option<PrivateKey> {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= bits.div_ceil(8) * 8 - bits;
        // A number whose first bit is set would be negative.
        if modulus[0] & 0x80 != 0 {
            modulus.insert(0, 0);
        }
        let key = der(0x30, &[&[2, 1, 0], &der(2, &[&modulus]), &[2, 3, 1, 0, 1]]);
        let name = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
        PrivateKey::from_pem(&pem(&pkcs8(&[&name, &[5, 0]], &key)))
    }

    #[test]
    fn an_rsa_key_has_2048_to_4096_bits() {
        for bits in [1024, 2047, 2048, 3072, 4096, 4097] {
            let key = rsa(bits).unwrap();
            assert_eq!(key.to_string(), format!("an RSA key of {bits} bits"));
            let is_usable = (2048..=4096).contains(&bits);
            assert_eq!(key.works_with(SigningAlgorithm::Rs256), is_usable, "{bits}");
            assert_eq!(key.works_with(SigningAlgorithm::Ps256), is_usable, "{bits}");
        }
    }

    #[test]
    fn line_breaks_may_be_missing_or_escaped() {
        let usual = private_pem("ES256");
        for pem in [
            usual.replace('\n', ""),
            usual.replace('\n', "\\n"),
            usual.replace('\n', "\r\n"),
            usual.replace('\n', " "),
            format!("\n  {usual}\n"),
        ] {
            assert_eq!(said(&pem).as_deref(), Some("a key on P-256"), "{pem}");
        }
    }

    #[test]
    fn what_is_not_pem_of_pkcs8_is_refused() {
        let usual = private_pem("ES256");
        let whole = elliptic(&P256, &[7; 32], None);
        for text in [
            String::new(),
            "correct horse battery staple".to_owned(),
            usual.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
            usual.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
            usual.replace("PRIVATE KEY", "PUBLIC KEY"),
            usual.replace("-----END", "-----"),
            format!("{usual}{usual}"),
            format!("{usual}{}", " ".repeat(MAX_PEM)),
            pem(b""),
            pem(b"not DER at all"),
            // Cut short, with something behind it, of another version.
            pem(&whole[..whole.len() - 1]),
            pem(&[&whole[..], &[0]].concat()),
            pem(&whole
                .iter()
                .map(|byte| if *byte == 0 { 2 } else { *byte })
                .collect::<Vec<_>>()),
            // Numbers of another length than their curve's.
            pem(&ed25519_der(&[7; 31])),
            pem(&elliptic(&P256, &[7; 33], None)),
        ] {
            assert_eq!(said(&text), None, "{text}");
        }
    }

    /// RFC 5958: version 1 may have attributes and the public key, which some platforms refuse.
    #[test]
    fn an_ed25519_key_with_its_public_key_is_the_same_key() {
        let plain = ed25519_der(&[7; 32]);
        let mut content = plain[2..].to_vec();
        content[2] = 1;
        let public = der(0x81, &[&[0], &[9; 32]]);
        let longer = PrivateKey::from_pem(&pem(&der(0x30, &[&content, &public]))).unwrap();
        assert_eq!(longer.pkcs8(), plain);
    }

    #[test]
    fn the_point_of_a_key_may_be_missing() {
        let point = [4; 65];
        for expected in [None, Some(point)] {
            let der = elliptic(&P256, &[7; 32], expected.as_ref().map(|point| &point[..]));
            let key = PrivateKey::from_pem(&pem(&der)).unwrap();
            let PrivateKeyNumbers::P256 { secret, point } = key.numbers() else {
                panic!("{key}");
            };
            assert_eq!((secret, *point), (&[7; 32], expected));
        }
    }

    /// The keys of RFC 7520 and RFC 8037 are elsewhere; what signs here must be what verifies.
    #[test]
    fn the_public_key_is_that_of_the_private_key() {
        for name in ["RS256", "ES256", "EdDSA"] {
            let key = PrivateKey::from_pem(&private_pem(name)).unwrap();
            let mut expected = public_key(name);
            let members = expected.as_object_mut().unwrap();
            members.retain(|member, _| {
                matches!(member.as_str(), "kty" | "crv" | "x" | "y" | "n" | "e")
            });
            let found: serde_json::Value =
                serde_json::from_str(&key.public_key().unwrap().to_jwk()).unwrap();
            assert_eq!(found, expected, "{name}");
        }
        let other = PrivateKey::from_pem(&private_pem("ES384")).unwrap();
        assert_eq!(other.public_key(), None);
        // The point is derived where it is missing.
        let key = PrivateKey::from_pem(&private_pem("ES256")).unwrap();
        let PrivateKeyNumbers::P256 { secret, .. } = key.numbers() else {
            panic!("{key}");
        };
        let without_point = pem(&elliptic(&P256, secret, None));
        let alone = PrivateKey::from_pem(&without_point).unwrap();
        assert_eq!(alone.public_key(), key.public_key());
        // Zero is no key.
        let zero = PrivateKey::from_pem(&pem(&elliptic(&P256, &[0; 32], None)));
        assert_eq!(zero.unwrap().public_key(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            at in 0..200usize, with in any::<u8>(), length in 0..200usize,
        ) {
            let mut bytes = elliptic(&P256, &[7; 32], Some(&[4; 65]));
            bytes.truncate(length.max(1));
            let place = at % bytes.len();
            bytes[place] = with;
            let _ = PrivateKey::from_pem(&pem(&bytes)).map(|key| key.public_key());
        }
    }
}
