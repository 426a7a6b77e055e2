//! How an event is written.

use std::fmt;

use mcp_edge_audit::chain::ChainedEvent;

/// How an event is written.
#[derive(Clone, Copy)]
pub struct Format {
    name: &'static str,
    write: fn(&ChainedEvent, String) -> String,
}

impl Format {
    /// As it is.
    pub const EVENT: Self = Self {
        name: "event",
        write: |_, line| line,
    };

    /// A format by the word for it in `mcp.toml`. `write` is given an event, and its line as the log has it.
    pub const fn new(name: &'static str, write: fn(&ChainedEvent, String) -> String) -> Self {
        Self { name, write }
    }

    /// The word for it in `mcp.toml`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// An event; `line` is how the log has it.
    pub fn body(self, event: &ChainedEvent, line: String) -> String {
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
