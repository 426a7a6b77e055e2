//! Where the component may send requests.

use std::collections::BTreeMap;

use mcp_edge_runtime::config::{JwksSource, Settings, TextSetting};
use toml_edit::Table;

use super::super::edit;
use super::super::finding::State;
use super::super::need::{Need, NeedKind, Origin};
use super::pattern::Pattern;
use super::variables::NOWHERE;
use super::{interpolate, variables};
use crate::check::discovered;
use crate::origin::origin;

/// `allowed_outbound_hosts`, and who asks for what of it.
pub(super) struct Outbound<'a> {
    entries: Vec<Entry>,
    needs: Vec<(&'a Need, &'a Origin)>,
    /// The origins of the URLs that variables hold by default.
    defaults: BTreeMap<String, String>,
}

struct Entry {
    text: String,
    /// Variables of the application in it.
    names: Vec<String>,
    /// What it is by default.
    filled: Option<String>,
}

/// The result for one origin.
pub(super) struct Checked {
    pub(super) what: String,
    pub(super) why: Vec<String>,
    pub(super) state: State,
    /// What the list has to get.
    pub(super) entry: Option<String>,
    /// The variable in that, and whether it is always asked for.
    pub(super) variable: Option<(String, bool)>,
    /// The variable that the operator has to set.
    pub(super) to_set: Option<String>,
}

impl Entry {
    fn pattern(&self) -> Option<Pattern> {
        Pattern::of(self.filled.as_deref()?)
    }

    /// Whether no file has given the variable `name`, which is in it, a value that means anything.
    fn waits_for(&self, name: &str) -> bool {
        let filled = self.filled.as_deref();
        self.names.iter().any(|other| other == name)
            && filled.is_none_or(|filled| filled.ends_with(NOWHERE))
    }

    /// Whether it stands for the URL in the variable: by the variable itself, or by one for its origin.
    fn is_of(&self, variable: &str) -> bool {
        let lower = variable.to_ascii_lowercase();
        self.names
            .iter()
            .any(|name| *name == lower || *name == origin_variable(variable))
    }
}

/// The variable for the origin of the URL in `variable`. A path would be refused in the list.
fn origin_variable(variable: &str) -> String {
    format!("{}_origin", variable.to_ascii_lowercase())
}

impl<'a> Outbound<'a> {
    pub(super) fn new(file: &Table, path: &[&str], needs: &'a [Need]) -> Self {
        let entries = edit::texts(file, path).into_iter().map(|text| Entry {
            names: interpolate::names(text)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            filled: interpolate::filled(text, |name| variables::default(file, name)),
            text: text.to_owned(),
        });
        let needs = needs.iter().filter_map(|need| match &need.what {
            NeedKind::Origin(origin) => Some((need, origin)),
            _ => None,
        });
        let needs: Vec<_> = needs.collect();
        let defaults = needs.iter().filter_map(|(_, wanted)| match wanted {
            Origin::Known(_) => None,
            Origin::Of(variable) => {
                let lower = variable.to_ascii_lowercase();
                let default = origin(&variables::default(file, &lower)?)?;
                Some((lower, default))
            }
        });
        Self {
            entries: entries.collect(),
            defaults: defaults.collect(),
            needs,
        }
    }

    /// Entries with which Spin allows nothing.
    pub(super) fn errors(&self) -> Vec<String> {
        let unusable = self
            .entries
            .iter()
            .filter(|entry| entry.filled.is_some() && entry.pattern().is_none());
        let sentences = unusable.map(|entry| {
            let text = &entry.text;
            match entry.names.as_slice() {
                [] => format!(
                    "allowed_outbound_hosts of spin.toml has {text}, with which Spin refuses every request that the server sends; \
                     write a scheme, a host and a port, without a path"
                ),
                names => format!(
                    "allowed_outbound_hosts of spin.toml has {text}, which is `{}` unless {} is set, and with which Spin refuses every \
                     request that the server sends; give the variable a default of a scheme, a host and a port",
                    entry.filled.as_deref().unwrap_or_default(),
                    names.join(" or ")
                ),
            }
        });
        sentences.collect()
    }

    /// What an administrator must look up: where keys and token endpoints are may be known to an issuer's metadata alone.
    pub(super) fn notes(&self, settings: &Settings) -> Vec<String> {
        let discovered = settings.issuers.iter().filter(|issuer| {
            issuer.jwks == JwksSource::Discovery && matches!(issuer.url, TextSetting::Literal(_))
        });
        let names: Vec<_> = discovered.map(|issuer| issuer.name).collect();
        let keys = (!names.is_empty()).then(|| {
            format!(
                "the metadata of issuers {} may name keys on another host (`jwks_uri`), which must be allowed too",
                names.join(", ")
            )
        });
        let upstreams = discovered::upstreams(settings);
        let tokens = (!upstreams.is_empty()).then(|| {
            format!(
                "the metadata of the authorization servers of upstreams {} may name a `token_endpoint` on another host, which must \
                 be allowed too",
                upstreams.join(", ")
            )
        });
        keys.into_iter().chain(tokens).collect()
    }

    pub(super) fn found(&self) -> Vec<Checked> {
        self.needs
            .iter()
            .map(|(need, origin)| self.check(need, origin))
            .collect()
    }

    fn check(&self, need: &Need, origin: &Origin) -> Checked {
        let state = match origin {
            Origin::Known(origin) => self.known(origin),
            Origin::Of(variable) => self.of_variable(variable),
        };
        let is_missing = state == State::Missing;
        let (what, entry, variable) = match origin {
            Origin::Known(origin) => (origin.clone(), origin.clone(), None),
            Origin::Of(variable) => {
                let name = origin_variable(variable);
                let what = format!("in {}", variable.to_ascii_lowercase());
                (what, format!("{{{{ {name} }}}}"), Some((name, need.always)))
            }
        };
        Checked {
            what: format!("host {what}"),
            why: need.why.clone(),
            entry: is_missing.then_some(entry),
            to_set: variable
                .as_ref()
                .filter(|_| is_missing || state == State::ToSet)
                .map(|(name, _)| name.clone()),
            variable: variable.filter(|_| is_missing),
            state,
        }
    }

    fn known(&self, origin: &str) -> State {
        let allows = |entry: &Entry| {
            entry
                .pattern()
                .is_some_and(|pattern| pattern.allows(origin))
        };
        // An entry whose variables have no default may be for anything.
        let opaque = |entry: &&Entry| entry.filled.is_none() && !self.is_claimed(entry);
        match self.entries.iter().any(allows) {
            true => State::There,
            false if self.entries.iter().any(|entry| opaque(&entry)) => State::Unseen,
            false => State::Missing,
        }
    }

    fn of_variable(&self, variable: &str) -> State {
        let mut patterns = self.entries.iter().filter_map(Entry::pattern);
        let default = self.defaults.get(&variable.to_ascii_lowercase());
        if patterns.any(|pattern| {
            pattern.allows_any_host() || default.is_some_and(|default| pattern.allows(default))
        }) {
            return State::There;
        }
        if let Some(entry) = self.entries.iter().find(|entry| entry.is_of(variable)) {
            return match entry.waits_for(&origin_variable(variable)) {
                true => State::ToSet,
                false => State::There,
            };
        }
        // A wide entry that nothing else asks for may be for it.
        let may_be = |entry: &Entry| entry.text.contains('*') && !self.is_claimed(entry);
        match self.entries.iter().any(may_be) {
            true => State::Unseen,
            false => State::Missing,
        }
    }

    /// Whether `entry` is there for one of the needs.
    fn is_claimed(&self, entry: &Entry) -> bool {
        self.needs.iter().any(|(_, origin)| match origin {
            Origin::Known(origin) => entry
                .pattern()
                .is_some_and(|pattern| pattern.allows(origin)),
            Origin::Of(variable) => entry.is_of(variable),
        })
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn states(text: &str) -> (State, State, usize) {
        let need = |origin| Need {
            what: NeedKind::Origin(origin),
            why: Vec::new(),
            always: false,
        };
        let needs = [
            need(Origin::Known("https://id.example.com".to_owned())),
            need(Origin::Of("SINK_URL")),
        ];
        let file: DocumentMut = text.parse().unwrap();
        let outbound = Outbound::new(file.as_table(), &["hosts"], &needs);
        let [known, of_variable] = outbound.found().try_into().ok().unwrap();
        (known.state, of_variable.state, outbound.errors().len())
    }

    #[test]
    fn what_an_entry_allows_is_there() {
        use State::{Missing, There, ToSet, Unseen};
        for (text, expected) in [
            ("", (Missing, Missing, 0)),
            (
                "hosts = [\"https://other.example.com\"]",
                (Missing, Missing, 0),
            ),
            ("hosts = [\"*://*:*\"]", (There, There, 0)),
            ("hosts = [\"http://127.0.0.1:*\"]", (Missing, Unseen, 0)),
            (
                "hosts = [\"https://*.example.com\", \"{{ sink_url }}\"]",
                (There, There, 0),
            ),
            (
                "hosts = [\"https://id.example.com\", \"https://{{ sink_url_origin }}\"]",
                (There, ToSet, 0),
            ),
            (
                "hosts = [\"{{ sink_url_origin }}\"]\nvariables.sink_url_origin.default = \"https://x.invalid\"",
                (Missing, ToSet, 0),
            ),
            (
                "hosts = [\"{{ sink_url_origin }}\"]\nvariables.sink_url_origin.default = \"https://s.example.com\"",
                (Missing, There, 0),
            ),
            ("hosts = [\"{{ id }}\"]", (Unseen, Missing, 0)),
            (
                "hosts = [\"{{ id }}\"]\nvariables.id.default = \"https://id.example.com\"",
                (There, Missing, 0),
            ),
            (
                "hosts = [\"https://s.example.com\"]\nvariables.sink_url.default = \"https://s.example.com/x\"",
                (Missing, There, 0),
            ),
        ] {
            assert_eq!(states(text), expected, "{text}");
        }
    }

    #[test]
    fn an_entry_that_spin_cannot_use_is_an_error() {
        for text in [
            "hosts = [\"{{ sink_url }}\"]\nvariables.sink_url.default = \"\"",
            "hosts = [\"https://id.example.com/oauth2\"]",
        ] {
            assert_eq!(states(text).2, 1, "{text}");
        }
    }
}
