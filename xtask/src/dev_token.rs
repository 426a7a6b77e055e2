//! Who calls a server that runs on a developer's machine.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{keys, process, workspace};

/// A token of the local issuer, and what a server needs to trust it.
pub struct Developer {
    token: String,
    /// What the server must find in its host's variables, by name.
    variables: BTreeMap<String, String>,
}

impl Developer {
    /// A developer with every scope that the example asks for; `None` where its `mcp.toml` does not trust the local issuer
    /// in the environment `dev`. `url` is where the server will be.
    pub fn of(example: &str, url: &str) -> Result<Option<Self>> {
        let folder = workspace::server(example)?;
        if !folder.join("mcp.toml").is_file() {
            return Ok(None);
        }
        let run = ["run", "--quiet", "--package", "mcp-edge-developer", "--"];
        let mut program = workspace::cargo(&run);
        program.arg(folder).arg(url).args(scopes_of_tools(example)?);
        let printed: Value = serde_json::from_str(&process::output(&mut program)?)?;
        if printed.is_null() {
            return Ok(None);
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut variables = BTreeMap::new();
        for (name, value) in printed["variables"].as_object().into_iter().flatten() {
            variables.extend(text(value).map(|value| (name.clone(), value)));
        }
        if let Some(name) = text(&printed["evidence"]) {
            variables.insert(name, keys::kept("evidence")?);
        }
        Ok(Some(Self {
            token: text(&printed["token"]).context("the local issuer has issued no token")?,
            variables,
        }))
    }

    /// A token for the server.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What the server must find in its host's variables.
    pub fn variables(&self) -> Vec<(&str, String)> {
        let variables = self.variables.iter();
        variables
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect()
    }
}

/// The scopes that the example's tools ask for themselves, as its native build describes them.
fn scopes_of_tools(example: &str) -> Result<BTreeSet<String>> {
    let described = process::output(&mut workspace::cargo(&[
        "run",
        "--quiet",
        "--package",
        example,
        "--",
        "describe",
    ]))?;
    let manifest: serde_json::Value = serde_json::from_str(&described)
        .with_context(|| format!("`{example} describe` printed something other than JSON"))?;
    let tools = manifest.get("tools").and_then(|tools| tools.as_array());
    let scopes = tools
        .into_iter()
        .flatten()
        .filter_map(|tool| tool.get("scopes")?.as_array());
    Ok(scopes
        .flatten()
        .filter_map(|scope| scope.as_str().map(str::to_owned))
        .collect())
}
