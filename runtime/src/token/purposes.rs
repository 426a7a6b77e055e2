//! The purposes that the runtime itself mints tokens for.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::purpose::{ContentProtection, Purpose};

/// A legacy client's session: everything that `initialize` settled, carried in `Mcp-Session-Id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The negotiated revision.
    pub revision: String,
    /// The capabilities that the client declared; the client's own words, so nothing to hide from it.
    pub capabilities: Value,
    /// The level that the client asked to be logged at, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_level: Option<String>,
}

impl Purpose for Session {
    const TYPE: &'static str = "mcp-session+jwt";
    const CONTENT: ContentProtection = ContentProtection::Visible;
    /// The token travels in a header of every request, and hosts and proxies bound those at 8 KiB.
    const MAX_BYTES: usize = 4096;
}

/// Where the next page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The list: `tools/list`.
    pub list: String,
    /// The last name of the page before.
    pub after: String,
}

impl Purpose for Cursor {
    const TYPE: &'static str = "mcp-cursor+jwt";
    const CONTENT: ContentProtection = ContentProtection::Visible;
    const MAX_BYTES: usize = 4096;
}

/// A handler in the middle of a multi-round-trip request, carried in `requestState`.
///
/// Sealed: the journal holds what the handler's steps found out, which is not the client's to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "J: Serialize + DeserializeOwned")]
pub struct RequestState<J> {
    /// Names this run of the handler through all its rounds; idempotency keys derive from it.
    pub flow: String,
    /// How many times the client has been asked so far.
    pub round: u32,
    /// The version of the server that began; another build of the tool may go another way.
    pub tool: String,
    /// What has been answered and done.
    pub journal: J,
}

impl<J: Serialize + DeserializeOwned> Purpose for RequestState<J> {
    const TYPE: &'static str = "mcp-request-state+jwt";
    const CONTENT: ContentProtection = ContentProtection::Sealed;
    /// Room for the greatest journal that `limits.state_bytes` may allow, 64 KiB, once sealed and encoded twice.
    const MAX_BYTES: usize = 128 * 1024;
}
