//! Settings laid over others.

use std::collections::BTreeMap;

use crate::value::{Entry, Setting, Settings, Value};

/// Tables merge; everything else is replaced.
pub(crate) fn merge(base: &Settings, changes: Settings) -> Settings {
    let mut merged = base.clone();
    for (path, change) in changes {
        let change = match merged.remove(path) {
            Some(kept) => Setting {
                value: over(kept.value, change.value),
                ..change
            },
            None => change,
        };
        merged.insert(path, change);
    }
    merged
}

fn over(kept: Value, change: Value) -> Value {
    match (kept, change) {
        (Value::Times(kept), Value::Times(change)) => Value::Times(both(kept, change)),
        (Value::Includes(kept), Value::Includes(change)) => Value::Includes(both(kept, change)),
        (Value::Secrets(kept), Value::Secrets(change)) => Value::Secrets(both(kept, change)),
        (Value::TextsByName(kept), Value::TextsByName(change)) => {
            Value::TextsByName(both(kept, change))
        }
        (Value::WordsByName(kept), Value::WordsByName(change)) => {
            Value::WordsByName(both(kept, change))
        }
        (Value::Values(kept), Value::Values(change)) => Value::Values(both(kept, change)),
        (Value::Named(mut kept), Value::Named(change)) => {
            for (name, change) in change {
                let change = match kept.remove(&name) {
                    Some(below) => Entry {
                        settings: merge(&below.settings, change.settings),
                        ..change
                    },
                    None => change,
                };
                kept.insert(name, change);
            }
            Value::Named(kept)
        }
        (_, change) => change,
    }
}

fn both<T>(mut kept: BTreeMap<String, T>, change: BTreeMap<String, T>) -> BTreeMap<String, T> {
    kept.extend(change);
    kept
}
