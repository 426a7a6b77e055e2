//! From the text of `mcp.toml` to settings.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dotted::{below, join, quoted};
use crate::keys::{KEYS, Key};
use crate::kind::{Objection, Value};
use crate::mistake::{Mistake, Mistakes};
use crate::nearest::nearest;
use crate::relations;

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
    /// Its full key: `environments.staging.limits.page`.
    pub at: String,
}

/// Reads and checks a file; all its mistakes are found at once.
pub fn read(text: &str) -> Result<Configuration, Mistakes> {
    let mut reader = Reader {
        text,
        mistakes: Vec::new(),
    };
    let configuration = reader.document();
    match Mistakes::among(reader.mistakes) {
        Some(mistakes) => Err(mistakes),
        None => Ok(configuration),
    }
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

        let mut base = Settings::new();
        self.table(&document, Place::at(""), &mut base);
        relations::check(&base, &mut self.mistakes);

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
                if let Some(settings) = self.environment(name.get_ref(), overlay, &base) {
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
        let mut changes = Settings::new();
        self.table(table, Place::at(&prefix), &mut changes);
        let merged = merge(base, changes);
        relations::check(&merged, &mut self.mistakes);
        Some(merged)
    }

    fn table(&mut self, table: &DeTable<'_>, place: Place<'_>, settings: &mut Settings) {
        for (name, value) in table {
            let offset = name.span().start;
            let name = quoted(name.get_ref());
            let path = join(place.path, &name);
            let here = Place {
                path: &path,
                ..place
            };
            if let Some(key) = Key::find(&path) {
                if let Some(setting) = self.setting(key, value, here) {
                    settings.insert(key.path, setting);
                }
            } else if !is_section(&path) {
                self.mistake(offset, unknown(place, &name));
            } else if let Some(table) = value.get_ref().as_table() {
                self.table(table, here, settings);
            } else {
                let at = here.full();
                self.mistake(
                    value.span().start,
                    format!("{at} must be a table, as [{at}]"),
                );
            }
        }
    }

    fn setting(
        &mut self,
        key: &Key,
        value: &Spanned<DeValue<'_>>,
        here: Place<'_>,
    ) -> Option<Setting> {
        let (at, offset) = (here.full(), value.span().start);
        match key.kind.read(value.get_ref()) {
            Ok(value) => Some(Setting {
                value,
                line: self.line(offset),
                at,
            }),
            Err(Objection {
                within,
                offset: part,
                says,
            }) => {
                self.mistake(part.unwrap_or(offset), format!("{at}{within} {says}"));
                None
            }
        }
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
    /// `environments.NAME`, or nothing.
    prefix: &'a str,
    /// The key below that, as in [`Key::path`].
    path: &'a str,
}

impl<'a> Place<'a> {
    /// Where the sections stand.
    fn at(prefix: &'a str) -> Self {
        Self { prefix, path: "" }
    }

    fn full(self) -> String {
        join(self.prefix, self.path)
    }
}

/// Whether keys stand below `path`.
fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| below(key.path, path).is_some())
}

/// Tables merge; everything else is replaced.
fn merge(base: &Settings, changes: Settings) -> Settings {
    let mut merged = base.clone();
    for (path, mut change) in changes {
        if let (
            Value::Times(changed),
            Some(Setting {
                value: Value::Times(kept),
                ..
            }),
        ) = (&mut change.value, merged.get(path))
        {
            for (name, time) in kept {
                changed.entry(name.clone()).or_insert(*time);
            }
        }
        merged.insert(path, change);
    }
    merged
}

/// The sentence about a `name` that nothing at `place` has.
fn unknown(place: Place<'_>, name: &str) -> String {
    let Place {
        prefix,
        path: section,
    } = place;
    let full = join(&place.full(), name);
    let siblings = siblings(section, prefix.is_empty());
    let meant = nearest(name, siblings.iter().copied())
        .map(|sibling| join(section, sibling))
        .or_else(|| elsewhere(name).map(str::to_owned));
    match meant {
        Some(meant) => format!(
            "{full} is not a setting; did you mean {}?",
            join(prefix, &meant)
        ),
        None if section.is_empty() => format!(
            "{full} is not a setting; the sections are {}",
            siblings.join(", ")
        ),
        None => format!(
            "{full} is not a setting; [{}] has {}",
            place.full(),
            siblings.join(", ")
        ),
    }
}

/// The names that can stand directly below `section`.
fn siblings(section: &str, outside_environments: bool) -> Vec<&'static str> {
    let mut names: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| {
            if section.is_empty() {
                Some(key.path)
            } else {
                below(key.path, section)
            }
        })
        .filter_map(|rest| rest.split('.').next())
        .collect();
    names.dedup();
    if section.is_empty() && outside_environments {
        names.push(ENVIRONMENTS);
    }
    names
}

/// A key of this name in whatever section.
fn elsewhere(name: &str) -> Option<&'static str> {
    let last = |key: &'static Key| key.path.rsplit('.').next();
    let meant = nearest(name, KEYS.iter().filter_map(last))?;
    KEYS.iter()
        .find(|key| last(key) == Some(meant))
        .map(|key| key.path)
}
