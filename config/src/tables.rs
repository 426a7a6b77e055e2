//! From the tables of a file to settings.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dotted::{below, join, quoted};
use crate::mistake::Mistake;
use crate::nearest::nearest;
use crate::parse::InvalidValue;
use crate::presets::Preset;
use crate::settings::{ISSUER, KEYS, Key, Kind, Table, UPSTREAM};
use crate::value::{Entry, Setting, Settings, Value};

impl Preset {
    /// What it fills in. The lines are those of no file.
    pub fn settings(&self) -> Settings {
        let mut reader = Reader::new(self.toml);
        let (preset, _) = DeTable::parse_recoverable(self.toml);
        reader.table(preset.get_ref(), Place::inside(&ISSUER, ""))
    }
}

/// Reads tables of one file.
pub(crate) struct Reader<'a> {
    pub(crate) text: &'a str,
    /// Where each line ends: there is a lookup for each setting, and a file may have thousands.
    line_ends: Vec<usize>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// The table of all environments.
pub(crate) const ENVIRONMENTS: &str = "environments";

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            line_ends: text.match_indices('\n').map(|(end, _)| end).collect(),
            mistakes: Vec::new(),
        }
    }

    pub(crate) fn table(&mut self, table: &DeTable<'_>, place: Place<'_>) -> Settings {
        let mut settings = Settings::new();
        for (name, value) in table {
            let offset = name.span().start;
            let name = quoted(name.get_ref());
            let path = join(place.path, &name);
            let here = Place {
                path: &path,
                ..place
            };
            if let Some(key) = place.key(&path) {
                if let Some(setting) = self.setting(key, value, here) {
                    settings.insert(key.path, setting);
                }
            } else if !place.has_section(&path) {
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
        let example = |table: &Table| example(table, here.prefix);
        let read = match (key.kind, value.get_ref()) {
            (Kind::Named(table) | Kind::Overlays(table), DeValue::Table(entries)) => {
                let is_overlay = matches!(key.kind, Kind::Overlays(_));
                let entries = entries.iter().filter_map(|(name, entry)| {
                    let at = format!("{at}.{}", quoted(name.get_ref()));
                    let inside = Place {
                        is_overlay,
                        ..Place::inside(table, &at)
                    };
                    let entry = self.entry(entry, inside, name.span().start, || example(table))?;
                    Some((name.get_ref().to_string(), entry))
                });
                Ok(Value::Named(entries.collect()))
            }
            (Kind::Each(table), DeValue::Array(entries)) => {
                let entries = entries.iter().enumerate().filter_map(|(position, entry)| {
                    let at = format!("{at}[{position}]");
                    let inside = Place::inside(table, &at);
                    self.entry(entry, inside, entry.span().start, || example(table))
                });
                Ok(Value::Each(entries.collect()))
            }
            (Kind::Named(table), _) => {
                Err(format!("must be tables with names, as {}", example(table)).into())
            }
            (Kind::Overlays(_), _) => {
                Err(format!("must be tables with the names of tenants, as [{at}.acme]").into())
            }
            (Kind::Each(table), _) => {
                Err(format!("must be a list of tables, as {}", example(table)).into())
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
        value: &Spanned<DeValue<'_>>,
        inside: Place<'_>,
        offset: usize,
        example: impl Fn() -> String,
    ) -> Option<Entry> {
        let at = inside.prefix.to_owned();
        let Some(members) = value.get_ref().as_table() else {
            let example = if inside.is_overlay {
                format!("[{at}]")
            } else {
                example()
            };
            self.mistake(
                value.span().start,
                format!("{at} must be a table, as {example}"),
            );
            return None;
        };
        Some(Entry {
            settings: self.table(members, inside),
            line: self.line(offset),
            at,
        })
    }

    /// Adds the mistake that the file is not TOML.
    pub(crate) fn not_toml(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or_default();
        let sentence = match error.message() {
            "duplicate key" => self.defined_twice(&span),
            other => format!("this is not TOML: {other}"),
        };
        self.mistake(span.start, sentence);
    }

    /// The sentence about a key that the file defines for the second time at `span`.
    fn defined_twice(&self, span: &Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or_default();
        let begin = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let line = self.text.get(begin..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default().trim_start();
        if !line.starts_with('[') {
            let key = self.text.get(span.clone()).unwrap_or_default();
            return format!("{key} is set twice in one table; remove one of the two");
        }
        let names = header(line);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (prefix, path) = match names.as_slice() {
            [first, name, path @ ..] if *first == ENVIRONMENTS => (join(first, name), path),
            path => (String::new(), path),
        };
        let path = path.join(".");
        let full = join(&prefix, &path);
        match Key::find(KEYS, &path).map(|key| key.kind) {
            Some(Kind::Each(table)) => format!(
                "{full} is defined twice; begin each table of this list with {}",
                example(table, &prefix)
            ),
            Some(Kind::Named(table)) => format!(
                "{full} is defined twice; give each of its tables a name, as {}",
                example(table, &prefix)
            ),
            _ => format!("{full} is defined twice; put all its settings into one table"),
        }
    }

    pub(crate) fn mistake(&mut self, offset: usize, sentence: String) {
        let line = self.line(offset);
        self.mistakes.push(Mistake { line, sentence });
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.line_ends.partition_point(|end| *end < offset);
        before.saturating_add(1)
    }
}

/// Where in the file the reader is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// What can stand here.
    keys: &'static [Key],
    /// What stands before the path: `environments.NAME`, `policy[2]`, or nothing.
    prefix: &'a str,
    /// The key below that, as in [`Key::path`].
    path: &'a str,
    /// Whether this is an [overlay](Kind::Overlays), which has some of the keys only.
    is_overlay: bool,
}

impl<'a> Place<'a> {
    /// Where the sections stand.
    pub(crate) fn root(prefix: &'a str) -> Self {
        Self {
            keys: KEYS,
            prefix,
            path: "",
            is_overlay: false,
        }
    }

    /// Inside one of the tables of which there can be many.
    fn inside(table: &'static Table, prefix: &'a str) -> Self {
        Self {
            keys: table.keys,
            prefix,
            path: "",
            is_overlay: false,
        }
    }

    /// The keys that can be here.
    fn keys(self) -> impl Iterator<Item = &'static Key> {
        let keys = self.keys.iter();
        keys.filter(move |key| key.in_overlays || !self.is_overlay)
    }

    fn key(self, path: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.path == path)
    }

    /// Whether keys are below `path`.
    fn has_section(self, path: &str) -> bool {
        self.keys().any(|key| below(key.path, path).is_some())
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

/// The sentence about a `name` that nothing at `place` has.
fn unknown(place: Place<'_>, name: &str) -> String {
    let full = join(&place.full(), name);
    let is_forwarding = |word: &str| {
        name.to_ascii_lowercase()
            .replace(['_', '-'], "")
            .contains(word)
    };
    if std::ptr::eq(place.keys, UPSTREAM.keys)
        && ["forward", "passthrough", "passheader"]
            .into_iter()
            .any(is_forwarding)
    {
        return format!(
            "{full} is not a setting: a request to an upstream has no header of the client, and never the caller's access token, \
             which was issued for this server alone (MCP 2026-07-28, authorization); set token, username, headers or authority"
        );
    }
    if place.is_overlay && Key::find(place.keys, name).is_some() {
        return format!(
            "{full} is not a setting of a tenant: `{name}` is the same for all of them; set it in the table around"
        );
    }
    let siblings = siblings(place);
    let meant = nearest(name, siblings.iter().copied())
        .map(|sibling| join(place.path, sibling))
        .or_else(|| elsewhere(place, name).map(str::to_owned));
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

/// The names in the header of a table, as TOML writes them: `[limits]`, `[[environments.staging.policy]]`.
fn header(line: &str) -> Vec<String> {
    let (document, _) = DeTable::parse_recoverable(line);
    let mut names = Vec::new();
    let mut table = Some(document.get_ref());
    while let Some((name, value)) = table.and_then(|table| table.iter().next()) {
        names.push(quoted(name.get_ref()));
        table = value.get_ref().as_table();
    }
    names
}

/// How an entry of `table` begins in the file: `[environments.staging.issuers.okta]`, `[[policy]]`.
fn example(table: &Table, prefix: &str) -> String {
    let path = table.example.trim_matches(['[', ']']);
    table.example.replace(path, &join(prefix, path))
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
        .keys()
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
fn elsewhere(place: Place<'_>, name: &str) -> Option<&'static str> {
    let last = |key: &'static Key| key.path.rsplit('.').next();
    let meant = nearest(name, place.keys().filter_map(last))?;
    place
        .keys()
        .find(|key| last(key) == Some(meant))
        .map(|key| key.path)
}
