//! Issues a token of the local issuer for a server on this machine, and says what the server needs to trust it.
//!
//! `mcp-edge-developer FOLDER URL [SCOPE…]` prints, for the server in FOLDER that will be at URL, a JSON object: `token`, which
//! holds every scope that the server's `mcp.toml` asks for, and these; `variables`, by name; and `evidence`, the name of the
//! secret with the keys that sign events, where the server has one. It prints `null` where `mcp.toml` does not trust the local
//! issuer in the environment `dev`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use mcp_edge_cli::development::{ENVIRONMENT, FOLDER, Grant, Issuer, KEYS_VARIABLE, MAX_LIFETIME};
use mcp_edge_cli::trust::{self, Trust};
use mcp_edge_config::Value;
use serde_json::json;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("FOLDER is missing")?;
    let url = arguments.next().context("URL is missing")?;
    println!("{}", invitation(Path::new(&folder), &url, arguments)?);
    Ok(())
}

fn invitation(
    folder: &Path,
    url: &str,
    more_scopes: impl Iterator<Item = String>,
) -> Result<serde_json::Value> {
    let file = folder.join("mcp.toml");
    if !file.is_file() {
        return Ok(serde_json::Value::Null);
    }
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let configuration = mcp_edge_config::read(&text)
        .map_err(|mistakes| anyhow!("{}: {mistakes}", file.display()))?;
    let environment = configuration.environments.get(ENVIRONMENT);
    let Some(trust) = environment.and_then(trust::of) else {
        return Ok(serde_json::Value::Null);
    };
    let Trust {
        audience,
        url_variable,
        mut scopes,
    } = trust;
    scopes.extend(more_scopes);
    let issuer = Issuer::in_folder(&folder.join(FOLDER))?;
    let grant = Grant {
        scopes: scopes.into_iter().collect(),
        lifetime: MAX_LIFETIME,
        ..Grant::to(audience.unwrap_or_else(|| url.to_owned()))
    };
    let mut variables = BTreeMap::from([
        ("MCP_EDGE_ENV".to_owned(), ENVIRONMENT.to_owned()),
        (KEYS_VARIABLE.to_owned(), issuer.jwks().to_string()),
    ]);
    variables.extend(url_variable.map(|name| (name, url.to_owned())));
    let keys = environment.and_then(|settings| settings.get("audit.signing_keys"));
    let evidence = match keys.map(|setting| &setting.value) {
        Some(Value::Secret(name)) => Some(name),
        _ => None,
    };
    Ok(json!({
        "token": issuer.issue(&grant, SystemTime::now())?,
        "variables": variables,
        "evidence": evidence,
    }))
}
