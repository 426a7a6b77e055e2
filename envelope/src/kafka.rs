//! A record of Kafka, as the Confluent REST Proxy (API v2) takes it.

use mcp_edge_audit::chain::ChainedEvent;

use crate::quoted;

/// A record, with an event's chain as its key, so that a chain stays in one partition and in order; `text` is the event itself.
pub fn record(event: &ChainedEvent, text: &str) -> String {
    format!("{{\"key\":{},\"value\":{text}}}", quoted(event.chain()))
}
