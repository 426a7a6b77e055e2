//! `server/discover` (2026-07-28, server/discover), and the capabilities that both eras advertise.

use serde_json::{Map, Value, json};

use super::CallHandler;
use crate::revision::Revision;

impl CallHandler {
    pub(super) fn discover(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert(
            "supportedVersions".to_owned(),
            json!(Revision::ALL.map(Revision::as_str)),
        );
        members.insert("capabilities".to_owned(), self.capabilities());
        if let Some(instructions) = &self.instance.server.instructions {
            members.insert(
                "instructions".to_owned(),
                Value::from(instructions.as_str()),
            );
        }
        members
    }

    /// What the server has for the caller. Nothing is said of changed lists or resources: what a server offers changes
    /// with a deploy, and no instance could tell the clients of another.
    pub(super) fn capabilities(&self) -> Value {
        let offered = self.instance.capabilities(self.cx.caller());
        let mut capabilities = Map::new();
        for (name, has) in [
            ("tools", offered.tools),
            ("resources", offered.resources),
            ("prompts", offered.prompts),
            ("completions", offered.completions),
            ("logging", true),
        ] {
            if has {
                capabilities.insert(name.to_owned(), json!({}));
            }
        }
        Value::Object(capabilities)
    }
}
