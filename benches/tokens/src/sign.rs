//! Signatures by fixed keys.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::Signer as _;
use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm as _, AlgorithmSignature as _};
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};
use rsa::traits::SignatureScheme;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::issuer::encode;

const SECRET: [u8; 32] = [0x17; 32];
const LONG_SECRET: [u8; 48] = [0x17; 48];

/// The signature of `algorithm` over `message`.
pub(crate) fn sign(algorithm: &str, message: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "RS256" => rsa(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))?,
        "RS384" => rsa(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message))?,
        "RS512" => rsa(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message))?,
        "PS256" => rsa(Pss::new::<Sha256>(), &Sha256::digest(message))?,
        "PS384" => rsa(Pss::new::<Sha384>(), &Sha384::digest(message))?,
        "PS512" => rsa(Pss::new::<Sha512>(), &Sha512::digest(message))?,
        "ES256" => Es256.sign(&p256()?, message).as_bytes().into_owned(),
        "ES384" => {
            let signature: p384::ecdsa::Signature = p384()?.sign(message);
            signature.to_bytes().to_vec()
        }
        "EdDSA" => ed25519().sign(message).to_bytes().to_vec(),
        _ => return None,
    })
}

/// The public key, as a JWK without `kid`, that verifies what `sign` makes.
pub(crate) fn public_key(algorithm: &str) -> Option<Value> {
    Some(match algorithm {
        "ES256" => json!(JsonWebKey::from(&p256()?).to_verifying_key()),
        "ES384" => {
            let point = p384()?.verifying_key().to_encoded_point(false);
            let [x, y] = [point.x()?, point.y()?].map(encode);
            json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y })
        }
        "EdDSA" => {
            let x = encode(ed25519().verifying_key().as_bytes());
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
        }
        _ => {
            let private = rsa_jwk()?;
            json!({ "kty": "RSA", "n": private.get("n")?, "e": private.get("e")? })
        }
    })
}

fn p256() -> Option<<Es256 as jwt_compact::Algorithm>::SigningKey> {
    <Es256 as jwt_compact::Algorithm>::SigningKey::from_slice(&SECRET).ok()
}

fn p384() -> Option<p384::ecdsa::SigningKey> {
    p384::ecdsa::SigningKey::from_slice(&LONG_SECRET).ok()
}

fn ed25519() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&SECRET)
}

fn rsa(scheme: impl SignatureScheme, hashed: &[u8]) -> Option<Vec<u8>> {
    let jwk = rsa_jwk()?;
    let number = |name: &str| {
        let text = jwk.get(name)?.as_str()?;
        Some(BigUint::from_bytes_be(
            &Base64UrlUnpadded::decode_vec(text).ok()?,
        ))
    };
    let primes = vec![number("p")?, number("q")?];
    RsaPrivateKey::from_components(number("n")?, number("e")?, number("d")?, primes)
        .ok()?
        .sign_with_rng(&mut Constant, scheme, hashed)
        .ok()
}

/// The numbers of the RSA key, private ones included.
fn rsa_jwk() -> Option<Value> {
    let text = include_str!("../../../runtime/src/testing/rsa-for-tests.json");
    serde_json::from_str(text).ok()
}

/// Always the same bytes, which hide nothing: the keys are no secret.
struct Constant;

impl CryptoRng for Constant {}

impl RngCore for Constant {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}
