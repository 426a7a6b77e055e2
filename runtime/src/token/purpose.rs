//! What a token is for.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What one kind of token carries, and under which name.
///
/// The name is in the header, so that a token minted for one purpose never opens as another, even
/// where their contents look alike.
pub trait Purpose: Serialize + DeserializeOwned {
    /// The `typ` of the header (RFC 7515 §4.1.9): `mcp-session+jwt`.
    const TYPE: &'static str;
    /// Whether the client may read what it carries.
    const CONTENT: ContentProtection;
    /// The longest token of this purpose, in bytes; a longer one is neither minted nor looked at.
    const MAX_BYTES: usize;
}

/// Whether the client that carries a token may read its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentProtection {
    /// Every holder of the token can read it; none can change it.
    Visible,
    /// Only a holder of the keyring can read it.
    Sealed,
}
