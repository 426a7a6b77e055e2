//! The JSON inside a token.

use serde_json::{Map, Value};

use super::error::AccessTokenError;
use crate::jsonrpc::strict::{self, Bounds};

/// Reads the object that one part of a token consists of.
pub(super) fn object(
    json: &[u8],
    part: &'static str,
) -> Result<Map<String, Value>, AccessTokenError> {
    // serde_json refuses what nests 128 deep by itself, and a token is short, so what the strict parser adds are duplicates.
    let bounds = Bounds {
        depth: usize::MAX,
        values: usize::MAX,
    };
    // Of numbers only points in time are read, and those are exact.
    match strict::parse(json, bounds).map(|parsed| parsed.value) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(AccessTokenError::Malformed {
            part,
            why: "it is no JSON object",
        }),
        Err(error) if error.is_data() => Err(AccessTokenError::DuplicateMember { part }),
        Err(_) => Err(AccessTokenError::Malformed {
            part,
            why: "it is no JSON",
        }),
    }
}
