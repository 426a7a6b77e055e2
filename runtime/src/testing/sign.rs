//! Signatures by fixed keys, as an issuer makes them.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::Signer as _;
use rsa::rand_core::{CryptoRng, Error, RngCore};
use rsa::traits::SignatureScheme;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

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
    let jwk = rsa_jwk();
    let number = |name: &str| {
        let text = jwk[name].as_str().unwrap();
        BigUint::from_bytes_be(&Base64UrlUnpadded::decode_vec(text).unwrap())
    };
    let primes = vec![number("p"), number("q")];
    RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes)
        .unwrap()
        .sign_with_rng(&mut Counting(0), scheme, hashed)
        .unwrap()
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
