//! From the text of `mcp.toml` to settings.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dotted::{below, join, quoted};
use crate::fill::fill;
use crate::kind::{InvalidValue, Kind};
use crate::merge::merge;
use crate::mistake::{Mistake, Mistakes};
use crate::nearest::nearest;
use crate::relations;
use crate::settings::{ISSUER, KEYS, Key, Table};
use crate::value::{Entry, Value};

/// What a file says, for every environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// What holds where no environment is named.
    pub base: Settings,
    /// Each environment with its changes already laid over the base, by name.
    pub environments: BTreeMap<String, Settings>,
}

/// What is set, by [`Key::path`]. What is not set has its default.
pub type Settings = BTreeMap<&'static str, Setting>;

/// One setting that a file makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is set to.
    pub value: Value,
    /// The line on which its value begins, from 1.
    pub line: usize,
    /// Its full key: `environments.staging.limits.page_size`.
    pub at: String,
}

/// Reads and checks a file. All mistakes in its settings are found at once, and then all in how they go
/// together: what a wrong one leaves open would only be said twice.
pub fn read(text: &str) -> Result<Configuration, Mistakes> {
    let mut reader = Reader {
        text,
        mistakes: Vec::new(),
    };
    let configuration = reader.document();
    if reader.mistakes.is_empty() {
        relations::check(&configuration.base, &mut reader.mistakes);
        for settings in configuration.environments.values() {
            relations::check(settings, &mut reader.mistakes);
        }
    }
    match Mistakes::among(reader.mistakes) {
        Some(mistakes) => Err(mistakes),
        None => Ok(configuration),
    }
}

/// What a preset says, whose lines are those of no file.
pub(crate) fn read_preset(text: &str) -> Settings {
    let mut reader = Reader {
        text,
        mistakes: Vec::new(),
    };
    let (preset, _) = DeTable::parse_recoverable(text);
    reader.table(preset.get_ref(), Place::inside(&ISSUER, ""))
}

struct Reader<'a> {
    text: &'a str,
    mistakes: Vec<Mistake>,
}

const ENVIRONMENTS: &str = "environments";

impl Reader<'_> {
    fn document(&mut self) -> Configuration {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.mistake(offset, format!("this is not TOML: {}", error.message()));
        }
        if !errors.is_empty() {
            return Configuration::default();
        }
        let mut document = document.into_inner();
        let overlays = document.remove(ENVIRONMENTS);

        let written = self.table(&document, Place::root(""));
        let base = fill(written.clone());

        let mut environments = BTreeMap::new();
        if let Some(overlays) = overlays {
            let Some(table) = overlays.get_ref().as_table() else {
                self.mistake(
                    overlays.span().start,
                    format!("{ENVIRONMENTS} must be tables, as [{ENVIRONMENTS}.staging]"),
                );
                return Configuration { base, environments };
            };
            for (name, overlay) in table {
                if let Some(settings) = self.environment(name.get_ref(), overlay, &written) {
                    environments.insert(name.get_ref().to_string(), settings);
                }
            }
        }
        Configuration { base, environments }
    }

    fn environment(
        &mut self,
        name: &str,
        overlay: &Spanned<DeValue<'_>>,
        base: &Settings,
    ) -> Option<Settings> {
        let prefix = format!("{ENVIRONMENTS}.{}", quoted(name));
        let Some(table) = overlay.get_ref().as_table() else {
            self.mistake(
                overlay.span().start,
                format!("{prefix} must be a table with sections, as [{prefix}.limits]"),
            );
            return None;
        };
        let changes = self.table(table, Place::root(&prefix));
        Some(fill(merge(base, changes)))
    }

    fn table(&mut self, table: &DeTable<'_>, place: Place<'_>) -> Settings {
        let mut settings = Settings::new();
        for (name, value) in table {
            let offset = name.span().start;
            let name = quoted(name.get_ref());
            let path = join(place.path, &name);
            let here = Place {
                path: &path,
                ..place
            };
            if let Some(key) = Key::find(place.keys, &path) {
                if let Some(setting) = self.setting(key, value, here) {
                    settings.insert(key.path, setting);
                }
            } else if !is_section(place.keys, &path) {
                self.mistake(offset, unknown(place, &name));
            } else if let Some(table) = value.get_ref().as_table() {
                settings.extend(self.table(table, here));
            } else {
                let at = here.full();
                self.mistake(
                    value.span().start,
                    format!("{at} must be a table, as [{at}]"),
                );
            }
        }
        settings
    }

    fn setting(
        &mut self,
        key: &Key,
        value: &Spanned<DeValue<'_>>,
        here: Place<'_>,
    ) -> Option<Setting> {
        let (at, offset) = (here.full(), value.span().start);
        let read = match (key.kind, value.get_ref()) {
            (Kind::Named(table), DeValue::Table(entries)) => {
                let entries = entries.iter().filter_map(|(name, entry)| {
                    let at = format!("{at}.{}", quoted(name.get_ref()));
                    let entry = self.entry(table, entry, at, name.span().start)?;
                    Some((name.get_ref().to_string(), entry))
                });
                Ok(Value::Named(entries.collect()))
            }
            (Kind::Each(table), DeValue::Array(entries)) => {
                let entries = entries.iter().enumerate().filter_map(|(position, entry)| {
                    let at = format!("{at}[{position}]");
                    self.entry(table, entry, at, entry.span().start)
                });
                Ok(Value::Each(entries.collect()))
            }
            (kind, value) => kind.read(value),
        };
        match read {
            Ok(value) => Some(Setting {
                value,
                line: self.line(offset),
                at,
            }),
            Err(InvalidValue {
                within,
                offset: part,
                says,
            }) => {
                self.mistake(part.unwrap_or(offset), format!("{at}{within} {says}"));
                None
            }
        }
    }

    fn entry(
        &mut self,
        table: &'static Table,
        value: &Spanned<DeValue<'_>>,
        at: String,
        offset: usize,
    ) -> Option<Entry> {
        let Some(members) = value.get_ref().as_table() else {
            self.mistake(
                value.span().start,
                format!("{at} must be a table, as {}", table.example),
            );
            return None;
        };
        Some(Entry {
            settings: self.table(members, Place::inside(table, &at)),
            line: self.line(offset),
            at,
        })
    }

    fn mistake(&mut self, offset: usize, sentence: String) {
        let line = self.line(offset);
        self.mistakes.push(Mistake { line, sentence });
    }

    fn line(&self, offset: usize) -> usize {
        self.text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
            .saturating_add(1)
    }
}

/// Where in the file the reader is.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// What can stand here.
    keys: &'static [Key],
    /// What stands before the path: `environments.NAME`, `policy[2]`, or nothing.
    prefix: &'a str,
    /// The key below that, as in [`Key::path`].
    path: &'a str,
}

impl<'a> Place<'a> {
    /// Where the sections stand.
    fn root(prefix: &'a str) -> Self {
        Self {
            keys: KEYS,
            prefix,
            path: "",
        }
    }

    /// Inside one of the tables of which there can be many.
    fn inside(table: &'static Table, prefix: &'a str) -> Self {
        Self {
            keys: table.keys,
            prefix,
            path: "",
        }
    }

    fn full(self) -> String {
        join(self.prefix, self.path)
    }

    /// Whether sections stand here.
    fn is_root(self) -> bool {
        self.path.is_empty() && std::ptr::eq(self.keys, KEYS)
    }

    /// Whether the environments stand here.
    fn is_top(self) -> bool {
        self.is_root() && self.prefix.is_empty()
    }
}

/// Whether keys stand below `path`.
fn is_section(keys: &[Key], path: &str) -> bool {
    keys.iter().any(|key| below(key.path, path).is_some())
}

/// The sentence about a `name` that nothing at `place` has.
fn unknown(place: Place<'_>, name: &str) -> String {
    let full = join(&place.full(), name);
    let siblings = siblings(place);
    let meant = nearest(name, siblings.iter().copied())
        .map(|sibling| join(place.path, sibling))
        .or_else(|| elsewhere(place.keys, name).map(str::to_owned));
    match meant {
        Some(meant) => format!(
            "{full} is not a setting; did you mean {}?",
            join(place.prefix, &meant)
        ),
        None if place.is_root() => format!(
            "{full} is not a setting; the sections are {}",
            siblings.join(", ")
        ),
        None => format!(
            "{full} is not a setting; {} has {}",
            heading(&place.full()),
            siblings.join(", ")
        ),
    }
}

/// How the table at a full key begins in the file.
fn heading(full: &str) -> String {
    match full
        .strip_suffix(']')
        .and_then(|full| full.rsplit_once('['))
    {
        Some((list, _)) => format!("[[{list}]]"),
        None => format!("[{full}]"),
    }
}

/// The names that can stand directly at `place`.
fn siblings(place: Place<'_>) -> Vec<&'static str> {
    let mut names: Vec<&str> = place
        .keys
        .iter()
        .filter_map(|key| {
            if place.path.is_empty() {
                Some(key.path)
            } else {
                below(key.path, place.path)
            }
        })
        .filter_map(|rest| rest.split('.').next())
        .collect();
    names.dedup();
    if place.is_top() {
        names.push(ENVIRONMENTS);
    }
    names
}

/// A key of this name in whatever section.
fn elsewhere(keys: &'static [Key], name: &str) -> Option<&'static str> {
    let last = |key: &'static Key| key.path.rsplit('.').next();
    let meant = nearest(name, keys.iter().filter_map(last))?;
    keys.iter()
        .find(|key| last(key) == Some(meant))
        .map(|key| key.path)
}
