//! The host's log as a sink.

use std::rc::Rc;

use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::Event;

use crate::config::{Destination, Protocol, Sink, SinkContext, SinkDriver, SinkSettings, admits};
use crate::host::Host;

impl Protocol {
    /// The host's log: a process's standard output, Workers Logs, Spin's log. Each event is written as soon as its request
    /// ends.
    pub const LOG: Self = Self::new(&LogDriver);
}

struct LogDriver;

impl SinkDriver for LogDriver {
    fn name(&self) -> &'static str {
        "log"
    }

    fn open(&self, setup: SinkSettings, ties: SinkContext) -> Result<Rc<dyn Destination>, String> {
        let settings = setup.settings;
        Ok(Rc::new(Log { settings, ties }))
    }
}

struct Log {
    settings: &'static Sink,
    ties: SinkContext,
}

impl Destination for Log {
    fn admits(&self, event: &Event) -> bool {
        admits(self.settings, event)
    }

    fn enqueue(&self, event: Rc<ChainedEvent>, host: &dyn Host) {
        let seals = self.ties.seals(std::slice::from_ref(&event), host.now());
        let line = match seals.first() {
            Some(Some(seal)) => event.sealed(seal),
            _ => event.json.clone(),
        };
        host.log(&self.settings.format.body(&event, line));
    }
}
