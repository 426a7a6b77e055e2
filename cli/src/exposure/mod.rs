//! Who may call the server, in each environment of `mcp.toml`, and which environments are deployed.

mod deployed;

use std::path::Path;

use mcp_edge_config::Configuration;
use mcp_edge_runtime::policy::AccessMode;
use serde_json::{Value as Json, json};

use crate::file;
use crate::output::Failure;
use deployed::Deployed;

/// What the settings that hold without an environment are called.
const BASE: &str = "base";

/// The environments of a file, or the one that was asked for.
pub(crate) struct Exposure {
    rows: Vec<Row>,
    /// Sentences about environments that a host's file names and `mcp.toml` does not have.
    unknown: Vec<String>,
}

struct Row {
    environment: Option<String>,
    callers: AccessMode,
    has_issuers: bool,
    /// What deploys it; empty where nothing does.
    deployed_by: Vec<String>,
}

impl Exposure {
    /// Looks at `environment`, which counts as deployed, or at the base and every environment, of which those that the files of
    /// the hosts in `folder` select count as deployed. Without such a file the base counts, since a process runs it by default.
    pub(crate) fn of(
        configuration: &Configuration,
        environment: Option<&str>,
        folder: &Path,
    ) -> Result<Self, Failure> {
        let (names, deployed) = match environment {
            Some(name) => (vec![Some(name)], vec![Deployed::asked_for(name)]),
            None => {
                let environments = configuration.environments.keys();
                let names = environments.map(|name| Some(name.as_str()));
                (
                    std::iter::once(None).chain(names).collect(),
                    deployed::in_folder(folder)?,
                )
            }
        };
        let rows = names.into_iter().map(|name| {
            let settings = file::decoded(file::settings(configuration, name)?)?;
            let deploys = deployed
                .iter()
                .filter(|one| one.environment.as_deref() == name);
            Ok(Row {
                environment: name.map(str::to_owned),
                callers: AccessMode::of(settings),
                has_issuers: !settings.issuers.is_empty(),
                deployed_by: deploys.map(|one| one.by.clone()).collect(),
            })
        });
        let is_unknown = |name: &&str| !configuration.environments.contains_key(*name);
        let unknown = deployed.iter().filter_map(|one| {
            let name = one.environment.as_deref().filter(is_unknown)?;
            Some(format!(
                "{} runs the environment `{name}`, which mcp.toml does not have; correct one of them",
                one.by
            ))
        });
        Ok(Self {
            unknown: unknown.collect(),
            rows: rows.collect::<Result<_, Failure>>()?,
        })
    }

    /// One sentence for each environment: `dev: anyone`.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = String> {
        self.rows
            .iter()
            .map(|row| format!("{}: {}", row.name(), row.callers))
    }

    /// What is wrong with it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let rows = self.rows.iter().flat_map(Row::warnings);
        rows.chain(self.unknown.iter().cloned()).collect()
    }

    pub(crate) fn json(&self) -> Json {
        let rows = self.rows.iter().map(|row| {
            json!({
                "environment": row.environment,
                "callers": row.callers.to_string(),
                "deployed_by": row.deployed_by,
            })
        });
        rows.collect()
    }
}

impl Row {
    fn name(&self) -> &str {
        self.environment.as_deref().unwrap_or(BASE)
    }

    /// Where a setting of the environment is written.
    fn table(&self, section: &str) -> String {
        match &self.environment {
            Some(name) => format!("environments.{name}.{section}"),
            None => section.to_owned(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        match self.callers {
            AccessMode::Local => {
                if self.deployed_by.is_empty() {
                    return Vec::new();
                }
                let name = match &self.environment {
                    Some(name) => format!("the environment `{name}`"),
                    None => "the base of mcp.toml".to_owned(),
                };
                vec![format!(
                    "{name} is deployed ({}) and has neither an issuer nor a policy rule, so it answers every request with 503 except \
                     on a loopback address; configure an issuer, or set public = true in [{}]",
                    self.deployed_by.join(", "),
                    self.table("access")
                )]
            }
            AccessMode::None => {
                let has = match self.has_issuers {
                    true => "an issuer, and no policy rule allows anything",
                    false => "no issuer, and no policy rule allows anything without a token",
                };
                let policy = self.table("policy");
                vec![format!(
                    "{}: there is {has}, so no caller may do anything; add [[{policy}]]",
                    self.name()
                )]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
        [environments.dev.access]
        public = true
        [environments.production]
        [environments.guarded.server]
        url = \"https://mcp.example.com/mcp\"
        [environments.guarded.issuers.okta]
        preset = \"okta\"
        issuer = \"https://acme.okta.com/oauth2/default\"
    ";

    fn warnings(environment: Option<&str>, files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let configuration = mcp_edge_config::read(FILE).unwrap();
        let exposure = Exposure::of(&configuration, environment, folder.path()).unwrap();
        exposure.warnings()
    }

    fn about<'a>(warnings: &'a [String], subject: &str) -> Vec<&'a String> {
        let about = warnings.iter();
        about
            .filter(|warning| warning.starts_with(subject))
            .collect()
    }

    #[test]
    fn an_open_environment_is_warned_of_where_it_is_deployed() {
        let top = "[vars]\nMCP_EDGE_ENV = \"production\"";
        let below = "[env.live.vars]\nMCP_EDGE_ENV = \"production\"";
        let spin = "[variables]\nmcp_edge_env = { default = \"production\" }\n\
                    [component.a.variables]\nmcp_edge_env = \"{{ mcp_edge_env }}\"";
        let constant = "[component.a.variables]\nmcp_edge_env = \"production\"";
        let asked = "[variables]\nmcp_edge_env = { required = true }\n\
                     [component.a.variables]\nmcp_edge_env = \"{{ mcp_edge_env }}\"";
        let json = r#"{ "vars": { "MCP_EDGE_ENV": "production" } }"#;
        let jsonc = r#"{ /* The Worker. */ "vars": { "MCP_EDGE_ENV": "production" }, "env": { "other": {} }, }"#;
        let base = "the base of mcp.toml";
        let production = "the environment `production`";
        for (files, expected) in [
            (&[][..], &[(base, "a process without MCP_EDGE_ENV")][..]),
            (&[("wrangler.toml", "")], &[(base, "wrangler.toml")]),
            (&[("wrangler.toml", top)], &[(production, "wrangler.toml")]),
            (
                &[("wrangler.toml", below)],
                &[
                    (base, "wrangler.toml"),
                    (production, "[env.live] of wrangler.toml"),
                ],
            ),
            (&[("spin.toml", "[component.a]")], &[(base, "spin.toml")]),
            (&[("spin.toml", spin)], &[(production, "spin.toml")]),
            (&[("spin.toml", constant)], &[(production, "spin.toml")]),
            (
                &[("wrangler.toml", top), ("spin.toml", spin)],
                &[(production, "wrangler.toml, spin.toml")],
            ),
            (
                &[("wrangler.jsonc", jsonc)],
                &[
                    (production, "wrangler.jsonc"),
                    (base, "[env.other] of wrangler.jsonc"),
                ],
            ),
            // Wrangler reads the first, and no other.
            (
                &[("wrangler.json", json), ("wrangler.toml", "")],
                &[(production, "wrangler.json")],
            ),
            // What those who deploy are asked for is not in the file.
            (&[("spin.toml", asked)], &[]),
        ] {
            let warnings = warnings(None, files);
            for (name, by) in expected {
                let sentence = format!("{name} is deployed ({by}) and has neither");
                assert_eq!(
                    about(&warnings, &sentence).len(),
                    1,
                    "{files:?}: {warnings:?}"
                );
            }
            let open = warnings.iter().filter(|warning| warning.contains(" 503 "));
            assert_eq!(open.count(), expected.len(), "{files:?}: {warnings:?}");
        }
    }

    #[test]
    fn access_public_is_never_warned_of() {
        let deploys_dev = "[vars]\nMCP_EDGE_ENV = \"dev\"";
        let deployed = warnings(None, &[("wrangler.toml", deploys_dev)]);
        assert_eq!(about(&deployed, "the environment").len(), 0, "{deployed:?}");
        assert_eq!(warnings(Some("dev"), &[]), [""; 0]);
        assert_eq!(warnings(Some("production"), &[]).len(), 1);
    }

    #[test]
    fn an_issuer_without_a_rule_is_warned_of_wherever_it_is() {
        let all = warnings(None, &[]);
        assert_eq!(
            about(&all, "guarded: there is an issuer").len(),
            1,
            "{all:?}"
        );
    }

    #[test]
    fn an_environment_that_is_not_there_is_named() {
        let typo = "[vars]\nMCP_EDGE_ENV = \"prod\"";
        let warnings = warnings(None, &[("wrangler.toml", typo)]);
        let sentence = "wrangler.toml runs the environment `prod`, which mcp.toml does not have";
        assert_eq!(about(&warnings, sentence).len(), 1, "{warnings:?}");
    }
}
