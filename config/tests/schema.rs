//! `mcp.schema.json` is what the settings say. `MCP_EDGE_BLESS=1` writes it again.
#![allow(clippy::expect_used)]

use std::path::Path;

#[test]
fn the_schema_in_the_repository_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("mcp.schema.json");
    let schema = mcp_edge_config::json_schema();
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&schema).expect("JSON writes itself") + "\n";
        std::fs::write(&file, text).expect("the schema can be written");
    }
    let stored = std::fs::read(&file).expect("the schema can be read");
    let stored: serde_json::Value = serde_json::from_slice(&stored).expect("the schema is JSON");
    assert!(
        stored == schema,
        "config/mcp.schema.json is out of date; MCP_EDGE_BLESS=1 writes it again"
    );
}
