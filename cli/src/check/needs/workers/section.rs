//! Which part of `wrangler.toml` is an environment of `mcp.toml`.

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;
use toml_edit::{Item, Table, TableLike};

use super::super::edit;

/// What is deployed together: the top of the file, or one `[env.NAME]`. Neither has variables and bindings of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    name: Option<String>,
    notation: Notation,
}

/// How the file is written, and places in it are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check::needs) enum Notation {
    Toml,
    Json,
}

impl Section {
    /// The one that runs `environment`: `[env.NAME]` of the same name, or what sets `MCP_EDGE_ENV` to it. Without an
    /// environment it is the top of the file.
    pub(super) fn of(file: &Table, environment: Option<&str>, notation: Notation) -> Self {
        let section = |name: Option<&str>| Self {
            name: name.map(str::to_owned),
            notation,
        };
        let Some(name) = environment else {
            return section(None);
        };
        let named = section(Some(name));
        if edit::get(file, &["env", name]).is_some() {
            return named;
        }
        let runs = |section: &Self| section.variable(file, ENVIRONMENT_VARIABLE) == Some(name);
        let environments = edit::get(file, &["env"]).and_then(Item::as_table_like);
        let mut others = environments
            .into_iter()
            .flat_map(TableLike::iter)
            .map(|(name, _)| section(Some(name)))
            .chain([section(None)]);
        others.find(runs).unwrap_or(named)
    }

    /// Where `path` of the section is in the file.
    pub(super) fn path<'a>(&'a self, path: &[&'a str]) -> Vec<&'a str> {
        let section = self.name.iter().flat_map(|name| ["env", name.as_str()]);
        section.chain(path.iter().copied()).collect()
    }

    /// `path` of the section as it would be a heading.
    pub(super) fn heading(&self, path: &[&str]) -> String {
        let keys: Vec<_> = self.path(path).into_iter().map(quoted).collect();
        match self.notation {
            Notation::Toml => format!("[{}]", keys.join(".")),
            Notation::Json => keys.join("."),
        }
    }

    /// `path` of the section as it would be the heading of an entry of a list.
    pub(super) fn entry(&self, path: &[&str]) -> String {
        match self.notation {
            Notation::Toml => format!("[{}]", self.heading(path)),
            Notation::Json => self.heading(path),
        }
    }

    /// The plain variable `name`; one that is no text counts as not there.
    pub(super) fn variable<'a>(&self, file: &'a Table, name: &str) -> Option<&'a str> {
        edit::get(file, &self.path(&["vars", name]))?.as_str()
    }

    /// The name under which the section is deployed, if the file says it.
    pub(super) fn worker(&self, file: &Table) -> Option<String> {
        let own = edit::get(file, &self.path(&["name"])).and_then(Item::as_str);
        let top = edit::get(file, &["name"]).and_then(Item::as_str);
        match (own, top, &self.name) {
            (Some(own), _, _) => Some(own.to_owned()),
            (None, Some(top), Some(environment)) => Some(format!("{top}-{environment}")),
            (None, Some(top), None) => Some(top.to_owned()),
            _ => None,
        }
    }

    /// Which names Wrangler has for it, with a blank before.
    pub(super) fn option(&self) -> String {
        let name = self.name.as_ref();
        name.map(|name| format!(" --env {name}"))
            .unwrap_or_default()
    }

    /// The files that hold variables for `wrangler dev`, of which the first that is there counts.
    pub(super) fn local_files(&self) -> Vec<String> {
        let own = self.name.as_ref().map(|name| format!(".dev.vars.{name}"));
        own.into_iter().chain([".dev.vars".to_owned()]).collect()
    }
}

fn quoted(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => format!("{key:?}"),
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn section(text: &str, environment: Option<&str>) -> (Section, Option<String>) {
        let file: DocumentMut = text.parse().unwrap();
        let section = Section::of(file.as_table(), environment, Notation::Toml);
        let worker = section.worker(file.as_table());
        (section, worker)
    }

    fn named(name: Option<&str>) -> Section {
        Section {
            name: name.map(str::to_owned),
            notation: Notation::Toml,
        }
    }

    #[test]
    fn an_environment_is_where_its_name_is() {
        let production = named(Some("production"));
        let worker = |name: &str| Some(name.to_owned());
        for (text, expected, name) in [
            ("name = \"a\"", production.clone(), worker("a-production")),
            (
                "name = \"a\"\n[env.production]\nname = \"b\"",
                production.clone(),
                worker("b"),
            ),
            (
                "name = \"a\"\n[vars]\nMCP_EDGE_ENV = \"production\"",
                named(None),
                worker("a"),
            ),
            (
                "name = \"a\"\n[env.live.vars]\nMCP_EDGE_ENV = \"production\"",
                named(Some("live")),
                worker("a-live"),
            ),
            ("", production, None),
        ] {
            assert_eq!(
                section(text, Some("production")),
                (expected, name),
                "{text}"
            );
        }
        let (top, _) = section("[vars]\nMCP_EDGE_ENV = \"production\"", None);
        assert_eq!(top, named(None));
        assert_eq!(top.heading(&["vars"]), "[vars]");
    }

    #[test]
    fn a_heading_is_as_it_would_be_written() {
        let odd = named(Some("eu west"));
        assert_eq!(odd.heading(&["vars"]), "[env.\"eu west\".vars]");
        assert_eq!(
            odd.entry(&["queues", "producers"]),
            "[[env.\"eu west\".queues.producers]]"
        );
        let json = Section {
            notation: Notation::Json,
            ..odd
        };
        assert_eq!(json.heading(&["vars"]), "env.\"eu west\".vars");
        assert_eq!(json.entry(&["r2_buckets"]), "env.\"eu west\".r2_buckets");
    }
}
