//! Scopes that include others.

use std::collections::{BTreeMap, BTreeSet};

use crate::dotted::quoted;
use crate::mistake::Mistake;
use crate::value::Settings;
use crate::value::Value;

/// Adds a mistake for each scope that includes itself, however many others are between.
pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let Some(setting) = settings.get("auth.implied_scopes") else {
        return;
    };
    let Value::Includes(includes) = &setting.value else {
        return;
    };
    for scope in includes.keys() {
        if included(includes, scope).contains(scope.as_str()) {
            mistakes.push(Mistake {
                line: setting.line,
                sentence: format!(
                    "{}.{} includes itself, directly or through others; take it out of one of these lists",
                    setting.at,
                    quoted(scope)
                ),
            });
        }
    }
}

/// All that `scope` includes, through others too.
fn included<'a>(includes: &'a BTreeMap<String, Vec<String>>, scope: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = vec![scope];
    while let Some(scope) = next.pop() {
        for included in includes.get(scope).into_iter().flatten() {
            if found.insert(included.as_str()) {
                next.push(included);
            }
        }
    }
    found
}
