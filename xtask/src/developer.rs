//! Who calls a server that runs on a developer's machine.

use std::collections::BTreeSet;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use mcp_edge_cli::development::{ENVIRONMENT, FOLDER, Grant, Issuer, KEYS_VARIABLE, LONGEST};
use mcp_edge_cli::trust::{self, Trust};
use mcp_edge_config::{Settings, Value};

use crate::{keys, process, workspace};

/// A token of the local issuer, and what a server needs to trust it.
pub struct Developer {
    token: String,
    keys: String,
    /// The variable that the server reads its URL from, and the URL.
    url: Option<(String, String)>,
    /// The secret that the server reads its keys of evidence from, and the keys.
    evidence: Option<(String, String)>,
}

impl Developer {
    /// Somebody with every scope that the example asks for; `None` where its `mcp.toml` does not trust the local issuer
    /// in the environment `dev`. `url` is where the server will be.
    pub fn of(example: &str, url: &str) -> Result<Option<Self>> {
        let folder = workspace::server(example)?;
        let file = folder.join("mcp.toml");
        if !file.is_file() {
            return Ok(None);
        }
        let configuration = mcp_edge_config::read(&workspace::read(&file)?)
            .map_err(|mistakes| anyhow!("{}: {mistakes}", file.display()))?;
        let environment = configuration.environments.get(ENVIRONMENT);
        let Some(trust) = environment.and_then(trust::of) else {
            return Ok(None);
        };
        let Trust {
            audience,
            url_variable,
            mut scopes,
        } = trust;
        scopes.extend(scopes_of_tools(example)?);
        let issuer = Issuer::in_folder(&folder.join(FOLDER))?;
        let grant = Grant {
            scopes: scopes.into_iter().collect(),
            lifetime: LONGEST,
            ..Grant::to(audience.unwrap_or_else(|| url.to_owned()))
        };
        Ok(Some(Self {
            token: issuer.issue(&grant, SystemTime::now())?,
            keys: issuer.jwks().to_string(),
            url: url_variable.map(|name| (name, url.to_owned())),
            evidence: evidence_of(environment)?,
        }))
    }

    /// A token for the server.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What the server must find in its host's variables.
    pub fn variables(&self) -> Vec<(&str, String)> {
        let mut variables = vec![
            ("MCP_EDGE_ENV", ENVIRONMENT.to_owned()),
            (KEYS_VARIABLE, self.keys.clone()),
        ];
        let others = self.url.iter().chain(&self.evidence);
        variables.extend(others.map(|(name, value)| (name.as_str(), value.clone())));
        variables
    }
}

/// Keys that sign events, where the environment wants them signed.
fn evidence_of(environment: Option<&Settings>) -> Result<Option<(String, String)>> {
    let keys = environment.and_then(|settings| settings.get("audit.keys"));
    match keys.map(|setting| &setting.value) {
        Some(Value::Secret(name)) => Ok(Some((name.clone(), keys::kept("evidence")?))),
        _ => Ok(None),
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
