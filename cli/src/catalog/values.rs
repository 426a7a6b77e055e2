//! Settings that only the build of a gateway reads.

use std::collections::BTreeMap;

use mcp_edge_config::{Entry, KEYS, Key, Settings, Text, UPSTREAM, Value};
use serde_json::Value as Json;

/// The values of one table.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a>(pub(crate) &'a Settings);

impl<'a> Values<'a> {
    fn get(self, path: &str) -> Option<&'a Value> {
        self.0.get(path).map(|setting| &setting.value)
    }

    /// The tables at `path`, by name.
    pub(crate) fn named(self, path: &str) -> &'a BTreeMap<String, Entry> {
        static NONE: BTreeMap<String, Entry> = BTreeMap::new();
        match self.get(path) {
            Some(Value::Named(entries)) => entries,
            _ => &NONE,
        }
    }

    pub(crate) fn word(self, path: &str) -> Option<String> {
        match self.get(path)? {
            Value::Word(word) => Some(word.clone()),
            _ => None,
        }
    }

    /// A text of the whole file, or its default.
    pub(crate) fn text_or_default(self, path: &str) -> Option<String> {
        let default = || match Key::find(KEYS, path)?.default_value()? {
            Value::Word(word) => Some(word),
            _ => None,
        };
        self.word(path).or_else(default)
    }

    pub(crate) fn words(self, path: &str) -> Vec<String> {
        match self.get(path) {
            Some(Value::Words(words)) => words.clone(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn flag(self, path: &str) -> Option<bool> {
        match self.get(path)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn choice(self, path: &str) -> Option<&'static str> {
        match self.get(path)? {
            Value::Choice(choice) => Some(choice.name),
            _ => None,
        }
    }

    pub(crate) fn number(self, path: &str) -> Option<u64> {
        match self.get(path)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A number of `[upstreams.NAME]`, or its default.
    pub(crate) fn upstream_number(self, path: &str) -> usize {
        let default = || match Key::find(UPSTREAM.keys, path)?.default_value()? {
            Value::Number(number) => Some(number),
            _ => None,
        };
        let number = self.number(path).or_else(default).unwrap_or_default();
        usize::try_from(number).unwrap_or(usize::MAX)
    }

    /// A text, unless it is in a variable.
    pub(crate) fn literal(self, path: &str) -> Option<String> {
        match self.get(path)? {
            Value::Text(Text::Literal(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// Texts by name, those in variables left out.
    pub(crate) fn literals(self, path: &str) -> Vec<(String, String)> {
        match self.get(path) {
            Some(Value::TextsByName(texts)) => texts
                .iter()
                .filter_map(|(name, text)| match text {
                    Text::Literal(text) => Some((name.clone(), text.clone())),
                    Text::Variable(_) => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn words_by_name(self, path: &str) -> BTreeMap<String, String> {
        match self.get(path) {
            Some(Value::WordsByName(words)) => words.clone(),
            _ => BTreeMap::new(),
        }
    }

    pub(crate) fn values(self, path: &str) -> BTreeMap<String, Json> {
        match self.get(path) {
            Some(Value::Values(values)) => values.clone(),
            _ => BTreeMap::new(),
        }
    }
}
