//! The environment of a process.

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;

use super::found::{Found, State};
use super::need::{Need, What};
use super::{Asked, Looked};

/// The variable with the folder of the outbox, as the adapter knows it.
const OUTBOX: &str = "MCP_EDGE_OUTBOX";

/// Looks which variables are set here. A process may run elsewhere, so that one which is not set is nothing wrong.
pub(super) fn look(asked: &Asked<'_>, is_set: impl Fn(&str) -> bool) -> Looked {
    let mut looked = Looked::new(String::new());
    let mut add = |need: &Need, kind: &str, name: &str| {
        let state = match is_set(name) {
            true => State::There,
            false => State::ToSet,
        };
        looked.found.push(Found {
            what: format!("{kind} {name}"),
            why: need.why.clone(),
            place: "environment variable".to_owned(),
            state,
        });
    };
    for need in &asked.needs {
        match &need.what {
            What::Environment(_) => add(need, "variable", ENVIRONMENT_VARIABLE),
            What::Secret(name) => add(need, "secret", name),
            What::Variable(name) => add(need, "variable", name),
            What::Outbox => add(need, "folder in", OUTBOX),
            // A process sends requests to any host, counts by itself and keeps what it fetches in its memory. What only
            // Workers have, the check of sinks says.
            What::Origin(_) | What::Rate(_) | What::Queue(_) | What::Bucket(_) | What::Cache => {}
        }
    }
    looked
}

/// Whether this process has the variable, and it is not empty.
pub(super) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
