//! What differs between two catalogs.

use std::collections::BTreeMap;

use mcp_edge_audit::digest::hexadecimal;
use mcp_edge_catalog::codec::{Index, Summary};
use serde_json::{Value as Json, json};

/// The names of tools that differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) new: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) gone: Vec<String>,
}

impl Changes {
    /// What `new` has of `old`, where there is an old one that can be read.
    pub(super) fn between(old: &Index, new: &Index) -> Self {
        let by_name = |index: &Index| -> BTreeMap<String, [u8; 32]> {
            let tools = index.summaries().iter();
            tools
                .map(|tool| (tool.name().to_owned(), tool.digest()))
                .collect()
        };
        let (old, new) = (by_name(old), by_name(new));
        let mut changes = Self::default();
        for (name, digest) in &new {
            match old.get(name) {
                None => changes.new.push(name.clone()),
                Some(before) if before != digest => changes.changed.push(name.clone()),
                Some(_) => {}
            }
        }
        changes.gone = old
            .into_keys()
            .filter(|name| !new.contains_key(name))
            .collect();
        changes
    }

    pub(super) fn text(&self) -> String {
        let kinds = [
            ("new", &self.new),
            ("changed", &self.changed),
            ("gone", &self.gone),
        ];
        kinds
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(kind, names)| format!("{kind}: {}\n", names.join(", ")))
            .collect()
    }

    pub(super) fn json(&self) -> Json {
        json!({ "new": self.new, "changed": self.changed, "gone": self.gone })
    }
}

/// The tools whose definitions `approvals.tools` does not have. None, where it is empty.
pub(super) fn quarantined(index: &Index, approved: &[&str]) -> Vec<String> {
    let is_approved = |tool: &&Summary| {
        let digest = format!("sha256:{}", hexadecimal(&tool.digest()));
        approved.contains(&digest.as_str())
    };
    if approved.is_empty() {
        return Vec::new();
    }
    let tools = index.summaries().iter().filter(|tool| !is_approved(tool));
    tools.map(|tool| tool.name().to_owned()).collect()
}
