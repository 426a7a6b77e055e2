//! A log of Datadog (Datadog API v2, "Send logs").

use mcp_edge_audit::chain::ChainedEvent;
use serde::Serialize;

/// An item of the intake.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    ddsource: &'static str,
    ddtags: String,
    hostname: &'a str,
    message: String,
    service: &'a str,
}

impl<'a> Entry<'a> {
    /// `message` is the event itself.
    pub fn new(event: &'a ChainedEvent, server: &'a str, message: String) -> Self {
        let environment = event.event.environment.as_deref();
        Self {
            ddsource: "mcp-edge",
            ddtags: environment.map_or_else(String::new, |name| format!("env:{name}")),
            hostname: event.chain(),
            message,
            service: server,
        }
    }
}
