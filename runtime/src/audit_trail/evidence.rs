//! The keys that sign events. They are a class of their own: the public half of each stays published permanently.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::evidence::{Purpose, Receipt, Seal, SignedStatement};
use serde_json::{Value, json};

use crate::config::{Sign, SigningKeysSecret};
use crate::token::{KeyringError, Rules, Stage, read_keyring};

/// As many as a host's secret can hold: they are never taken away.
const RULES: Rules = Rules {
    most: 64,
    stages: &[Stage::Next, Stage::Sign, Stage::Public],
};

impl SigningKeysSecret {
    /// The keys are in this secret.
    pub const fn in_secret(secret: &'static str) -> Self {
        Self::new(secret, |text| Ok(Rc::new(SigningKeys::parse(text)?)))
    }
}

impl Sign for SigningKeys {
    fn seal(&self, newest: &ChainedEvent, time: &str) -> Option<Seal> {
        self.seal(newest, time)
    }

    fn receipt(&self, linked: &ChainedEvent, time: &str) -> Option<Receipt> {
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
pub struct SigningKeys {
    id: String,
    key: SigningKey,
    published: BTreeMap<String, VerifyingKey>,
}

impl SigningKeys {
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

    fn sign(&self, statement: &SignedStatement<'_>) -> String {
        let signature = self.key.sign(statement.to_text().as_bytes());
        Base64UrlUnpadded::encode_string(&signature.to_bytes())
    }

    /// Signs an event, and with it everything before it in its chain.
    pub fn seal(&self, newest: &ChainedEvent, time: &str) -> Option<Seal> {
        let link = newest.event.chain.as_ref()?;
        let signature = self.sign(&SignedStatement {
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
    pub fn receipt(&self, linked: &ChainedEvent, time: &str) -> Option<Receipt> {
        let link = linked.event.chain.as_ref()?;
        let signature = self.sign(&SignedStatement {
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
