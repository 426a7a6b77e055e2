//! CloudEvents 1.0 in its structured JSON form.

use serde::Serialize;
use serde_json::value::RawValue;

use mcp_edge_audit::chain::ChainedEvent;

/// What goes around an event (CloudEvents 1.0.2, 3 and its JSON format, 3).
#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'a str,
    id: &'a str,
    /// A URI reference: names of servers hold nothing that one must not.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    r#type: &'a str,
    time: &'a str,
    /// The tool, prompt or resource, or else the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    datacontenttype: &'a str,
    /// The line as the log has it, so that its hash can be checked.
    data: Box<RawValue>,
}

/// An event as a CloudEvent 1.0 in structured JSON, with `line`, the event itself, as its `data`.
pub fn cloud_event(linked: &ChainedEvent, line: String) -> String {
    let event = &linked.event;
    let envelope = Envelope {
        specversion: "1.0",
        id: &event.id,
        source: event.server.as_deref(),
        r#type: event.event.as_str(),
        time: &event.time,
        subject: event.name.as_deref().or(event.method.as_deref()),
        datacontenttype: "application/json",
        // A line is JSON.
        data: RawValue::from_string(line).unwrap_or_default(),
    };
    serde_json::to_string(&envelope).unwrap_or_default()
}
