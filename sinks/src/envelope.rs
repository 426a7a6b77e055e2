//! What sinks put around an event, rendered again from the event.
//!
//! Readers of a log look at these members rather than at the event within, and no signature covers them. They follow from the
//! event, so a verifier renders them and compares.

use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use serde_json::Value;

use super::Batch;
use crate::receivers::otlp::{self, Signal as _};
use crate::receivers::{datadog, kafka, splunk};

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
            Self::CloudEvent => crate::CLOUD_EVENTS.body(linked, line.to_owned()),
            Self::Ocsf => crate::OCSF.body(linked, line.to_owned()),
            Self::Kafka => kafka::record(linked, line),
            Self::Splunk => splunk::envelope(linked, &splunk::metadata(server, None), line),
            Self::Datadog => {
                let entry = datadog::Entry::new(linked, server, line.to_owned());
                return serde_json::to_value(entry).unwrap_or_default();
            }
            Self::OtlpLogs => {
                let batch = Batch {
                    events: &[Rc::new(linked.clone())],
                    seals: Vec::new(),
                    now: linked.at(),
                };
                return serde_json::to_value(otlp::Logs::message(&batch)).unwrap_or_default();
            }
        };
        serde_json::from_str(&text).unwrap_or_default()
    }
}
