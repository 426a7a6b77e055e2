//! The envelopes that receivers want around an audit event.
//!
//! A sink puts an event into one of them, and a reader of the log looks at its members rather than at the event within. No
//! signature covers these members. They follow from the event, so a verifier [renders](Envelope::render) them again and compares.
//! That is why they are apart from the sinks: a verifier links this crate and [`mcp_edge_audit`], and nothing that serves
//! requests or delivers events.
//!
//! - [`ocsf`] and [`cloud_event`] are formats, which any sink can be told to write.
//! - [`splunk`], [`datadog`] and [`kafka`] are an item of one receiver.
//! - [`otlp`] is OpenTelemetry's model: log records hold the event itself; spans and metrics are made from it, and hold none.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod cloud_events;
pub mod datadog;
pub mod kafka;
mod mapping;
mod ocsf;
pub mod otlp;
#[cfg(test)]
#[allow(dead_code)] // Their seals are for what sends them.
#[path = "../../runtime/src/audit_trail/samples.rs"]
mod samples;
pub mod splunk;

use mcp_edge_audit::chain::ChainedEvent;
use serde_json::Value;

pub use cloud_events::cloud_event;
pub use ocsf::ocsf;

/// An envelope that a sink puts around an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// A CloudEvent in structured JSON: `format = "cloudevents"`, and each item of a webhook's batch.
    CloudEvent,
    /// An item of Datadog's logs intake.
    Datadog,
    /// A record of the Kafka REST Proxy.
    Kafka,
    /// An API Activity of OCSF: `format = "ocsf"`.
    Ocsf,
    /// A request with one OpenTelemetry log record.
    OtlpLogs,
    /// An event of Splunk's HTTP Event Collector, without `index`, which is a setting.
    Splunk,
}

impl Envelope {
    /// An event in this envelope, as JSON. `line` is the event as the log has it.
    pub fn render(self, linked: &ChainedEvent, line: &str) -> Value {
        let server = linked.event.server.as_deref().unwrap_or_default();
        let text = match self {
            Self::CloudEvent => cloud_event(linked, line.to_owned()),
            Self::Ocsf => ocsf(linked, line.to_owned()),
            Self::Kafka => kafka::record(linked, line),
            Self::Splunk => splunk::event(linked, &splunk::metadata(server, None), line),
            Self::Datadog => {
                let entry = datadog::Entry::new(linked, server, line.to_owned());
                return serde_json::to_value(entry).unwrap_or_default();
            }
            Self::OtlpLogs => {
                let logs = otlp::logs([(linked, linked.json.clone())]);
                return serde_json::to_value(logs).unwrap_or_default();
            }
        };
        serde_json::from_str(&text).unwrap_or_default()
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
