//! `mcp-edge doctor`

mod faults;
mod good;
mod machine;
mod server;
mod token;
mod unreachable;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::commands::run::Ended;

/// What was found, by the names of the checks.
fn verdicts(ended: &Ended) -> BTreeMap<String, String> {
    let report: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let findings = findings.map(|finding| (text(&finding["id"]), text(&finding["verdict"])));
    let skipped = report["skipped"].as_array().expect("a list").iter();
    findings
        .chain(skipped.map(|id| (text(id), "skipped".to_owned())))
        .collect()
}

/// What is in `after` and was otherwise in `before`, as `name verdict`.
fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let changed = after
        .iter()
        .filter(|(id, verdict)| before.get(*id) != Some(verdict));
    changed
        .map(|(id, verdict)| format!("{id} {verdict}"))
        .collect()
}

/// The sentence of one finding, and what fixes it.
fn finding(ended: &Ended, id: &str) -> String {
    let report: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let finding = findings.iter().find(|finding| finding["id"] == id);
    finding
        .map(|finding| format!("{} | {}", finding["sentence"], finding["fix"]))
        .expect("the finding")
}
