//! `spin.toml`, manifest version 2, as far as the tests use it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::allowed_hosts::AllowedHosts;
use crate::files::{Files, Mount};
use crate::inbound::Route;
use crate::key_value;
use crate::variables::Variables;

/// The one component of an application and what it may use.
pub(crate) struct Manifest {
    /// The component's file.
    pub(crate) source: PathBuf,
    pub(crate) routes: Vec<Route>,
    /// What the application declares.
    pub(crate) application_variables: BTreeMap<String, Variable>,
    /// What the component sees: a name and a template.
    pub(crate) component_variables: BTreeMap<String, String>,
    /// Whether the component may use the key-value store `default`.
    pub(crate) key_value: bool,
    /// What the component reads, relative to the manifest's folder.
    pub(crate) files: Files,
    allowed_outbound_hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default, rename = "secret")]
    _secret: IgnoredAny,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    spin_manifest_version: u8,
    #[serde(rename = "application")]
    _application: IgnoredAny,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Triggers {
    http: Vec<HttpTrigger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpTrigger {
    route: String,
    component: String,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    source: PathBuf,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<Mount>,
    #[serde(default)]
    exclude_files: Vec<String>,
    #[serde(default, rename = "description")]
    _description: IgnoredAny,
    #[serde(default, rename = "build")]
    _build: IgnoredAny,
    #[serde(default, rename = "tool")]
    _tool: IgnoredAny,
}

impl Manifest {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        std::fs::read_to_string(path)
            .map_err(wasmtime::Error::from)
            .and_then(|text| Self::parse(&text, folder))
            .with_context(|| format!("cannot use {}", path.display()))
    }

    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self> {
        let document: Document =
            toml::from_str(text).context("the stand-in does not understand it")?;
        if document.spin_manifest_version != 2 {
            bail!("spin_manifest_version must be 2");
        }
        let mut components = document.component.into_iter();
        let (Some((id, component)), None) = (components.next(), components.next()) else {
            bail!("the stand-in runs exactly one component");
        };
        for store in &component.key_value_stores {
            if store != key_value::DEFAULT {
                bail!("the stand-in has no key-value store {store:?}, only \"default\"");
            }
        }
        let routes = document
            .trigger
            .http
            .into_iter()
            .map(|trigger| {
                if trigger.component != id {
                    bail!("there is no component {}", trigger.component);
                }
                Route::parse(trigger.route)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            source: folder.join(component.source),
            routes,
            application_variables: document.variables,
            component_variables: component.variables,
            key_value: !component.key_value_stores.is_empty(),
            files: Files {
                mounts: component.files,
                excluded: component.exclude_files,
            },
            allowed_outbound_hosts: component.allowed_outbound_hosts,
        })
    }

    /// The hosts that the component may call; a pattern may contain variables, as in Spin.
    pub(crate) fn allowed_hosts(&self, variables: &Variables) -> Result<AllowedHosts> {
        self.allowed_outbound_hosts
            .iter()
            .map(|template| variables.expand(template))
            .collect::<Result<Vec<_>>>()?
            .iter()
            .map(|pattern| pattern.parse())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(component: &str) -> Result<Manifest> {
        let text = format!(
            r#"
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "one"
            [component.one]
            source = "target/one.wasm"
            {component}
            "#
        );
        Manifest::parse(&text, Path::new("folder"))
    }

    #[test]
    fn paths_are_relative_to_the_manifest() {
        assert_eq!(
            manifest("").unwrap().source,
            Path::new("folder/target/one.wasm")
        );
    }

    #[test]
    fn what_the_stand_in_does_not_have_is_refused_by_name() {
        let refusal = format!(
            "{:#}",
            manifest("sqlite_databases = [\"default\"]").err().unwrap()
        );
        assert!(refusal.contains("sqlite_databases"), "{refusal}");
        let refusal = format!(
            "{}",
            manifest("key_value_stores = [\"default\", \"other\"]")
                .err()
                .unwrap()
        );
        assert!(refusal.contains("\"other\""), "{refusal}");
        let refusal = format!(
            "{}",
            manifest("[component.two]\nsource = \"two.wasm\"")
                .err()
                .unwrap()
        );
        assert!(refusal.contains("exactly one component"), "{refusal}");
    }
}
