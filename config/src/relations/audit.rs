//! What `[audit]` and `[[capture]]` must say.

use super::{Number, about, each, objection, of, words};
use crate::mistake::Mistake;
use crate::settings::{CAPTURE, KEYS};
use crate::value::Settings;
use crate::value::{Entry, Value};

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    keys(settings, mistakes);
    for contents in each(settings, "capture") {
        records_something(contents, mistakes);
        fits(contents, settings, mistakes);
    }
}

fn keys(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    if !settings.contains_key("audit.signing_keys")
        && let Some(receipts) = settings.get("audit.receipts")
        && receipts.value == Value::Flag(true)
    {
        mistakes.push(about(
            receipts,
            "needs audit.signing_keys, which sign receipts; write signing_keys = { secret = \"MCP_EDGE_AUDIT_KEYS\" } in [audit]",
        ));
    }
}

/// A text of JSON inside JSON takes up to twice its bytes.
fn fits(contents: &Entry, settings: &Settings, mistakes: &mut Vec<Mistake>) {
    let bytes = Number::of(CAPTURE.keys, "max_bytes", &contents.settings);
    let max = Number::of(KEYS, "audit.max_event_bytes", settings);
    if bytes.set.is_some() && bytes.number > max.number / 2 {
        mistakes.extend(objection(&bytes, &max, "must be at most half of"));
    }
}

fn records_something(contents: &Entry, mistakes: &mut Vec<Mistake>) {
    let settings = &contents.settings;
    let names = ["tools", "prompts", "resources"];
    if names.iter().all(|path| words(settings, path).is_empty()) {
        mistakes.push(of(
            contents,
            "names no tools, prompts or resources; write whose words are recorded, as tools = [\"evaluate_*\"]",
        ));
    }
    let asks = |path: &str| {
        settings
            .get(path)
            .is_some_and(|setting| setting.value == Value::Flag(true))
    };
    if !asks("arguments") && !asks("result") {
        mistakes.push(of(
            contents,
            "records nothing; write arguments = true, or result = true, or both",
        ));
    }
}
