//! Names that must tell one thing from another.

use std::collections::BTreeMap;

use super::about;
use crate::mistake::Mistake;
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
