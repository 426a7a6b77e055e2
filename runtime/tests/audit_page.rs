//! The page on the audit trail knows every member of an event.
#![allow(clippy::expect_used)]

use mcp_edge_audit::Event;
use mcp_edge_audit::event::{EventType, Outcome, VERSION};

const PAGE: &str = include_str!("../../docs/reference/audit-log.md");

#[test]
fn every_member_has_its_row() {
    let schema = schemars::schema_for!(Event);
    let members = schema.get("properties").expect("members");
    let rows: Vec<&str> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .collect();
    for member in members.as_object().expect("an object").keys() {
        let name = format!("`{member}`");
        assert!(rows.iter().any(|row| row.contains(&name)), "{name}");
    }
    assert!(PAGE.contains(&format!("| `version` | {VERSION}: ")));
}

#[test]
fn every_kind_and_outcome_is_named() {
    let kinds = EventType::ALL.map(EventType::as_str);
    for word in kinds.into_iter().chain(Outcome::ALL.map(Outcome::as_str)) {
        assert!(PAGE.contains(&format!("`{word}`")), "{word}");
    }
}
