//! What `mcp-edge gateway build` says, without Rust on the machine.

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use serde_json::{Value, json};

use crate::api::{CONFIGURATION, DOCUMENT};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        each_operation_is_a_tool_excluded_or_unmappable,
        the_last_build_is_compared,
        a_tool_that_sends_another_request_is_a_changed_tool,
        mistakes_name_what_to_change,
        a_folder_of_two_builds_does_not_start,
        what_is_not_set_is_told_at_once,
    ]
}

fn each_operation_is_a_tool_excluded_or_unmappable(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", CONFIGURATION), ("api.yaml", DOCUMENT)]);
    let built = hosting.build(&folder, None).unwrap();
    let api = &built["upstreams"]["api"];
    let count = |list: &str| api[list].as_array().unwrap().len();
    let operations = DOCUMENT.matches("responses:").count();
    assert_eq!(
        count("tools") + count("excluded") + count("unmappable"),
        operations
    );
    let unmappable = &api["unmappable"][0];
    assert_eq!(unmappable["operation"], "POST /soap");
    let at = unmappable["at"].as_str().unwrap();
    assert!(at.starts_with("api.yaml#/paths/~1soap/post"), "{at}");
    assert_eq!(
        api["excluded"],
        json!([{ "operation": "POST /admin/reset", "rule": Value::Null }])
    );
}

fn the_last_build_is_compared(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", CONFIGURATION), ("api.yaml", DOCUMENT)]);
    assert_eq!(
        hosting.build(&folder, None).unwrap()["changes"],
        Value::Null
    );
    let same = hosting.build(&folder, None).unwrap();
    assert_eq!(
        same["changes"],
        json!({ "new": [], "changed": [], "same_definition": [], "destination": [], "tenants": {}, "gone": [] })
    );
    let other = DOCUMENT
        .replace("operationId: image", "operationId: picture")
        .replace("summary: One thing", "summary: A thing");
    std::fs::write(folder.join("api.yaml"), other).unwrap();
    assert_eq!(
        hosting.build(&folder, None).unwrap()["changes"],
        json!({ "new": ["picture"], "changed": ["getThing"], "same_definition": [], "destination": [], "tenants": {}, "gone": ["image"] })
    );
}

fn a_tool_that_sends_another_request_is_a_changed_tool(hosting: &Hosting) {
    let moved = "  /find:\n    servers: [{ url: \"https://elsewhere.example\" }]\n    get:";
    // The last column: whether clients see the same definition.
    let rows: &[(&str, &str, &str, &str, &str, bool)] = &[
        ("  /find:\n", "  /search:\n", "", "", "find", true),
        ("  /find:\n    get:", moved, "", "", "find", true),
        (
            "  /form:\n    post:",
            "  /form:\n    patch:",
            "",
            "",
            "sendForm",
            false,
        ),
        (
            "",
            "",
            "format = \"full\"",
            "format = \"raw\"",
            "find",
            true,
        ),
        ("", "", "max_items = 2", "max_items = 3", "list_ids", true),
    ];
    let configuration = CONFIGURATION.replacen(
        "timeout = \"2s\"",
        "origins = { elsewhere = \"https://elsewhere.example\" }\ntimeout = \"2s\"",
        1,
    );
    let folder = hosting.folder(&[("mcp.toml", &configuration), ("api.yaml", DOCUMENT)]);
    for (from_document, to_document, from, to, tool, is_same) in rows {
        let row = format!("{to_document}{to}");
        assert!(DOCUMENT.contains(from_document) && configuration.contains(from));
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("api.yaml", DOCUMENT);
        write("mcp.toml", &configuration);
        hosting.build(&folder, None).unwrap();
        write(
            "api.yaml",
            &DOCUMENT.replacen(from_document, to_document, 1),
        );
        write("mcp.toml", &configuration.replacen(from, to, 1));
        let changes = hosting.build(&folder, None).unwrap()["changes"].clone();
        assert_eq!(changes["changed"], json!([tool]), "{row}: {changes}");
        let same = if *is_same { vec![*tool] } else { Vec::new() };
        assert_eq!(changes["same_definition"], json!(same), "{row}: {changes}");
    }
}

fn mistakes_name_what_to_change(hosting: &Hosting) {
    let rows: &[(&str, &str, &str, &str, &[&str])] = &[
        (
            "allow = [\"tag:tests\"]",
            "allow = [\"tag:test\"]",
            "",
            "",
            &["tag:test", "tag:tests"],
        ),
        (
            "operation = \"find\"",
            "operation = \"finds\"",
            "",
            "",
            &["finds", "find"],
        ),
        ("rename = { q", "rename = { qq", "", "", &["qq", "q"]),
        (
            "fix = { format",
            "fix = { formats",
            "",
            "",
            &["formats", "format"],
        ),
        (
            "documents = [\"api.yaml\"]",
            "documents = [\"gone.yaml\"]",
            "",
            "",
            &["gone.yaml"],
        ),
        (
            "url = { variable = \"API_URL\" }\nprivate = true",
            "url = \"https://10.0.0.7/base\"",
            "",
            "",
            &["upstreams.api.url names", "private = true"],
        ),
        (
            "private = true",
            "origins = { other = \"https://orders.internal\" }",
            "",
            "",
            &["upstreams.api.origins.other names", "private = true"],
        ),
        ("", "", "openapi: 3.1.0", "swagger: \"2.0\"", &["2.0"]),
        ("", "", "paths:", "paths: [", &["api.yaml"]),
        ("[tools.find]", "[tools.getThing]", "", "", &["getThing"]),
        (
            "name = \"com.example/gateway-tests\"",
            "version = \"1\"",
            "",
            "",
            &["gateway.name"],
        ),
        (
            "API_KEY",
            "MCP_EDGE_KEYS",
            "",
            "",
            &["upstreams.api.headers", "tokens.keys"],
        ),
        (
            "timeout = \"2s\"",
            "forward_headers = true",
            "",
            "",
            &["forward_headers", "access token"],
        ),
    ];
    for (from, to, from_document, to_document, parts) in rows {
        let configuration = CONFIGURATION.replacen(from, to, 1);
        let document = DOCUMENT.replacen(from_document, to_document, 1);
        let folder = hosting.folder(&[("mcp.toml", &configuration), ("api.yaml", &document)]);
        let error = hosting.build(&folder, None).unwrap_err();
        for part in *parts {
            assert!(error.contains(part), "{to}{to_document}: {error}");
        }
        assert!(!folder.join("deploy").exists(), "{to}{to_document}");
    }
}

fn a_folder_of_two_builds_does_not_start(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", CONFIGURATION), ("api.yaml", DOCUMENT)]);
    hosting.build(&folder, None).unwrap();
    let data = folder.join("deploy/data");
    let old = std::fs::read(data.join("catalog.bin")).unwrap();
    let document = DOCUMENT.replace("operationId: image", "operationId: picture");
    std::fs::write(folder.join("api.yaml"), document).unwrap();
    hosting.build(&folder, None).unwrap();
    std::fs::write(data.join("catalog.bin"), old).unwrap();
    let variables = [
        ("API_URL", "http://127.0.0.1:9".to_owned()),
        ("API_KEY", "x".to_owned()),
    ];
    match hosting.start(&folder, &variables) {
        // A process does not start.
        Err(error) => {
            let error = format!("{error:#}");
            assert!(error.contains("another build"), "{error}");
        }
        // At the edge every request is answered with 500, and the log says why.
        Ok(gateway) => {
            let answer = gateway
                .endpoint
                .send(&mcp_edge_tests::modern("tools/list", json!({})));
            assert_eq!(answer.status, 500);
            gateway.events.of_detail("another build");
        }
    }
}

fn what_is_not_set_is_told_at_once(hosting: &Hosting) {
    let configuration = CONFIGURATION.replacen(
        "timeout = \"2s\"",
        "query = { key = { secret = \"QUERY_KEY\" } }\ntimeout = \"2s\"",
        1,
    );
    let folder = hosting.folder(&[("mcp.toml", &configuration), ("api.yaml", DOCUMENT)]);
    hosting.build(&folder, None).unwrap();
    let parts = ["API_KEY", "QUERY_KEY", "upstreams.api.query.key"];
    // Every host has the variables. Of an empty one the server says what it says of one that is missing.
    let variables = [
        ("API_URL", "http://127.0.0.1:9".to_owned()),
        ("API_KEY", String::new()),
        ("QUERY_KEY", String::new()),
    ];
    match hosting.start(&folder, &variables) {
        Err(error) => {
            let error = format!("{error:#}");
            for part in parts {
                assert!(error.contains(part), "{error}");
            }
        }
        Ok(gateway) => {
            let answer = gateway
                .endpoint
                .send(&mcp_edge_tests::modern("tools/list", json!({})));
            assert_eq!(answer.status, 500);
            for part in parts {
                gateway.events.of_detail(part);
            }
        }
    }
}
