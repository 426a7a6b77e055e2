//! How long a caller's words may be that are repeated: in every message of a response, in errors, in events.
//!
//! What is not listed here has a bound of its own. Cursors, request states and sessions are tokens, measured before they are
//! opened. Of `traceparent` only the fixed fields are kept; `tracestate` and `baggage` are not read. Arguments and answers go to
//! the handler, within `limits.body_bytes` and `limits.json_values`.

use serde_json::Value;

use crate::refusal::Refusal;

/// An id or a progress token that is text, in bytes.
pub(crate) const MAX_ID: usize = 256;

/// The name of a method, a tool, a prompt, an argument or a level, in bytes. No name that a server declares is as long.
pub(crate) const MAX_NAME: usize = 256;

/// A URI or a template, in bytes (RFC 9110, 4.1 recommends to support 8,000).
pub(crate) const MAX_URI: usize = 8 << 10;

/// The name of a revision, in bytes.
pub(crate) const MAX_REVISION: usize = 64;

/// Checks that `text`, which is `what`, has at most `limit` bytes.
pub(crate) fn within<'a>(what: &str, text: &'a str, limit: usize) -> Result<&'a str, String> {
    if text.len() <= limit {
        Ok(text)
    } else {
        Err(format!(
            "`{what}` must be at most {limit} bytes, got {}",
            text.len()
        ))
    }
}

/// The text of a parameter, which is `what`, of at most `limit` bytes.
pub(crate) fn text<'a>(
    what: &str,
    value: Option<&'a Value>,
    limit: usize,
) -> Result<&'a str, Refusal> {
    value
        .and_then(Value::as_str)
        .ok_or_else(|| format!("`{what}` must be a string"))
        .and_then(|text| within(what, text, limit))
        .map_err(|why| Refusal::InvalidParams { why })
}
