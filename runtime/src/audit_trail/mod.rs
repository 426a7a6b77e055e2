//! What happened: exactly one event for every request that reaches the server, served or refused.
//!
//! [`Event`](mcp_edge_audit::Event) is what is said of a request, `Record` the request while nothing final can be said of it yet.
//! An instance links the events of its requests into a chain ([`chain`](mcp_edge_audit::chain)) and signs them with every batch
//! that leaves it ([`evidence`]), so that the holder of a log can tell whether something is missing or was changed. `AuditTrail`
//! hands every event to the [sinks](crate::config::SinkDriver).

#[cfg(test)]
pub(crate) mod arbitrary;
mod bound;
pub(crate) mod content;
pub mod evidence;
mod log;
mod record;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
mod trail;
pub(crate) mod untrusted_text;

pub use bound::MIN_EVENT;
pub use record::UpstreamCall;
pub(crate) use record::{PolicyRecord, Record, Recorded};
pub(crate) use trail::{AuditError, AuditTrail};
pub use untrusted_text::sanitize;
