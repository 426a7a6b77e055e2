//! What a gateway offers, as a server in Rust describes itself.

use std::path::Path;

use mcp_edge_audit::digest::hexadecimal;
use mcp_edge_catalog::{Definition, Destinations, Operation};
use mcp_edge_config::Configuration;
use mcp_edge_runtime::discovery::manifest::BEHAVIOUR;
use serde_json::{Map, Value as Json, json};

use super::compile::{Compiled, compiled};
use super::values::Values;
use crate::file::{self, File};
use crate::output::Failure;

/// Whether the configuration is that of a gateway, and not of a server in Rust.
pub(crate) fn is_gateway(configuration: &Configuration) -> bool {
    Values(&configuration.base).word("gateway.name").is_some()
}

/// The description of the gateway, and the result for the operations of its documents.
pub(crate) fn description(
    configuration: &Configuration,
    file: &File,
) -> Result<(Map<String, Json>, Compiled), Failure> {
    description_in(configuration, file.folder(), file.env.as_deref())
}

/// The same of any environment of a configuration whose file is in `folder`.
pub(crate) fn description_in(
    configuration: &Configuration,
    folder: &Path,
    environment: Option<&str>,
) -> Result<(Map<String, Json>, Compiled), Failure> {
    let settings = file::settings(configuration, environment)?;
    let compiled = compiled(settings, folder)?;
    let values = Values(settings);
    let mut described = Map::new();
    for (member, key) in [
        ("name", "gateway.name"),
        ("version", "gateway.version"),
        ("title", "gateway.title"),
        ("description", "gateway.description"),
        ("websiteUrl", "gateway.website"),
        ("instructions", "gateway.instructions"),
    ] {
        if let Some(text) = values.text_or_default(key) {
            described.insert(member.to_owned(), Json::from(text));
        }
    }
    let tools = compiled.catalog.operations.iter().map(|operation| {
        let mut tool = described_tool(operation, &compiled.destinations);
        if let Some(members) = tool.as_object_mut() {
            members.insert("scopes".to_owned(), json!(operation.scopes));
            members.insert("upstream".to_owned(), json!(operation.upstream));
        }
        tool
    });
    described.insert("tools".to_owned(), tools.collect());
    for list in ["resources", "resourceTemplates", "prompts"] {
        described.insert(list.to_owned(), json!([]));
    }
    Ok((described, compiled))
}

/// A tool as a manifest and approvals have it: its definition, and the digest of what it does besides.
pub(crate) fn described_tool(operation: &Operation, destinations: &Destinations) -> Json {
    let (upstream, origin) = (&operation.upstream, operation.origin.as_deref());
    let behaviour = destinations.behaviour(upstream, origin, operation.request_digest());
    let mut tool = Definition::of(operation).modern();
    if let Some(members) = tool.as_object_mut() {
        let behaviour = format!("sha256:{}", hexadecimal(&behaviour));
        members.insert(BEHAVIOUR.to_owned(), Json::from(behaviour));
    }
    tool
}
