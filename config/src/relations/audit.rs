//! What `[audit]` and `[[contents]]` must say.

use super::{about, each, of, words};
use crate::mistake::Mistake;
use crate::read::Settings;
use crate::value::{Entry, Value};

pub(super) fn check(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    keys(settings, mistakes);
    for contents in each(settings, "contents") {
        records_something(contents, mistakes);
    }
}

fn keys(settings: &Settings, mistakes: &mut Vec<Mistake>) {
    if !settings.contains_key("audit.keys")
        && let Some(receipts) = settings.get("audit.receipts")
        && receipts.value == Value::Flag(true)
    {
        mistakes.push(about(
            receipts,
            "needs audit.keys, which sign receipts; write keys = { secret = \"MCP_EDGE_AUDIT_KEYS\" } in [audit]",
        ));
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
