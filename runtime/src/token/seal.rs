//! Content that the client carries and may not read: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).
//!
//! The long nonce is what lets it be random: two tokens of one key never meet in it.

use chacha20poly1305::{AeadInPlace, XChaCha20Poly1305, XNonce};

use super::base64;
use super::codec::NONCE;

/// How many bytes the seal adds: Poly1305's tag.
pub(super) const TAG: usize = 16;

/// Seals content under an encoded header, so that it unseals for no other purpose and key name.
pub(super) fn seal(
    mut content: Vec<u8>,
    key: &XChaCha20Poly1305,
    nonce: &[u8; NONCE],
    header: &str,
) -> Option<String> {
    key.encrypt_in_place(XNonce::from_slice(nonce), header.as_bytes(), &mut content)
        .ok()?;
    Some(base64::encode(&content))
}

pub(super) fn decrypt(
    sealed: &str,
    key: &XChaCha20Poly1305,
    nonce: &[u8; NONCE],
    header: &str,
) -> Option<Vec<u8>> {
    let mut content = base64::decode(sealed)?;
    key.decrypt_in_place(XNonce::from_slice(nonce), header.as_bytes(), &mut content)
        .ok()?;
    Some(content)
}
