//! What a verification is told.

use std::time::Duration;

use mcp_edge_audit::Timestamp;

use super::ends::ChainEnds;

/// What is asked of a log beyond that nothing contradicts it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Every event is of this tenant, or of no principal.
    pub tenant: Option<String>,
    /// The only sink whose losses count, as `mcp.toml` names it: the one that the log comes from.
    pub sink: Option<String>,
    /// How long after it happened an event is signed at the latest.
    pub within: Option<Duration>,
    /// Everything that was recorded before this time must be proven.
    pub until: Option<Timestamp>,
    /// The log must still have all that was signed up to these ends.
    pub expected: Option<ChainEnds>,
    /// How long after `until` the log had been read of which `expected` is, so that it is complete up to `until`.
    pub settled: Duration,
    /// The log continues where these chains ended.
    pub before: Option<ChainEnds>,
}
