//! An event of Splunk's HTTP Event Collector (Splunk Enterprise, "Format events for HTTP Event Collector").

use mcp_edge_audit::chain::ChainedEvent;

use crate::quoted;

/// The members around an event that are the same for all events of a sink.
pub fn metadata(server: &str, index: Option<&str>) -> String {
    let index = index.map_or_else(String::new, |index| format!(",\"index\":{}", quoted(index)));
    format!(
        "\"source\":{},\"sourcetype\":\"mcp-edge\"{index}",
        quoted(server)
    )
}

/// An event as the collector takes it, with the members of [`metadata`]; `text` is the event itself.
pub fn event(event: &ChainedEvent, metadata: &str, text: &str) -> String {
    let millis = event.at().as_millis();
    format!(
        "{{\"time\":{}.{:03},\"host\":{},{metadata},\"event\":{text}}}",
        millis / 1000,
        millis % 1000,
        quoted(event.chain()),
    )
}
