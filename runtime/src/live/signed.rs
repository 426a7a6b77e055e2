//! Who signed a document: a JWS in the compact serialization (RFC 7515 §7.1) with Ed25519 (RFC 8037 §3.1).

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::document::MAX_BYTES;
use crate::config::{Algorithm, LivePolicyError};
use crate::host::Host;
use crate::jsonrpc::strict::{self, Bounds};
use crate::signature::{self, PublicKey, PublicKeyNumbers};

/// What a live policy says that it is, in `typ`: no other document that the same key signed is one.
pub const LIVE_POLICY_TYPE: &str = "mcp-edge-live-policy+jws";
/// What is said of a document of more than [`MAX_BYTES`].
pub(super) const TOO_LARGE: &str = "the document is larger than 1 MiB";
/// The maximum size of an encoded header, in bytes.
const MAX_HEADER: usize = 512;

/// The keys that a document may be signed with, by their ids.
#[derive(Debug)]
pub(super) struct Keys(BTreeMap<&'static str, PublicKey>);

/// What a key signed.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) key: String,
    pub(super) payload: Vec<u8>,
}

impl Keys {
    /// Keys as `live.keys` has them.
    pub(super) fn parse(texts: &'static [&'static str]) -> Result<Self, LivePolicyError> {
        let mut keys = BTreeMap::new();
        for text in texts {
            let key = text.split_once(':').and_then(|(id, key)| {
                let mut x = [0; 32];
                let length = Base64UrlUnpadded::decode(key, &mut x).ok()?.len();
                let key = PublicKey::checked(PublicKeyNumbers::Ed25519 { x }).ok()?;
                (length == x.len() && is_id(id)).then_some((id, key))
            });
            let Some((id, key)) = key else {
                return refused(
                    "a key must be an id of letters, digits, `.`, `_` and `-`, a colon, and 32 bytes of Ed25519 in base64url",
                );
            };
            if keys.insert(id, key).is_some() {
                return refused("two keys have the same id");
            }
        }
        Ok(Self(keys))
    }

    /// What `document` says, if one of the keys signed it.
    pub(super) async fn open(
        &self,
        document: &[u8],
        host: &dyn Host,
    ) -> Result<Opened, LivePolicyError> {
        let form = "the document is no JWS in the compact serialization; sign it with `mcp-edge live sign`";
        if document.len() > MAX_BYTES {
            return refused(TOO_LARGE);
        }
        let Some((signed, [header, payload, signature])) = parts(document) else {
            return refused(form);
        };
        let decoded = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        let Some(key) = decoded(header).and_then(|header| key_id(&header)) else {
            return refused(
                "the header must have the members `alg`, `kid` and `typ`, which say that it is a live policy signed with EdDSA",
            );
        };
        let Some(public) = self.0.get(key.as_str()) else {
            return refused("it is signed with a key that is not among live.keys");
        };
        let (Some(payload), Some(signature)) = (decoded(payload), decoded(signature)) else {
            return refused(form);
        };
        let unverified = |why: &dyn std::fmt::Display| {
            LivePolicyError(format!("its signature cannot be verified: {why}"))
        };
        let verifying = Algorithm::EDDSA
            .verify_key(public, host)
            .map_err(|error| unverified(&error))?;
        let id = Algorithm::EDDSA.id();
        let verified = signature::verify(id, verifying.as_ref(), signed, &signature).await;
        match verified.map_err(|error| unverified(&error))? {
            true => Ok(Opened { key, payload }),
            false => refused("its signature is not that of the key which it names"),
        }
    }
}

/// Events repeat the id.
fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=32).contains(&text.len()) && text.bytes().all(is_plain)
}

fn refused<T>(why: &str) -> Result<T, LivePolicyError> {
    Err(LivePolicyError(why.to_owned()))
}

/// What is signed, and the three parts.
fn parts(document: &[u8]) -> Option<(&[u8], [&str; 3])> {
    let text = std::str::from_utf8(document).ok()?.trim_ascii();
    let (signed, signature) = text.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let is_one = header.len() <= MAX_HEADER && !payload.contains('.');
    is_one.then_some((signed.as_bytes(), [header, payload, signature]))
}

/// The key that a header names, if the header is one of ours: `crit` or an embedded key is refused with every other member.
fn key_id(header: &[u8]) -> Option<String> {
    let bounds = Bounds {
        depth: 1,
        values: 4,
    };
    let Value::Object(members) = strict::parse(header, bounds).ok()?.value else {
        return None;
    };
    let member = |name: &str| members.get(name)?.as_str();
    let is_ours = members.len() == 3
        && member("alg") == Some(Algorithm::EDDSA.name())
        && member("typ") == Some(LIVE_POLICY_TYPE);
    member("kid").filter(|_| is_ours).map(str::to_owned)
}
