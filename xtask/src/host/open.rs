//! Servers that anyone may call: no host but a process on a loopback address serves them unless `mcp.toml` says so.

use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use crate::workspace;

const VARIABLE: &str = "MCP_EDGE_ENV";

/// The variable that has the server in `folder` run in an environment in which anyone may call it; none where that is so
/// without an environment, or in no environment.
pub fn variables(folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let file = folder.join("mcp.toml");
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let environment = environment(&workspace::table(&file)?);
    Ok(environment
        .into_iter()
        .map(|name| (VARIABLE, name))
        .collect())
}

fn environment(settings: &Table) -> Option<String> {
    if is_public(settings) {
        return None;
    }
    let environments = settings.get("environments")?.as_table()?.iter();
    let mut public =
        environments.filter(|(_, settings)| settings.as_table().is_some_and(is_public));
    public.next().map(|(name, _)| name.clone())
}

fn is_public(settings: &Table) -> bool {
    let access = settings.get("access").and_then(Value::as_table);
    access.and_then(|access| access.get("public")) == Some(&Value::Boolean(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(settings: &str) -> Result<Option<String>> {
        Ok(environment(&settings.parse()?))
    }

    #[test]
    fn the_environment_is_the_one_that_is_public() -> Result<()> {
        let dev = "[environments.production]\n[environments.dev.access]\npublic = true\n";
        assert_eq!(named(dev)?.as_deref(), Some("dev"));
        assert_eq!(named(&format!("{dev}[access]\npublic = true"))?, None);
        assert_eq!(named("[environments.dev.access]\npublic = false")?, None);
        assert_eq!(named("")?, None);
        Ok(())
    }
}
