//! How an event is written, where its receiver leaves that open.

use mcp_edge_runtime::config::Format;

/// An API Activity of OCSF 1.8.0 (class 6003), with the event itself as its `raw_data`.
pub const OCSF: Format = Format::new("ocsf", mcp_edge_envelope::ocsf);

/// A CloudEvent 1.0 in structured JSON, with the event itself as its `data`.
pub const CLOUD_EVENTS: Format = Format::new("cloudevents", mcp_edge_envelope::cloud_event);
