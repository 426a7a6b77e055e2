//! The public halves of audit signing keys, as a verifier has them from elsewhere than the log.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use mcp_edge_audit::evidence::SignedStatement;
use serde::Deserialize;

/// Keys by name. Two servers may use one name, so there can be several of it.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(BTreeMap<String, Vec<VerifyingKey>>);

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// One of the keys made it.
    Good,
    /// There is a key of that name, and it did not make it.
    Bad,
    /// There is no key of that name.
    UnknownKey,
}

/// A text that holds no audit signing keys.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Not a set of keys.
    #[error(
        "this is no JSON Web Key Set: {0}; a server publishes its own at /.well-known/jwks.json"
    )]
    Form(String),
    /// No key in it verifies a seal.
    #[error(
        "there is no Ed25519 key with a `kid` in this JSON Web Key Set; `mcp-edge keys public --audit` prints one that has them"
    )]
    None,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    crv: Option<String>,
    x: Option<String>,
}

impl PublicKeys {
    /// Reads a JSON Web Key Set (RFC 7517, RFC 8037). Keys of other kinds are passed over.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let set: Set =
            serde_json::from_str(text).map_err(|error| KeysError::Form(error.to_string()))?;
        let mut keys = Self::default();
        for jwk in set.keys {
            let (Some(id), Some("Ed25519"), Some(x)) = (jwk.kid, jwk.crv.as_deref(), jwk.x) else {
                continue;
            };
            let bytes = Base64UrlUnpadded::decode_vec(&x).unwrap_or_default();
            if let Ok(key) = VerifyingKey::try_from(bytes.as_slice()) {
                keys.0.entry(id).or_default().push(key);
            }
        }
        if keys.0.is_empty() {
            return Err(KeysError::None);
        }
        Ok(keys)
    }

    /// These keys and those.
    pub fn join(&mut self, others: Self) {
        for (id, keys) in others.0 {
            self.0.entry(id).or_default().extend(keys);
        }
    }

    /// Whether the key of that name made `signature` over `statement`.
    pub fn check(&self, statement: &SignedStatement<'_>, key: &str, signature: &str) -> Checked {
        self.check_bytes(statement.to_text().as_bytes(), key, signature)
    }

    /// The same over any bytes.
    pub fn check_bytes(&self, signed: &[u8], key: &str, signature: &str) -> Checked {
        let Some(keys) = self.0.get(key) else {
            return Checked::UnknownKey;
        };
        let mut bytes = [0; 64];
        let decoded = Base64UrlUnpadded::decode(signature, &mut bytes);
        if !decoded.is_ok_and(|decoded| decoded.len() == 64) {
            return Checked::Bad;
        }
        let signature = Signature::from_bytes(&bytes);
        let is_good = |key: &VerifyingKey| key.verify_strict(signed, &signature).is_ok();
        if keys.iter().any(is_good) {
            Checked::Good
        } else {
            Checked::Bad
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_key_is_refused() {
        assert!(matches!(PublicKeys::parse("{}"), Err(KeysError::Form(_))));
        for keys in [
            r#"{"keys":[]}"#,
            r#"{"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"}]}"#,
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"short","x":"AAAA"}]}"#,
        ] {
            assert_eq!(
                PublicKeys::parse(keys).err(),
                Some(KeysError::None),
                "{keys}"
            );
        }
    }
}
