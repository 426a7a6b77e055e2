//! Names that must tell one thing from another.

use std::collections::BTreeMap;

use super::{about, of};
use crate::mistake::Mistake;
use crate::settings::Table;
use crate::value::{Entry, Value};

/// Adds a mistake for each of `entries` that is called what one before it is called.
pub(super) fn check(entries: &[Entry], mistakes: &mut Vec<Mistake>) {
    let mut taken = BTreeMap::new();
    for entry in entries {
        let Some(setting) = entry.settings.get("name") else {
            continue;
        };
        let Value::Word(name) = &setting.value else {
            continue;
        };
        if let Some(first) = taken.insert(name, &entry.at) {
            let says = format!("is also the name of {first}; write another");
            mistakes.push(about(setting, &says));
        }
    }
}

/// Adds a mistake for each of `entries` whose name cannot be in a sentence or a path.
pub(super) fn plain(entries: &BTreeMap<String, Entry>, table: &Table, mistakes: &mut Vec<Mistake>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    for (name, entry) in entries {
        if name.is_empty() || !name.chars().all(plain) {
            let says = format!(
                "must have a name of letters, digits, `_` and `-`, as {}",
                table.example
            );
            mistakes.push(of(entry, &says));
        }
    }
}
