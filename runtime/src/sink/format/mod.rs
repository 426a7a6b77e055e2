//! How an event is written, where its receiver leaves that open.

mod cloud_events;
pub(super) mod ocsf;

use crate::config::Format;

impl Format {
    /// As an API Activity of OCSF 1.8.0 (class 6003), with the event itself as its `raw_data`.
    pub const OCSF: Self = Self::new("ocsf", ocsf::write);

    /// As a CloudEvent 1.0 in structured JSON, with the event itself as its `data`.
    pub const CLOUD_EVENTS: Self = Self::new("cloudevents", cloud_events::write);
}
