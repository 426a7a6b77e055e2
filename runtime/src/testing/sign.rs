//! Signatures by fixed keys, as an issuer makes them.

use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::Signer as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::{CryptoRng, Error, RngCore};
use rsa::traits::SignatureScheme;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::signature::{SignKey, SignatureError, SigningAlgorithm};

const SECRET: [u8; 48] = [0x17; 48];

/// The signature of `algorithm` over `message`.
pub(crate) fn sign(algorithm: &str, message: &[u8]) -> Vec<u8> {
    match algorithm {
        "RS256" => rsa(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)),
        "RS384" => rsa(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message)),
        "RS512" => rsa(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message)),
        "PS256" => rsa(Pss::new::<Sha256>(), &Sha256::digest(message)),
        "PS384" => rsa(Pss::new::<Sha384>(), &Sha384::digest(message)),
        "PS512" => rsa(Pss::new::<Sha512>(), &Sha512::digest(message)),
        "ES256" => {
            let signature: p256::ecdsa::Signature = p256().sign(message);
            signature.to_bytes().to_vec()
        }
        "ES384" => {
            let signature: p384::ecdsa::Signature = p384().sign(message);
            signature.to_bytes().to_vec()
        }
        "EdDSA" => ed25519().sign(message).to_bytes().to_vec(),
        other => panic!("no test signs with {other}"),
    }
}

/// The public key, as a JWK without `kid`, that verifies what `sign` makes.
pub(crate) fn public_key(algorithm: &str) -> Value {
    match algorithm {
        "ES256" => {
            let point = p256().verifying_key().to_encoded_point(false);
            let [x, y] = [point.x().unwrap(), point.y().unwrap()].map(encode);
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        }
        "ES384" => {
            let point = p384().verifying_key().to_encoded_point(false);
            let [x, y] = [point.x().unwrap(), point.y().unwrap()].map(encode);
            json!({"kty": "EC", "crv": "P-384", "x": x, "y": y})
        }
        "EdDSA" => {
            let x = encode(ed25519().verifying_key().as_bytes());
            json!({"kty": "OKP", "crv": "Ed25519", "x": x})
        }
        _ => {
            let private = rsa_jwk();
            json!({"kty": "RSA", "n": private["n"], "e": private["e"]})
        }
    }
}

/// The numbers of the RSA key, private ones included.
pub(crate) fn rsa_jwk() -> Value {
    serde_json::from_str(include_str!("rsa-for-tests.json")).unwrap()
}

fn p256() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&SECRET[..32]).unwrap()
}

fn p384() -> p384::ecdsa::SigningKey {
    p384::ecdsa::SigningKey::from_slice(&SECRET).unwrap()
}

fn ed25519() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(SECRET[..32].try_into().unwrap())
}

fn rsa(scheme: impl SignatureScheme, hashed: &[u8]) -> Vec<u8> {
    let signed = rsa_key().sign_with_rng(&mut Counting(0), scheme, hashed);
    signed.unwrap()
}

/// An RSA key in PKCS#8, for hosts in memory.
pub(super) fn rsa_sign_key(
    algorithm: SigningAlgorithm,
    pkcs8: &[u8],
) -> Result<Rc<dyn SignKey>, SignatureError> {
    let key = RsaPrivateKey::from_pkcs8_der(pkcs8).map_err(|_| SignatureError::InvalidKey)?;
    Ok(Rc::new(move |message: &[u8]| {
        let random = &mut Counting(0);
        let hashed = Sha256::digest(message);
        let signed = match algorithm {
            SigningAlgorithm::Rs256 => {
                key.sign_with_rng(random, Pkcs1v15Sign::new::<Sha256>(), &hashed)
            }
            _ => key.sign_with_rng(random, Pss::new::<Sha256>(), &hashed),
        };
        signed.map_err(|_| SignatureError::InvalidKey)
    }))
}

pub(crate) fn rsa_key() -> RsaPrivateKey {
    let jwk = rsa_jwk();
    let number = |name: &str| {
        let text = jwk[name].as_str().unwrap();
        BigUint::from_bytes_be(&Base64UrlUnpadded::decode_vec(text).unwrap())
    };
    let primes = vec![number("p"), number("q")];
    RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes).unwrap()
}

/// Always the same bytes, so that a test always sees the same signature.
struct Counting(u8);

impl CryptoRng for Counting {}

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

/// The private key that `sign` uses for an algorithm, in PEM.
#[cfg(test)]
pub(crate) fn private_pem(algorithm: &str) -> String {
    use rsa::pkcs8::EncodePrivateKey as _;
    pem(&match algorithm {
        "ES256" => {
            let point = p256().verifying_key().to_encoded_point(false);
            let curve = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
            elliptic(&curve, &SECRET[..32], Some(point.as_bytes()))
        }
        "ES384" => elliptic(&[0x2b, 0x81, 4, 0, 0x22], &SECRET, None),
        "EdDSA" => ed25519_der(&SECRET[..32]),
        _ => rsa_key().to_pkcs8_der().unwrap().as_bytes().to_vec(),
    })
}

/// PEM, with lines of 64 characters.
#[cfg(test)]
pub(crate) fn pem(der: &[u8]) -> String {
    let text = base64ct::Base64::encode_string(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n")
}

/// One value in DER.
#[cfg(test)]
pub(crate) fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u16::try_from(content.len()).unwrap();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => [&[tag, 0x82][..], &length.to_be_bytes()].concat(),
    };
    [head, content].concat()
}

/// A private key of an algorithm, given with its parameters, in PKCS#8.
#[cfg(test)]
pub(crate) fn pkcs8(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    der(0x30, &[&[2, 1, 0], &der(0x30, algorithm), &der(4, &[key])])
}

#[cfg(test)]
pub(crate) fn ed25519_der(seed: &[u8]) -> Vec<u8> {
    pkcs8(&[&[6, 3, 0x2b, 0x65, 0x70]], &der(4, &[seed]))
}

/// A key on a curve, with its public point or without.
#[cfg(test)]
pub(crate) fn elliptic(curve: &[u8], secret: &[u8], point: Option<&[u8]>) -> Vec<u8> {
    let public = point.map(|point| der(0xa1, &[&der(3, &[&[0], point])]));
    let key = [
        &[2, 1, 1],
        &der(4, &[secret])[..],
        &public.unwrap_or_default(),
    ];
    let name = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    pkcs8(&[&name, &der(6, &[curve])], &der(0x30, &key))
}
