//! What differs between two catalogs.

use std::collections::{BTreeMap, BTreeSet};

use mcp_edge_catalog::codec::{DecodeError, Index};
use mcp_edge_catalog::{Destinations, Operation};
use mcp_edge_runtime::discovery::manifest::unapproved;
use serde_json::{Value as Json, json};

use crate::catalog::description::described_tool;
use crate::style::shown;

/// A tool of a catalog.
struct Tool {
    /// The digest of the definition, which clients see.
    definition: [u8; 32],
    /// The definition, the request, and what of a response becomes the result.
    operation: Operation,
    /// Where the request goes.
    destination: Option<[u8; 32]>,
    /// The same for the callers of each tenant that its upstream names.
    of_tenants: BTreeMap<String, [u8; 32]>,
    /// The form that approvals are of.
    described: Json,
}

/// The tools of a catalog, by name.
pub(super) struct Tools(BTreeMap<String, Tool>);

impl Tools {
    pub(super) fn read(catalog: &[u8], destinations: &Destinations) -> Result<Self, DecodeError> {
        let index = Index::of_catalog(catalog)?;
        let summaries = index.summaries().iter().enumerate();
        let tools = summaries.map(|(place, summary)| {
            let of_tenants = destinations.of_tenants(summary.upstream(), summary.origin());
            let operation = index.operation(place, catalog)?;
            let tool = Tool {
                definition: summary.digest(),
                destination: destinations.digest(summary.upstream(), summary.origin()),
                of_tenants: of_tenants
                    .map(|(tenant, digest)| (tenant.to_owned(), digest))
                    .collect(),
                described: described_tool(&operation, destinations),
                operation,
            };
            Ok((summary.name().to_owned(), tool))
        });
        tools.collect::<Result<_, _>>().map(Self)
    }

    /// The names of the tools that `approvals.tools` does not have. None, where it is empty.
    pub(super) fn quarantined(&self, approved: &[&str]) -> Vec<String> {
        let tools = self.0.values().map(|tool| &tool.described);
        unapproved(tools, approved).into_iter().collect()
    }
}

/// The names of tools that differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) new: Vec<String>,
    pub(super) changed: Vec<String>,
    /// Those of `changed` whose definition is the same: clients do not see the change.
    pub(super) same_definition: Vec<String>,
    /// Those of `changed` whose requests go elsewhere, or with another credential.
    pub(super) destination: Vec<String>,
    /// The tenants for whose callers requests of tools go elsewhere, each with the tools; one that is new or gone as well.
    pub(super) tenants: BTreeMap<String, Vec<String>>,
    pub(super) gone: Vec<String>,
}

impl Changes {
    /// What `new` has of `old`.
    pub(super) fn between(old: &Tools, new: &Tools) -> Self {
        let mut changes = Self::default();
        for (name, tool) in &new.0 {
            let Some(before) = old.0.get(name) else {
                changes.new.push(name.clone());
                continue;
            };
            let is_elsewhere = before.destination != tool.destination;
            if before.operation == tool.operation && !is_elsewhere {
                continue;
            }
            changes.changed.push(name.clone());
            if before.definition == tool.definition {
                changes.same_definition.push(name.clone());
            }
            if is_elsewhere {
                changes.destination.push(name.clone());
            }
            let tenants = before.of_tenants.keys().chain(tool.of_tenants.keys());
            let tenants: BTreeSet<_> = tenants.collect();
            for tenant in tenants {
                if before.of_tenants.get(tenant) != tool.of_tenants.get(tenant) {
                    let moved = changes.tenants.entry(tenant.clone()).or_default();
                    moved.push(name.clone());
                }
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
            ("changed with the same definition", &self.same_definition),
            (
                "changed in where requests go, or in their credential",
                &self.destination,
            ),
            ("gone", &self.gone),
        ];
        let lines = kinds
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(kind, names)| format!("{kind}: {}\n", names.join(", ")));
        let tenants = self.tenants.iter().map(|(tenant, names)| {
            format!("  for the tenant {}: {}\n", shown(tenant), names.join(", "))
        });
        lines.chain(tenants).collect()
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "new": self.new,
            "changed": self.changed,
            "same_definition": self.same_definition,
            "destination": self.destination,
            "tenants": self.tenants,
            "gone": self.gone,
        })
    }
}
