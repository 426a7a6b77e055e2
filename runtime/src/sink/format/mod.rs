//! How an event is written, where its receiver leaves that open.

mod cloud_events;
pub(super) mod ocsf;

use std::fmt;

use crate::audit::chain::Linked;

/// How an event is written.
#[derive(Clone, Copy)]
pub struct Format {
    name: &'static str,
    write: fn(&Linked, String) -> String,
}

impl Format {
    /// As it is.
    pub const EVENT: Self = Self {
        name: "event",
        write: |_, line| line,
    };

    /// As an API Activity of OCSF 1.8.0 (class 6003), with the event itself as its `raw_data`.
    pub const OCSF: Self = Self {
        name: "ocsf",
        write: ocsf::write,
    };

    /// As a CloudEvent 1.0 in structured JSON, with the event itself as its `data`.
    pub const CLOUD_EVENTS: Self = Self {
        name: "cloudevents",
        write: cloud_events::write,
    };

    /// The word for it in `mcp.toml`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// An event; `line` is how the log has it.
    pub(crate) fn body(self, event: &Linked, line: String) -> String {
        (self.write)(event, line)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
