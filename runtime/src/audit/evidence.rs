//! Signatures that make a chain evidence.
//!
//! With every batch that leaves an instance, the last event in it gets a [`Seal`]: an Ed25519 signature over its hash, and
//! so over everything before it in its chain. A caller can be handed a [`Receipt`] of the same kind with its answer. The
//! keys are a class of their own: the public half of each stays published permanently, at
//! `/.well-known/jwks.json`, since a log may be doubted long after its key was replaced.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chain::Linked;
use crate::token::{KeyringError, Rules, Stage, read_keyring};

/// As many as a host's secret can hold: they are never taken away.
const RULES: Rules = Rules {
    most: 64,
    stages: &[Stage::Next, Stage::Sign, Stage::Public],
};

/// A signature over the newest event of a batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Seal {
    /// The name of the key that signed (`kid`).
    pub key: String,
    /// Ed25519, base64url without padding, over [`Statement`]'s text.
    pub signature: String,
    /// When the batch was sent (RFC 3339, UTC).
    pub time: String,
}

/// What a caller can prove an event with, should the log lack it. It is in a result's `_meta` under
/// [`RECEIPT`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The event's chain.
    pub chain: String,
    /// The event's `id`.
    pub event: String,
    /// The event's hash.
    pub hash: String,
    /// The name of the key that signed (`kid`).
    pub key: String,
    /// The event's sequence number in its chain.
    pub sequence: u64,
    /// Ed25519, base64url without padding, over [`Statement`]'s text.
    pub signature: String,
    /// When it was signed (RFC 3339, UTC).
    pub time: String,
}

/// Where a receipt is in a result's `_meta`.
pub const RECEIPT: &str = "mcp-edge/receipt";

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// What the signature is for, so that a receipt never counts as a seal.
    pub purpose: Purpose,
    /// The chain's id.
    pub chain: &'a str,
    /// The event's sequence number.
    pub sequence: u64,
    /// The event's hash.
    pub hash: &'a str,
    /// When it was signed.
    pub time: &'a str,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A [`Seal`].
    Seal,
    /// A [`Receipt`].
    Receipt,
}

impl Statement<'_> {
    /// The text that is signed, a line for each part.
    pub fn to_text(&self) -> String {
        let purpose = match self.purpose {
            Purpose::Seal => "seal",
            Purpose::Receipt => "receipt",
        };
        let Self {
            chain,
            sequence,
            hash,
            time,
            ..
        } = self;
        format!("mcp-edge audit {purpose} 1\n{chain}\n{sequence}\n{hash}\n{time}\n")
    }
}

/// What signs the events of a server: the name of the host's secret that holds its [keys](EvidenceKeys).
///
/// It stands among the settings, so that a server whose events are not signed does not carry what signs.
#[derive(Clone, Copy)]
pub struct Evidence {
    secret: &'static str,
    read: Read,
}

type Read = fn(&str) -> Result<Rc<dyn Sign>, KeyringError>;

impl Evidence {
    /// The keys are in this secret.
    pub const fn in_secret(secret: &'static str) -> Self {
        Self {
            secret,
            read: |text| Ok(Rc::new(EvidenceKeys::parse(text)?)),
        }
    }

    /// The name of the secret.
    pub const fn secret(self) -> &'static str {
        self.secret
    }

    pub(crate) fn read(self, text: &str) -> Result<Rc<dyn Sign>, KeyringError> {
        (self.read)(text)
    }
}

impl PartialEq for Evidence {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.secret)
    }
}

/// Signs events.
pub(crate) trait Sign {
    /// See [`EvidenceKeys::seal`].
    fn seal(&self, newest: &Linked, time: &str) -> Option<Seal>;
    /// See [`EvidenceKeys::receipt`].
    fn receipt(&self, linked: &Linked, time: &str) -> Option<Receipt>;
    /// See [`EvidenceKeys::jwks`].
    fn jwks(&self) -> Value;
    /// See [`EvidenceKeys::public_halves`].
    fn public_halves(&self) -> Vec<String>;
    /// See [`EvidenceKeys::jws`].
    fn jws(&self, typ: &str, payload: &[u8]) -> String;
}

impl Sign for EvidenceKeys {
    fn seal(&self, newest: &Linked, time: &str) -> Option<Seal> {
        self.seal(newest, time)
    }

    fn receipt(&self, linked: &Linked, time: &str) -> Option<Receipt> {
        self.receipt(linked, time)
    }

    fn jwks(&self) -> Value {
        self.jwks()
    }

    fn public_halves(&self) -> Vec<String> {
        self.public_halves()
    }

    fn jws(&self, typ: &str, payload: &[u8]) -> String {
        self.jws(typ, payload)
    }
}

/// The keys that a deployment signs its evidence with.
///
/// The text of the secret is that of a [`Keyring`](crate::token::Keyring), with 32 bytes as RFC 8032 makes
/// them and, in the place of the stage `old`, `public`, behind which only the public half is left:
///
/// ```text
/// e3:next:<seed> e2:sign:<seed> e1:public:<public key>
/// ```
pub struct EvidenceKeys {
    id: String,
    key: SigningKey,
    published: BTreeMap<String, VerifyingKey>,
}

impl EvidenceKeys {
    /// Reads the text of the secret.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let (signing, others) = read_keyring(text, &RULES)?;
        let seed = |id: &str, bytes: &[u8]| match <[u8; 32]>::try_from(bytes) {
            Ok(seed) => Ok(SigningKey::from_bytes(&seed)),
            Err(_) => Err(KeyringError::NotEd25519 { id: id.to_owned() }),
        };
        let key = seed(&signing.id, &signing.secret)?;
        let mut published = BTreeMap::from([(signing.id.clone(), key.verifying_key())]);
        for entry in others {
            let public = if entry.stage == Stage::Public {
                VerifyingKey::try_from(entry.secret.as_slice()).map_err(|_| {
                    KeyringError::NotEd25519 {
                        id: entry.id.clone(),
                    }
                })?
            } else {
                seed(&entry.id, &entry.secret)?.verifying_key()
            };
            published.insert(entry.id, public);
        }
        Ok(Self {
            id: signing.id,
            key,
            published,
        })
    }

    /// The public halves as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> Value {
        let keys = self.published.iter().map(|(id, key)| {
            json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": id,
                "x": Base64UrlUnpadded::encode_string(key.as_bytes()),
            })
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// The public halves, in base64url without padding.
    pub(crate) fn public_halves(&self) -> Vec<String> {
        let keys = self.published.values();
        keys.map(|key| Base64UrlUnpadded::encode_string(key.as_bytes()))
            .collect()
    }

    /// A document in the compact serialization of a JWS (RFC 7515, 7.1; RFC 8037, 3.1), with what it is in `typ`.
    pub fn jws(&self, typ: &str, payload: &[u8]) -> String {
        let header = json!({ "alg": "EdDSA", "kid": self.id, "typ": typ }).to_string();
        let [header, payload] = [header.as_bytes(), payload].map(Base64UrlUnpadded::encode_string);
        let signed = format!("{header}.{payload}");
        let signature = self.key.sign(signed.as_bytes());
        let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
        format!("{signed}.{signature}")
    }

    fn sign(&self, statement: &Statement<'_>) -> String {
        let signature = self.key.sign(statement.to_text().as_bytes());
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }

    /// Signs the newest event of a batch.
    pub fn seal(&self, newest: &Linked, time: &str) -> Option<Seal> {
        let link = newest.event.chain.as_ref()?;
        let signature = self.sign(&Statement {
            purpose: Purpose::Seal,
            chain: &link.id,
            sequence: link.sequence,
            hash: &newest.hash,
            time,
        });
        Some(Seal {
            key: self.id.clone(),
            signature,
            time: time.to_owned(),
        })
    }

    /// Signs an event for the caller whose request it is about.
    pub fn receipt(&self, linked: &Linked, time: &str) -> Option<Receipt> {
        let link = linked.event.chain.as_ref()?;
        let signature = self.sign(&Statement {
            purpose: Purpose::Receipt,
            chain: &link.id,
            sequence: link.sequence,
            hash: &linked.hash,
            time,
        });
        Some(Receipt {
            chain: link.id.clone(),
            event: linked.event.id.clone(),
            hash: linked.hash.clone(),
            key: self.id.clone(),
            sequence: link.sequence,
            signature,
            time: time.to_owned(),
        })
    }
}

/// Whether `signature` is one over `statement` by the key whose public half is `key`.
pub fn is_signed(statement: &Statement<'_>, signature: &str, key: &[u8; 32]) -> bool {
    let signature = Base64UrlUnpadded::decode_vec(signature).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let key = VerifyingKey::from_bytes(key).ok();
    match (key, signature) {
        (Some(key), Some(signature)) => key
            .verify_strict(statement.to_text().as_bytes(), &signature)
            .is_ok(),
        _ => false,
    }
}
