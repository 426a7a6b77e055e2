//! SHA-256 digests as events and manifests write them.

pub use base16ct::lower::encode_string as hexadecimal;
use sha2::{Digest as _, Sha256};

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}
