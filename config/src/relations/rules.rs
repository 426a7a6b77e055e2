//! What rules must say.

use super::{about, each, fit_known, named, names, of, tenants, words};
use crate::mistake::Mistake;
use crate::value::Settings;
use crate::value::{Entry, Value};

/// An issuer, and a table of one.
const ISSUER: (&str, &str) = ("issuer", "[issuers.okta]");

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let rules = each(settings, "policy");
    names::check(rules, mistakes);
    let issuers = named(settings, "issuers");
    for rule in rules {
        fit_known(rule, "issuers", issuers, ISSUER, mistakes);
        anonymous(rule, mistakes);
        if let Some(setting) = rule.settings.get("tenants") {
            tenants::check_any(setting, settings, mistakes);
        }
        if is_denying(rule) {
            step_up(rule, mistakes);
        } else {
            names_something(rule, mistakes);
        }
    }
}

fn is_denying(rule: &Entry) -> bool {
    matches!(
        rule.settings.get("effect").map(|setting| &setting.value),
        Some(Value::Choice(effect)) if effect.name == "deny"
    )
}

/// Conditions that no anonymous caller can meet.
const IDENTITY: [&str; 7] = [
    "issuers", "tenants", "subjects", "clients", "roles", "groups", "scopes",
];

fn anonymous(rule: &Entry, mistakes: &mut Vec<Mistake>) {
    let Some(setting) = rule.settings.get("anonymous") else {
        return;
    };
    let conditions: Vec<&str> = IDENTITY
        .into_iter()
        .filter(|path| !words(&rule.settings, path).is_empty())
        .collect();
    if setting.value == Value::Flag(true) && !conditions.is_empty() {
        let says = format!(
            "cannot stand beside {}, which a caller who proves nothing never has; make two rules of it",
            conditions.join(" and ")
        );
        mistakes.push(about(setting, &says));
    }
}

fn step_up(rule: &Entry, mistakes: &mut Vec<Mistake>) {
    if let Some(setting) = rule.settings.get("step_up") {
        mistakes.push(about(
            setting,
            "belongs to rules that allow: a rule that denies asks for no scopes; remove it",
        ));
    }
}

fn names_something(rule: &Entry, mistakes: &mut Vec<Mistake>) {
    let named = |path: &&str| !words(&rule.settings, path).is_empty();
    if ["tools", "prompts", "resources"].iter().any(named) {
        return;
    }
    mistakes.push(of(
        rule,
        "allows nothing, since it names no tools, prompts or resources; write what it allows, as tools = [\"*\"]",
    ));
}
