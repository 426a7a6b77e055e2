//! What settings must be to each other.

mod audit;
mod authority;
mod issuers;
mod live;
mod names;
mod rates;
mod rules;
mod scopes;
mod secrets;
mod sinks;
mod tenants;
mod upstreams;

use std::collections::BTreeMap;

use mcp_edge_glob::fits;

use crate::mistake::Mistake;
use crate::nearest::nearest;
use crate::settings::{KEYS, Key};
use crate::value::{Entry, Setting, Settings, Value};

pub(crate) use self::live::IN_THE_LIVE_POLICY;

/// Adds a mistake for each relation that `settings` break, defaults included.
pub(crate) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    numbers(settings, mistakes);
    scopes::check(settings, mistakes);
    issuers::check(settings, mistakes);
    rules::check(settings, mistakes);
    live::check(settings, mistakes);
    rates::check(settings, mistakes);
    audit::check(settings, mistakes);
    sinks::check(settings, mistakes);
    upstreams::check(settings, mistakes);
    secrets::check(settings, mistakes);
}

fn numbers(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let number = |path| Number::of(KEYS, path, settings);
    let step = number("limits.step_reserve_bytes");
    let state = number("limits.state_bytes");
    let body = number("limits.body_bytes");
    if step.number > state.number {
        mistakes.extend(objection(&step, &state, "must be at most"));
    }
    if state.number.saturating_mul(2) > body.number {
        mistakes.extend(objection(&state, &body, "must be at most half of"));
    }
}

struct Number<'a> {
    path: &'static str,
    number: u64,
    set: Option<&'a Setting>,
}

impl<'a> Number<'a> {
    fn of(keys: &'static [Key], path: &'static str, settings: &'a Settings) -> Self {
        let number = match in_force(keys, path, settings) {
            Some(Value::Number(number)) => number,
            _ => 0,
        };
        let set = settings.get(path);
        Self { path, number, set }
    }

    /// Its full key and its value.
    fn described(&self) -> String {
        match self.set {
            Some(setting) => format!("{} ({})", setting.at, self.number),
            None => format!("{} ({} by default)", self.path, self.number),
        }
    }
}

/// A mistake on the later of the two lines; the defaults alone break nothing.
fn objection(left: &Number<'_>, right: &Number<'_>, relation: &str) -> Option<Mistake> {
    let line = [left.set, right.set]
        .into_iter()
        .flatten()
        .map(|setting| setting.line)
        .max()?;
    Some(Mistake {
        line,
        sentence: format!("{} {relation} {}", left.described(), right.described()),
    })
}

/// What a setting is set to, or holds by default.
pub(crate) fn in_force(keys: &'static [Key], path: &str, settings: &Settings) -> Option<Value> {
    match settings.get(path) {
        Some(setting) => Some(setting.value.clone()),
        None => Key::find(keys, path)?.default_value(),
    }
}

/// The mistake about a setting as a whole.
fn about(setting: &Setting, says: &str) -> Mistake {
    Mistake {
        line: setting.line,
        sentence: format!("{} {says}", setting.at),
    }
}

/// The mistake about one of many tables as a whole.
fn of(entry: &Entry, says: &str) -> Mistake {
    Mistake {
        line: entry.line,
        sentence: format!("{} {says}", entry.at),
    }
}

/// The tables at `path`, by name.
fn named<'a>(settings: &'a Settings, path: &str) -> &'a BTreeMap<String, Entry> {
    static NONE: BTreeMap<String, Entry> = BTreeMap::new();
    match settings.get(path).map(|setting| &setting.value) {
        Some(Value::Named(entries)) => entries,
        _ => &NONE,
    }
}

/// The tables of a list.
fn each<'a>(settings: &'a Settings, path: &str) -> &'a [Entry] {
    match settings.get(path).map(|setting| &setting.value) {
        Some(Value::Each(entries)) => entries,
        _ => &[],
    }
}

/// The texts of a list; none where it is not set.
fn words<'a>(settings: &'a Settings, path: &str) -> &'a [String] {
    match settings.get(path).map(|setting| &setting.value) {
        Some(Value::Words(words)) => words,
        _ => &[],
    }
}

/// Adds a mistake for each pattern of the list `path` that fits no name of `known`. These are tables of a `noun`, such as
/// `example`.
fn fit_known(
    entry: &Entry,
    path: &str,
    known: &BTreeMap<String, Entry>,
    (noun, example): (&str, &str),
    mistakes: &mut Vec<Mistake>,
) {
    let Some(setting) = entry.settings.get(path) else {
        return;
    };
    let known: Vec<_> = known.keys().map(String::as_str).collect();
    for (position, pattern) in words(&entry.settings, path).iter().enumerate() {
        if known.iter().any(|name| fits(pattern, name)) {
            continue;
        }
        let meant = nearest(pattern, known.iter().copied());
        let remedy = match (meant, known.as_slice()) {
            (Some(meant), _) => format!("did you mean {meant}?"),
            (None, []) => format!("there are none; add one, as {example}"),
            (None, known) => format!("there are {}", known.join(", ")),
        };
        mistakes.push(Mistake {
            line: setting.line,
            sentence: format!("{}[{position}] fits no {noun}; {remedy}", setting.at),
        });
    }
}
