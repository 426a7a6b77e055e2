//! `spin.toml`: what a component finds there, and what is missing.

mod interpolate;
mod outbound;
mod pattern;
mod variables;

use std::collections::BTreeMap;

use toml_edit::{Item, Table, TableLike};

use super::edit::{self, ShapeMismatch};
use super::finding::{Finding, State};
use super::need::{Need, NeedKind};
use super::{Asked, FileReport};
use crate::check::host::Host;
use crate::output::Failure;
use outbound::Outbound;

pub(super) const FILE: &str = "spin.toml";

/// A file in which nothing stands but the component.
pub(super) const NOTHING: &str = "[component.server]";

/// The only store that the adapter asks for.
const STORE: &str = "default";

/// Looks for everything that is needed, and adds to `file` what is not there.
pub(super) fn inspect(file: &mut Table, asked: &Asked<'_>) -> Result<FileReport, Failure> {
    let id = component(file, asked)?;
    let mut looked = FileReport::new(format!("[component.{id}]"));
    let mut component = Component {
        file,
        id,
        looked: &mut looked,
    };
    for need in &asked.needs {
        component
            .variable(need)
            .map_err(|shape| asked.misshapen(&shape))?;
    }
    component
        .outbound(asked)
        .map_err(|shape| asked.misshapen(&shape))?;
    component
        .stores(asked)
        .map_err(|shape| asked.misshapen(&shape))?;
    Ok(looked)
}

/// The component that is the server: the only one, or the only one that gets the keyring.
fn component(file: &Table, asked: &Asked<'_>) -> Result<String, Failure> {
    let components = edit::get(file, &["component"]).and_then(Item::as_table_like);
    let ids: Vec<_> = components
        .into_iter()
        .flat_map(TableLike::iter)
        .map(|(id, _)| id.to_owned())
        .collect();
    let keyring = asked.settings.tokens.keys.to_ascii_lowercase();
    let gets_keyring =
        |id: &&String| edit::get(file, &["component", id, "variables", &keyring]).is_some();
    let with_keyring: Vec<_> = ids.iter().filter(gets_keyring).collect();
    match (ids.as_slice(), with_keyring.as_slice()) {
        ([only], _) => Ok(only.clone()),
        (_, [only]) => Ok((*only).clone()),
        ([], _) => Err(Failure::check(format!(
            "{} has no component; name the server's in [component.NAME]",
            asked.path
        ))),
        _ => Err(Failure::check(format!(
            "{} has components {}, and which of them is the server cannot be told; give it alone {keyring} = \"{{{{ {keyring} \
             }}}}\" in [component.NAME.variables]",
            asked.path,
            ids.join(", ")
        ))),
    }
}

struct Component<'a> {
    file: &'a mut Table,
    id: String,
    looked: &'a mut FileReport,
}

impl Component<'_> {
    fn path<'a>(&'a self, path: &[&'a str]) -> Vec<&'a str> {
        [&["component", self.id.as_str()], path].concat()
    }

    fn outbound(&mut self, asked: &Asked<'_>) -> Result<(), ShapeMismatch> {
        let id = self.id.clone();
        let path = ["component", id.as_str(), "allowed_outbound_hosts"];
        let outbound = Outbound::new(self.file, &path, &asked.needs);
        self.looked.errors.extend(outbound.errors());
        self.looked.notes.extend(outbound.notes(asked.settings));
        for found in outbound.found() {
            if let Some(entry) = &found.entry {
                edit::push_text(self.file, &path, entry)?;
            }
            if let Some((variable, always)) = &found.variable {
                self.declare_origin(variable, *always)?;
            }
            if let Some(variable) = &found.to_set {
                self.ask_for(variable, "https://…");
            }
            self.looked.found.push(Finding {
                what: found.what,
                why: found.why,
                place: "allowed_outbound_hosts".to_owned(),
                state: found.state,
            });
        }
        Ok(())
    }

    /// The key-value stores: the one that several things are kept in, and those that `mcp.toml` names.
    fn stores(&mut self, asked: &Asked<'_>) -> Result<(), ShapeMismatch> {
        let store = |need: &Need| match &need.what {
            NeedKind::Rate(rate) => Host::Spin.guarantee(rate).is_ok().then_some(STORE),
            NeedKind::Outbox | NeedKind::Cache => Some(STORE),
            NeedKind::KeyValue(name) => Some(*name),
            _ => None,
        };
        let mut needs: BTreeMap<&str, Vec<&Need>> = BTreeMap::new();
        for need in &asked.needs {
            if let Some(store) = store(need) {
                needs.entry(store).or_default().push(need);
            }
        }
        needs
            .into_iter()
            .try_for_each(|(store, needs)| self.store(store, &needs))
    }

    fn store(&mut self, store: &str, needs: &[&Need]) -> Result<(), ShapeMismatch> {
        let id = self.id.clone();
        let path = ["component", id.as_str(), "key_value_stores"];
        let is_there = edit::texts(self.file, &path).contains(&store);
        let advised = needs.iter().all(|need| need.what == NeedKind::Cache);
        let state = match (is_there, advised) {
            (true, _) => State::There,
            (false, true) => State::Advised("fetches more often"),
            (false, false) => State::Missing,
        };
        if !is_there {
            edit::push_text(self.file, &path, store)?;
        }
        self.looked.found.push(Finding {
            what: format!("key-value store {store}"),
            why: needs.iter().flat_map(|need| need.why.clone()).collect(),
            place: "key_value_stores".to_owned(),
            state,
        });
        Ok(())
    }
}
