//! The header of a token (RFC 7515, 4).

use serde_json::{Map, Value};

use super::error::AccessTokenError;
use super::strict;

/// The longest `kid`, in bytes.
pub(super) const MAX_KEY_ID: usize = 256;

/// Members that change what the signature or the content means. Who sends one expects it to be obeyed.
const EXTENSIONS: [&str; 4] = ["crit", "b64", "zip", "enc"];

/// Members that are not used, and are texts (RFC 7515, 4.1).
const UNUSED: [&str; 4] = ["jku", "x5u", "x5t", "x5t#S256"];

const PART: &str = "header";

/// What of a header counts. Keys, certificates and URLs that a token brings along are not even read: the
/// keys come from the configuration alone (RFC 8725, 3.10).
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: String,
    pub(super) kind: Option<String>,
    pub(super) key_id: Option<String>,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, AccessTokenError> {
        let mut members = strict::object(json, PART)?;
        for extension in EXTENSIONS {
            if members.contains_key(extension) {
                return Err(AccessTokenError::CriticalHeader(extension));
            }
        }
        if members.contains_key("cty") {
            return Err(AccessTokenError::WrongContentType);
        }
        let is_text = |name: &&str| {
            matches!(
                members.get(*name),
                None | Some(Value::Null | Value::String(_))
            )
        };
        if !UNUSED.iter().all(is_text) {
            return Err(AccessTokenError::Malformed {
                part: PART,
                why: "a member of RFC 7515, 4.1, is not what it is there",
            });
        }
        Ok(Self {
            algorithm: text(&mut members, "alg")?.ok_or(AccessTokenError::Malformed {
                part: PART,
                why: "it has no `alg`",
            })?,
            kind: text(&mut members, "typ")?,
            key_id: text(&mut members, "kid")?,
        })
    }

    /// Whether `kid` may be looked for at all.
    pub(super) fn check_key_id(&self) -> Result<(), AccessTokenError> {
        match &self.key_id {
            Some(id) if id.len() > MAX_KEY_ID || id.chars().any(char::is_control) => {
                Err(AccessTokenError::MalformedKeyId)
            }
            _ => Ok(()),
        }
    }

    /// Whether `typ` is one of `accepted`, of which an empty text allows it to be absent.
    pub(super) fn has_type(&self, accepted: &[&str]) -> bool {
        let found = media_type(self.kind.as_deref().unwrap_or_default());
        accepted
            .iter()
            .any(|accepted| media_type(accepted).eq_ignore_ascii_case(found))
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, AccessTokenError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(AccessTokenError::Malformed {
            part: PART,
            why: "`alg`, `typ` or `kid` is not a text",
        }),
    }
}

/// A media type without what may be left out of it (RFC 7515, 4.1.9).
fn media_type(name: &str) -> &str {
    const PREFIX: &str = "application/";
    match name.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => name,
    }
}
