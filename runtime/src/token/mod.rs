//! Resumption tokens: what a conversation must remember, carried by the client.
//!
//! A token is a compact JWS (RFC 7515) that one typed [`Codec`] mints and opens. Its header names what it
//! is for, its claims bind it to this server, to a principal, to a span of time and, where it continues
//! one, to a request. What the client must not read is sealed inside. A token is not used up by being
//! opened: the same one opens again until it expires.
//!
//! Of the whole token nothing is decoded before its length is checked, and of its claims nothing before
//! its signature is. The form is described, with test vectors, in `tests/vectors/README.md`.
//!
//! ```
//! use std::{rc::Rc, time::Duration};
//! use mcp_edge_runtime::host::Timestamp;
//! use mcp_edge_runtime::token::{Binding, Codec, Cursor, Epochs, Keyring};
//!
//! let secret = "k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
//! let keyring = Rc::new(Keyring::parse(secret)?);
//! let codec = Codec::new(keyring, "https://mcp.example.com/mcp", Epochs::default());
//!
//! let now = Timestamp::from_secs(1_790_000_000);
//! let page = Cursor { list: "tools/list".into(), after: "evaluate_rule".into() };
//! let token = codec.mint(&page, &Binding::anonymous(), now, Duration::from_secs(600), &[7; 24])?;
//!
//! let opened = codec.open::<Cursor>(&token, &Binding::anonymous(), now)?;
//! assert_eq!(opened.content, page);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base64;
mod binding;
mod claims;
mod codec;
mod epochs;
mod error;
mod guessable;
mod jws;
mod keyring;
mod purpose;
mod purposes;
mod seal;
#[cfg(test)]
mod tests;

pub use binding::{Binding, PrincipalDigest, PrincipalName, RequestDigest};
pub use codec::{Codec, NONCE, OpenedToken};
pub use epochs::Epochs;
pub use error::{MintError, TokenError};
pub use guessable::is_guessable;
pub use keyring::{Keyring, KeyringError, Stage};
pub(crate) use keyring::{Rules, read as read_keyring};
pub use purpose::{ContentProtection, Purpose};
pub use purposes::{Cursor, RequestState, Session};
