//! Private keys that a server signs with, and what verifies its signatures.

use anyhow::{Context, Result};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use futures_util::FutureExt as _;
use mcp_edge_runtime::signature::{PublicKey, PublicKeyNumbers, SignatureAlgorithm, ring};
use serde_json::Value;
use xtask::{process, setup, workspace};

/// New private keys, under the names of the secrets that hold them.
#[derive(Debug)]
pub struct SigningKeys(Vec<SigningKey>);

#[derive(Debug)]
struct SigningKey {
    name: &'static str,
    pem: String,
    jwk: Value,
}

/// The names in tests/keys/make.mjs.
const NAMES: [&str; 6] = [
    "TEST_RSA_KEY",
    "TEST_SHORT_RSA_KEY",
    "TEST_P256_KEY",
    "TEST_P384_KEY",
    "TEST_ED25519_KEY",
    "TEST_BARE_P256_KEY",
];

impl SigningKeys {
    /// Makes them.
    pub fn new() -> Result<Self> {
        let mut node = setup::node::command()?;
        let made = process::output(node.arg(workspace::root().join("tests/keys/make.mjs")))?;
        let made: Vec<Value> = serde_json::from_str(&made).context("keys that are not JSON")?;
        let keys = NAMES.map(|name| {
            let key = made.iter().find(|key| key["name"] == name);
            let key = key.with_context(|| format!("no key {name}"))?;
            Ok(SigningKey {
                name,
                pem: key["pem"].as_str().context("no PEM")?.to_owned(),
                jwk: key["jwk"].clone(),
            })
        });
        Ok(Self(keys.into_iter().collect::<Result<_>>()?))
    }

    /// The secrets, by name.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0.iter().map(|key| (key.name, key.pem.clone()))
    }

    /// The private key in this secret, in PEM.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    #[track_caller]
    pub fn pem(&self, secret: &str) -> String {
        let key = self.0.iter().find(|key| key.name == secret).unwrap();
        key.pem.clone()
    }

    /// The public key of the private one in this secret, as a JSON Web Key.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    #[track_caller]
    pub fn jwk(&self, secret: &str) -> Value {
        let key = self.0.iter().find(|key| key.name == secret).unwrap();
        key.jwk.clone()
    }

    /// Whether the key in this secret made `signature` over `message`, by an implementation that no edge host has.
    ///
    /// # Panics
    ///
    /// When there is no such key.
    #[track_caller]
    pub fn verify(&self, algorithm: &str, secret: &str, message: &[u8], signature: &[u8]) -> bool {
        let key = self.0.iter().find(|key| key.name == secret).unwrap();
        let number = |member: &str| {
            let text = key.jwk[member].as_str().unwrap();
            Base64UrlUnpadded::decode_vec(text).unwrap()
        };
        let fixed = |member: &str| number(member).try_into().unwrap();
        let numbers = match key.jwk["kty"].as_str() {
            Some("RSA") => PublicKeyNumbers::Rsa {
                modulus: number("n"),
                exponent: number("e"),
            },
            Some("EC") => PublicKeyNumbers::P256 {
                x: fixed("x"),
                y: fixed("y"),
            },
            _ => PublicKeyNumbers::Ed25519 { x: fixed("x") },
        };
        verify(algorithm, numbers, message, signature)
    }
}

/// Whether the key of these numbers made `signature` over `message`, by an implementation that no edge host has.
///
/// # Panics
///
/// When there is no such algorithm, or these are no numbers of a key for it.
#[track_caller]
pub fn verify(
    algorithm: &str,
    numbers: PublicKeyNumbers,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let mut all = SignatureAlgorithm::ALL.into_iter();
    let algorithm = all.find(|known| known.name() == algorithm).unwrap();
    let key = ring::verify_key(algorithm, &PublicKey::checked(numbers).unwrap()).unwrap();
    key.verify(message, signature).now_or_never().unwrap() == Ok(true)
}
