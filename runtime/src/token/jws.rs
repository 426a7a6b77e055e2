//! The compact serialization of a JWS (RFC 7515 §7.1), in the one form that this codec writes.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::base64;
use super::error::TokenError;

/// The algorithm's name (RFC 7518 §3.2); there is no other.
const ALGORITHM: &str = "HS256";

/// Longer than any encoded header with a purpose and a key name of ours; what is longer is not parsed.
const MAX_HEADER: usize = 256;

/// The length of an encoded signature.
const SIGNATURE: usize = 43;

/// The three members that a header has, and no more: `crit` or an embedded key is refused with them.
///
/// The strings are borrowed, so one written with escapes is refused as well.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// A token taken apart, with nothing believed yet.
pub(super) struct Untrusted<'t> {
    /// The encoded header, which the seal is bound to.
    pub(super) header: &'t str,
    /// The encoded claims.
    pub(super) claims: &'t str,
    signed: &'t str,
    signature: &'t str,
}

impl<'t> Untrusted<'t> {
    /// Takes a token apart at its two dots.
    pub(super) fn split(token: &'t str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        (!claims.contains('.')).then_some(Self {
            header,
            claims,
            signed,
            signature,
        })
    }

    /// The key that the header names, if the header is one for this purpose.
    pub(super) fn key_id(&self, typ: &str) -> Result<String, TokenError> {
        if self.header.len() > MAX_HEADER {
            return Err(TokenError::Malformed);
        }
        let header = base64::decode(self.header).ok_or(TokenError::Malformed)?;
        let header: Header<'_> = object(&header).ok_or(TokenError::Malformed)?;
        if header.alg != ALGORITHM {
            return Err(TokenError::WrongAlgorithm);
        }
        if header.typ != typ {
            return Err(TokenError::WrongPurpose);
        }
        Ok(header.kid.to_owned())
    }

    /// Checks the signature, in constant time.
    pub(super) fn verify(&self, key: &Hmac<Sha256>) -> Result<(), TokenError> {
        let signature = base64::Bytes::<32>::parse(self.signature).ok_or(TokenError::Malformed)?;
        key.clone()
            .chain_update(self.signed)
            .verify_slice(&signature.0)
            .map_err(|_| TokenError::BadSignature)
    }
}

/// The encoded header of a token.
pub(super) fn header(typ: &str, kid: &str) -> Option<String> {
    let header = serde_json::to_vec(&Header {
        alg: ALGORITHM,
        typ,
        kid,
    })
    .ok()?;
    Some(base64::encode(&header))
}

/// How many bytes of claims a token of `limit` bytes has room for under an encoded header.
pub(super) fn room(limit: usize, header: &str) -> usize {
    let around = header
        .len()
        .saturating_add(SIGNATURE)
        .saturating_add("..".len());
    base64::decoded_len(limit.saturating_sub(around))
}

/// Signs claims under an encoded header and puts the token together.
pub(super) fn sign(header: &str, claims: &[u8], key: &Hmac<Sha256>) -> String {
    let mut token = header.to_owned();
    token.push('.');
    token.push_str(&base64::encode(claims));
    let signature = key.clone().chain_update(&token).finalize().into_bytes();
    token.push('.');
    token.push_str(&base64::encode(&signature));
    token
}

/// Reads a JSON object; a struct that serde would also read from an array is only read from an object.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}
