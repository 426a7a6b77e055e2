//! What is generated from the settings. `MCP_EDGE_BLESS=1` writes it again.
#![allow(clippy::expect_used)]

use std::path::Path;

fn assert_current(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&path, text).expect("the file can be written");
    }
    let stored = std::fs::read_to_string(&path).expect("the file can be read");
    assert!(
        stored == text,
        "{file} is out of date; MCP_EDGE_BLESS=1 writes it again"
    );
}

#[test]
fn the_schema_in_the_repository_is_current() {
    let schema = mcp_edge_config::json_schema();
    let text = serde_json::to_string_pretty(&schema).expect("JSON writes itself");
    assert_current("mcp.schema.json", &(text + "\n"));
}

#[test]
fn the_reference_in_the_repository_is_current() {
    assert_current(
        "../docs/reference/settings.md",
        &mcp_edge_config::reference(),
    );
}
