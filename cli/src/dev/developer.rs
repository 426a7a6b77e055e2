//! What a server for development finds in its host's variables, and who may call it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use mcp_edge_config::{Configuration, Settings, Value};
use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;
use mcp_edge_runtime::is_loopback_url;

use crate::development::{ENVIRONMENT, FOLDER, Grant, Issuer, KEYS_VARIABLE, MAX_LIFETIME};
use crate::output::Failure;
use crate::{development, secret_file, trust};

/// The secret of a server without a configuration.
const KEYS: &str = "MCP_EDGE_KEYS";
/// The file with the keys that sign events, which outlive the server: they prove its log.
const AUDIT_KEYS: &str = "audit.keys";

/// The environment that a developer's machine runs: the one that was asked for, or `dev`, or one that is open to every caller
/// where the base is not.
pub(super) fn environment(
    configuration: &Configuration,
    asked: Option<&str>,
) -> Result<Option<String>, Failure> {
    // An unknown one is named with those there are.
    crate::file::settings(configuration, asked)?;
    if let Some(name) = trust::environment(configuration, asked) {
        return Ok(Some(name.to_owned()));
    }
    let is_public = |settings: &Settings| {
        let public = settings.get("access.public").map(|setting| &setting.value);
        matches!(public, Some(Value::Flag(true)))
    };
    if is_public(&configuration.base) {
        return Ok(None);
    }
    let mut environments = configuration.environments.iter();
    let public = environments.find(|(_, settings)| is_public(settings));
    Ok(public.map(|(name, _)| name.clone()))
}

/// The port of a `server.url` on this machine.
pub(super) fn port(settings: &Settings) -> Option<u16> {
    let url: http::Uri = trust::server(settings)?.parse().ok()?;
    url.port_u16()
}

/// The path of the endpoint.
pub(super) fn path(settings: &Settings) -> String {
    let url = trust::server(settings).and_then(|url| url.parse::<http::Uri>().ok());
    url.map_or_else(|| "/mcp".to_owned(), |url| url.path().to_owned())
}

/// What a server needs in its variables, and a token for it.
pub(super) struct Developer {
    pub(super) variables: BTreeMap<String, String>,
    /// A token with every scope that the file and the tools name, where the server trusts the issuer for development.
    pub(super) token: Option<Issued>,
}

/// A token, and what it grants.
#[derive(Clone)]
pub(super) struct Issued {
    pub(super) grant: Grant,
    pub(super) token: String,
}

impl Developer {
    /// For the server in `folder`, which will be at `url`. `keys` is the keyring for where there is none; the tools ask for
    /// `scopes`. The token `before` is kept if it grants the same.
    pub(super) fn of(
        settings: &Settings,
        environment: Option<&str>,
        folder: &Path,
        url: &str,
        keys: &str,
        scopes: BTreeSet<String>,
        before: Option<Issued>,
    ) -> Result<Self, Failure> {
        if let Some(known) = trust::server(settings)
            && known != url
        {
            return Err(Failure::usage(match is_loopback_url(&known) {
                true => format!(
                    "server.url is {known}, but the server would listen at {url}; correct one of them, or write url = {{ variable = \
                     \"MCP_EDGE_URL\" }}"
                ),
                false => format!(
                    "server.url is {known}, which is not on this machine; add [environments.{ENVIRONMENT}] with a `server.url` on it, \
                     as http://127.0.0.1:8787/mcp, or name another environment with --env"
                ),
            }));
        }
        let mut variables = BTreeMap::new();
        if let Some(name) = environment {
            variables.insert(ENVIRONMENT_VARIABLE.to_owned(), name.to_owned());
        }
        let mut fill = |name: &str, value: &dyn Fn() -> Result<String, Failure>| {
            let set = std::env::var(name).ok().filter(|value| !value.is_empty());
            let value = set.map_or_else(value, Ok)?;
            variables.insert(name.to_owned(), value);
            Ok::<_, Failure>(())
        };
        let secret = |key: &str| match settings.get(key).map(|setting| &setting.value) {
            Some(Value::Secret(name)) => Some(name.as_str()),
            _ => None,
        };
        fill(secret("tokens.keys").unwrap_or(KEYS), &|| {
            Ok(keys.to_owned())
        })?;
        if let Some(name) = secret("audit.signing_keys") {
            fill(name, &|| audit_keys(&folder.join(FOLDER)))?;
        }
        if let Some(name) = trust::url_variable(settings) {
            variables.insert(name, url.to_owned());
        }
        let Some(trusted) = trust::of(settings) else {
            return Ok(Self {
                variables,
                token: None,
            });
        };
        let issuer = Issuer::in_folder(&folder.join(FOLDER))?;
        variables.insert(KEYS_VARIABLE.to_owned(), issuer.jwks().to_string());
        let scopes: BTreeSet<_> = trusted.scopes.into_iter().chain(scopes).collect();
        let grant = Grant {
            scopes: scopes.into_iter().collect(),
            lifetime: MAX_LIFETIME,
            ..Grant::to(trusted.audience.unwrap_or_else(|| url.to_owned()))
        };
        let token = match before.filter(|before| before.grant == grant) {
            Some(before) => before,
            None => Issued {
                token: issuer.issue(&grant, SystemTime::now())?,
                grant,
            },
        };
        Ok(Self {
            variables,
            token: Some(token),
        })
    }
}

fn audit_keys(folder: &Path) -> Result<String, Failure> {
    let path = folder.join(AUDIT_KEYS);
    if let Some(keys) = secret_file::read(&path)? {
        return Ok(keys);
    }
    let keys = development::keyring("dev")?;
    development::make_folder(folder)?;
    secret_file::write(&path, &keys)?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Configuration {
        mcp_edge_config::read(text).unwrap()
    }

    #[test]
    fn the_environment_is_for_development_or_open() {
        let public = "access.public = true\n";
        for (text, asked, expected) in [
            ("[environments.dev]\n[environments.a]\n", None, Some("dev")),
            (
                "[environments.dev]\n[environments.a]\n",
                Some("a"),
                Some("a"),
            ),
            ("[environments.production]\n", None, None),
            (
                &format!("[environments.open]\n{public}"),
                None,
                Some("open"),
            ),
            (
                &format!("{public}[environments.open]\n{public}"),
                None,
                None,
            ),
        ] {
            let found = environment(&read(text), asked).unwrap();
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        let unknown = environment(&read("[environments.a]\n"), Some("b")).unwrap_err();
        assert!(unknown.sentence.contains("there are: a"), "{unknown:?}");
    }

    #[test]
    fn a_url_elsewhere_is_refused_with_what_to_change() {
        for (url, expected) in [
            ("http://127.0.0.1:9/mcp", "correct one of them"),
            ("https://a.example/mcp", "[environments.dev]"),
        ] {
            let configuration = read(&format!("[server]\nurl = {url:?}\n"));
            let folder = tempfile::tempdir().unwrap();
            let url = "http://127.0.0.1:8787/mcp";
            let of = |settings| {
                Developer::of(
                    settings,
                    None,
                    folder.path(),
                    url,
                    "",
                    BTreeSet::new(),
                    None,
                )
            };
            let refused = of(&configuration.base).err().unwrap();
            assert!(refused.sentence.contains(expected), "{refused:?}");
        }
    }
}
