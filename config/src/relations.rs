//! What settings must be to each other.

use crate::keys::Key;
use crate::kind::Value;
use crate::mistake::Mistake;
use crate::read::{Setting, Settings};

/// Adds a mistake for each relation that `settings` break, defaults included.
pub(crate) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let step = Number::of("limits.step_bytes", settings);
    let state = Number::of("limits.state_bytes", settings);
    let body = Number::of("limits.body_bytes", settings);
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
    fn of(path: &'static str, settings: &'a Settings) -> Self {
        let set = settings.get(path);
        let value = set
            .map(|setting| setting.value.clone())
            .or_else(|| Key::find(path)?.default_value());
        let number = if let Some(Value::Number(number)) = value {
            number
        } else {
            0
        };
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
