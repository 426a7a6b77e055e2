//! What a token says (RFC 7519 §4).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::base64::Bytes;
use super::codec::NONCE;

/// The claims set: these members, `request` being optional, and no others.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims<'a> {
    /// The server that minted it, and that alone opens it.
    #[serde(borrow)]
    pub(super) aud: Cow<'a, str>,
    /// When it was minted, in seconds since the Unix epoch.
    pub(super) iat: u64,
    /// When it stops to open, in seconds since the Unix epoch.
    pub(super) exp: u64,
    /// The random bytes that tell it from every other token, and the nonce of its seal.
    pub(super) jti: Bytes<NONCE>,
    /// The digest of the principal that it belongs to.
    pub(super) sub: Bytes<32>,
    /// The digest of the request that it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<Bytes<32>>,
    /// Visible content as it is, sealed content as a string of base64url.
    #[serde(borrow)]
    pub(super) content: &'a RawValue,
}
