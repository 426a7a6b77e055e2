//! Public keys whose numbers were checked.

use std::ops::RangeInclusive;

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// How long an RSA modulus is, in bits: RFC 7518 asks for 2048 at least (3.3), and a longer one costs too much.
pub(super) const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// The largest public exponent, in bits: what every implementation takes.
const MAX_EXPONENT_BITS: usize = 33;

/// A public key whose numbers are in range. Whether a point is on its curve shows when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(PublicKeyNumbers);

/// What a public key consists of; big-endian, but for the point of Ed25519, which is as RFC 8032 writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKeyNumbers {
    /// RSA. In a [`PublicKey`] neither number begins with a zero.
    Rsa {
        /// The modulus `n`.
        modulus: Vec<u8>,
        /// The public exponent `e`.
        exponent: Vec<u8>,
    },
    /// A point of P-256.
    P256 {
        /// The coordinate `x`.
        x: [u8; 32],
        /// The coordinate `y`.
        y: [u8; 32],
    },
    /// A point of P-384.
    P384 {
        /// The coordinate `x`.
        x: [u8; 48],
        /// The coordinate `y`.
        y: [u8; 48],
    },
    /// A point of Ed25519.
    Ed25519 {
        /// The point, encoded.
        x: [u8; 32],
    },
}

/// Why numbers are no [`PublicKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicKey {
    /// An RSA key of fewer than 2048 or more than 4096 bits.
    #[error("is an RSA key of fewer than 2048 or more than 4096 bits")]
    Size,
    /// The numbers are not those of a key that can be used.
    #[error("is not a valid public key")]
    Numbers,
}

impl PublicKey {
    /// A key of these numbers, if they can be one.
    pub fn checked(numbers: PublicKeyNumbers) -> Result<Self, InvalidPublicKey> {
        match numbers {
            PublicKeyNumbers::Rsa { modulus, exponent } => {
                let [modulus, exponent] = [modulus, exponent].map(without_zeros);
                if !RSA_BITS.contains(&bits(&modulus)) {
                    return Err(InvalidPublicKey::Size);
                }
                let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
                let is_exponent =
                    exponent.as_slice() != [1] && bits(&exponent) <= MAX_EXPONENT_BITS;
                if !is_odd(&modulus) || !is_odd(&exponent) || !is_exponent {
                    return Err(InvalidPublicKey::Numbers);
                }
                Ok(Self(PublicKeyNumbers::Rsa { modulus, exponent }))
            }
            PublicKeyNumbers::Ed25519 { x } if is_of_small_order(&x) => {
                Err(InvalidPublicKey::Numbers)
            }
            point => Ok(Self(point)),
        }
    }

    /// What it consists of.
    pub const fn numbers(&self) -> &PublicKeyNumbers {
        &self.0
    }

    /// The members of a JSON Web Key that its numbers need, in the form that a thumbprint is the digest of (RFC 7638, 3.2). No
    /// member of an issuer's key is repeated.
    pub fn to_jwk(&self) -> String {
        let encoded = |number: &[u8]| Base64UrlUnpadded::encode_string(number);
        let point = |curve: &str, x: &[u8], y: &[u8]| {
            let [x, y] = [x, y].map(encoded);
            format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        };
        match &self.0 {
            PublicKeyNumbers::Rsa { modulus, exponent } => {
                let [n, e] = [modulus, exponent].map(|number| encoded(number));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
            PublicKeyNumbers::P256 { x, y } => point("P-256", x, y),
            PublicKeyNumbers::P384 { x, y } => point("P-384", x, y),
            PublicKeyNumbers::Ed25519 { x } => {
                let x = encoded(x);
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
        }
    }
}

/// The encodings of the points of Ed25519 whose order divides 8, without the bit for the sign; those of a `y` that is not
/// reduced included. With such a key or R a signature says nothing about who made it.
const SMALL_ORDER: [[u8; 32]; 7] = {
    const fn near_p(last: u8) -> [u8; 32] {
        let mut point = [0xff; 32];
        point[0] = last;
        point[31] = 0x7f;
        point
    }
    let zero = [0; 32];
    let mut one = zero;
    one[0] = 1;
    [
        zero,
        one,
        // The order is 8.
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
        near_p(0xec),
        near_p(0xed),
        near_p(0xee),
    ]
};

/// Whether a point of Ed25519 is one of the eight whose order divides 8.
pub(super) fn is_of_small_order(point: &[u8; 32]) -> bool {
    let mut point = *point;
    point[31] &= 0x7f;
    SMALL_ORDER.contains(&point)
}

fn without_zeros(number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.into_iter().skip(zeros).collect()
}

/// The length of a number that does not begin with a zero, in bits.
pub(super) fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros());
    number
        .len()
        .saturating_mul(8)
        .saturating_sub(unused as usize)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::*;

    #[test]
    fn every_point_of_small_order_is_known_and_no_other() {
        for point in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut point = point;
                point[31] |= sign;
                assert!(is_of_small_order(&point));
                // Not every one of these is read at all; what is read is weak.
                if let Ok(key) = VerifyingKey::from_bytes(&point) {
                    assert!(key.is_weak(), "{point:02x?}");
                }
                let numbers = PublicKeyNumbers::Ed25519 { x: point };
                assert_eq!(PublicKey::checked(numbers), Err(InvalidPublicKey::Numbers));
            }
        }
        assert!(!is_of_small_order(&[0x66; 32]));
    }

    #[test]
    fn rsa_keys_have_odd_numbers_in_range() {
        let key = |modulus: Vec<u8>, exponent: &[u8]| {
            PublicKey::checked(PublicKeyNumbers::Rsa {
                modulus,
                exponent: exponent.to_vec(),
            })
        };
        let usual: &[u8] = &[1, 0, 1];
        for bytes in [256, 512] {
            assert!(key(vec![0xff; bytes], usual).is_ok());
        }
        let padded = [vec![0; 3], vec![0xff; 256]].concat();
        assert_eq!(key(padded, &[0, 1, 0, 1]), key(vec![0xff; 256], usual));
        for bytes in [0, 128, 255, 513, 4096] {
            assert_eq!(key(vec![0xff; bytes], usual), Err(InvalidPublicKey::Size));
        }
        let short = [vec![0x7f], vec![0xff; 255]].concat();
        assert_eq!(key(short, usual), Err(InvalidPublicKey::Size));
        let even = [vec![0xff; 255], vec![0xfe]].concat();
        assert_eq!(key(even, usual), Err(InvalidPublicKey::Numbers));
        assert!(key(vec![0xff; 256], &[1, 0xff, 0xff, 0xff, 0xff]).is_ok());
        for exponent in [&[][..], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1]] {
            let unusable = key(vec![0xff; 256], exponent);
            assert_eq!(unusable, Err(InvalidPublicKey::Numbers), "{exponent:?}");
        }
    }

    #[test]
    fn a_key_is_written_as_rfc_7518_and_rfc_8037_have_it() {
        let written = |numbers| PublicKey::checked(numbers).unwrap().to_jwk();
        let rsa = written(PublicKeyNumbers::Rsa {
            modulus: vec![0xff; 256],
            exponent: vec![0, 1, 0, 1],
        });
        let modulus = "_".repeat(341);
        assert_eq!(
            rsa,
            format!(r#"{{"e":"AQAB","kty":"RSA","n":"{modulus}w"}}"#)
        );
        // RFC 7517, A.1.
        let p256 = written(PublicKeyNumbers::P256 {
            x: number("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
            y: number("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
        });
        assert_eq!(
            p256,
            r#"{"crv":"P-256","kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#
        );
        let p384 = written(PublicKeyNumbers::P384 {
            x: [1; 48],
            y: [2; 48],
        });
        assert!(
            p384.contains(r#""crv":"P-384","kty":"EC","x":"AQEB"#),
            "{p384}"
        );
        // RFC 8037, A.2.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let ed25519 = written(PublicKeyNumbers::Ed25519 { x: number(x) });
        assert_eq!(
            ed25519,
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
        );
    }

    fn number(text: &str) -> [u8; 32] {
        Base64UrlUnpadded::decode_vec(text)
            .unwrap()
            .try_into()
            .unwrap()
    }
}
