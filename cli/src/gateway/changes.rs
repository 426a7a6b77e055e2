//! What differs between two catalogs.

use std::collections::BTreeMap;

use mcp_edge_audit::digest::hexadecimal;
use mcp_edge_catalog::Operation;
use mcp_edge_catalog::codec::{DecodeError, Index, Summary};
use serde_json::{Value as Json, json};

/// A tool of a catalog.
struct Tool {
    /// The digest of the definition, which clients see and approvals name.
    digest: [u8; 32],
    /// The definition, the request, and what of a response becomes the result.
    operation: Operation,
}

/// The tools of a catalog, by name.
pub(super) struct Tools(BTreeMap<String, Tool>);

impl Tools {
    pub(super) fn read(catalog: &[u8]) -> Result<Self, DecodeError> {
        let index = Index::of_catalog(catalog)?;
        let summaries = index.summaries().iter().enumerate();
        let tools = summaries.map(|(place, summary)| {
            let operation = index.operation(place, catalog)?;
            let digest = summary.digest();
            Ok((summary.name().to_owned(), Tool { digest, operation }))
        });
        tools.collect::<Result<_, _>>().map(Self)
    }
}

/// The names of tools that differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) new: Vec<String>,
    pub(super) changed: Vec<String>,
    /// Those of `changed` whose definition is the same: another request is sent, or something else of a response is the result.
    /// An approval of the definition remains valid.
    pub(super) same_definition: Vec<String>,
    pub(super) gone: Vec<String>,
}

impl Changes {
    /// What `new` has of `old`.
    pub(super) fn between(old: &Tools, new: &Tools) -> Self {
        let mut changes = Self::default();
        for (name, tool) in &new.0 {
            match old.0.get(name) {
                None => changes.new.push(name.clone()),
                Some(before) if before.operation != tool.operation => {
                    changes.changed.push(name.clone());
                    if before.digest == tool.digest {
                        changes.same_definition.push(name.clone());
                    }
                }
                Some(_) => {}
            }
        }
        let gone = old.0.keys().filter(|name| !new.0.contains_key(*name));
        changes.gone = gone.cloned().collect();
        changes
    }

    pub(super) fn text(&self) -> String {
        let kinds = [
            ("new", &self.new),
            ("changed", &self.changed),
            (
                "changed with the same definition, so that an approval remains valid",
                &self.same_definition,
            ),
            ("gone", &self.gone),
        ];
        kinds
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(kind, names)| format!("{kind}: {}\n", names.join(", ")))
            .collect()
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "new": self.new,
            "changed": self.changed,
            "same_definition": self.same_definition,
            "gone": self.gone,
        })
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
