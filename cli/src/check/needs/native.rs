//! The environment of a process.

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;

use super::finding::{Finding, State};
use super::need::{Need, NeedKind};
use super::{Asked, FileReport};

/// The variable with the folder of the outbox, as the adapter knows it.
const OUTBOX: &str = "MCP_EDGE_OUTBOX";

/// Looks which variables are set here. A process may run elsewhere, so that one which is not set is nothing wrong.
pub(super) fn inspect(asked: &Asked<'_>, is_set: impl Fn(&str) -> bool) -> FileReport {
    let mut looked = FileReport::new(String::new());
    let mut found = Vec::new();
    let mut add = |need: &Need, kind: &str, name: &str| {
        let state = match is_set(name) {
            true => State::There,
            false => State::ToSet,
        };
        found.push(Finding {
            what: format!("{kind} {name}"),
            why: need.why.clone(),
            place: "environment variable".to_owned(),
            state,
        });
    };
    for need in &asked.needs {
        match &need.what {
            NeedKind::Environment(_) => add(need, "variable", ENVIRONMENT_VARIABLE),
            NeedKind::Secret(name) => add(need, "secret", name),
            NeedKind::Variable(name) => add(need, "variable", name),
            NeedKind::Outbox => add(need, "folder in", OUTBOX),
            NeedKind::Service(binding) => looked.errors.push(no_service(need, binding)),
            // A process sends requests to any host, counts by itself and keeps what it fetches in its memory. What only
            // Workers have, the check of sinks says.
            NeedKind::Origin(_)
            | NeedKind::Rate(_)
            | NeedKind::Queue(_)
            | NeedKind::Bucket(_)
            | NeedKind::KeyValue(_)
            | NeedKind::Cache => {}
        }
    }
    looked.found = found;
    looked
}

/// The error about a need that only Workers meet.
pub(super) fn no_service(need: &Need, binding: &str) -> String {
    format!(
        "{} names the service binding {binding}, which only Workers have; set `url` instead in the environment of this host",
        need.why.join(", ")
    )
}

/// Whether this process has the variable, and it is not empty.
pub(super) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
