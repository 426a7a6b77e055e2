//! Signatures that make a chain evidence.
//!
//! With every batch that leaves an instance, the last event in it gets a [`Seal`]: an Ed25519 signature over its hash, and so
//! over everything before it in its chain. A batch in which events of the chain are missing gets one for each part
//! ([`ChainedEvent::needs_seal`](crate::chain::ChainedEvent::needs_seal)). A caller can be handed a [`Receipt`] of the same
//! kind with its answer. The public half of each key stays published permanently, at `/.well-known/jwks.json`, since a log
//! may be verified long after its key was replaced.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, VerifyingKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A signature over an event, and over everything before it in its chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Seal {
    /// The name of the key that signed (`kid`).
    pub key: String,
    /// Ed25519, base64url without padding, over [`SignedStatement`]'s text.
    pub signature: String,
    /// When the batch was sent (RFC 3339, UTC).
    pub time: String,
}

impl Seal {
    /// The maximum length of a seal's JSON, in bytes.
    pub const MAX_BYTES: usize = 320;
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
    /// Ed25519, base64url without padding, over [`SignedStatement`]'s text.
    pub signature: String,
    /// When it was signed (RFC 3339, UTC).
    pub time: String,
}

/// Where a receipt is in a result's `_meta`.
pub const RECEIPT: &str = "mcp-edge/receipt";

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedStatement<'a> {
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

impl SignedStatement<'_> {
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

/// Whether `signature` is one over `statement` by the key whose public half is `key`.
pub fn is_signed(statement: &SignedStatement<'_>, signature: &str, key: &[u8; 32]) -> bool {
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
