//! What an approval covers: the definition of a tool, the request that it sends, and where that goes.

use std::path::Path;

use mcp_edge_tests::gateway::{Hosting, call};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::api::{DOCUMENT, SECRET, answer};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_tool_that_sends_another_request_is_in_quarantine,
        tools_of_an_upstream_that_moves_are_in_quarantine,
        an_environment_whose_approvals_miss_a_tool_is_named,
    ]
}

const REVIEWED: &str = r#"
[gateway]
name = "com.example/reviewed-gateway"

[access]
public = true

[server]
url = { variable = "MCP_EDGE_URL" }

[upstreams.api]
url = { variable = "API_URL" }
origins = { elsewhere = "https://elsewhere.example" }
private = true
documents = ["api.yaml"]
allow = ["getThing", "find", "GET /list"]
headers = { X-Api-Key = { secret = "API_KEY" } }

[tools.find]
operation = "find"
fix = { format = "full" }

[tools.list_ids]
operation = "GET /list"
max_items = 2
"#;

fn write(folder: &Path, configuration: &str, document: &str) {
    std::fs::write(folder.join("mcp.toml"), configuration).unwrap();
    std::fs::write(folder.join("api.yaml"), document).unwrap();
}

/// The configuration with every tool approved.
fn approved(hosting: &Hosting, folder: &Path) -> String {
    let output = hosting
        .program(folder, &["manifest", "approve", "--write"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let built = hosting.build(folder, None).unwrap();
    assert_eq!(built["quarantined"], json!([]));
    std::fs::read_to_string(folder.join("mcp.toml")).unwrap()
}

fn a_tool_that_sends_another_request_is_in_quarantine(hosting: &Hosting) {
    let moved = "  /find:\n    servers: [{ url: \"https://elsewhere.example\" }]\n    get:";
    let folder = hosting.folder(&[("mcp.toml", REVIEWED), ("api.yaml", DOCUMENT)]);
    let configuration = approved(hosting, &folder);
    // A change of the document, one of the configuration, and the tool that is another one then.
    let rows = [
        ("  /find:\n", "  /search:\n", "", "", "find"),
        ("  /find:\n    get:", moved, "", "", "find"),
        (
            "name: view, in: cookie",
            "name: view, in: header",
            "",
            "",
            "getThing",
        ),
        ("style: deepObject", "style: form", "", "", "getThing"),
        ("", "", "format = \"full\"", "format = \"raw\"", "find"),
        ("", "", "max_items = 2", "max_items = 3", "list_ids"),
    ];
    for (from_document, to_document, from, to, tool) in rows {
        let row = format!("{to_document}{to}");
        assert!(DOCUMENT.contains(from_document) && configuration.contains(from));
        write(
            &folder,
            &configuration.replacen(from, to, 1),
            &DOCUMENT.replacen(from_document, to_document, 1),
        );
        let built = hosting.build(&folder, None).unwrap();
        assert_eq!(built["quarantined"], json!([tool]), "{row}");
    }
    // The server decides as the build does: the last change is that of `list_ids`.
    let upstream = Upstream::start(answer);
    let variables = [
        ("API_URL", format!("{}/base", upstream.url())),
        ("API_KEY", SECRET.to_owned()),
    ];
    let gateway = hosting.start(&folder, &variables).unwrap();
    let tools = gateway.tools(None);
    let mut names: Vec<_> = tools.iter().map(|tool| &tool["name"]).collect();
    names.sort_by_key(|name| name.to_string());
    assert_eq!(names, ["find", "getThing"]);
    let refused = gateway.endpoint.send(&call("list_ids", json!({}), None));
    refused.error();
    assert!(upstream.received().is_empty());
    let found = gateway.call("find", json!({ "q": "x" }), None);
    assert_eq!(found["structuredContent"]["path"], "/base/find");
}

fn tools_of_an_upstream_that_moves_are_in_quarantine(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", REVIEWED), ("api.yaml", DOCUMENT)]);
    let configuration = approved(hosting, &folder);
    let all = json!(["find", "getThing", "list_ids"]);
    let rows: [(&str, &str, &Value); 6] = [
        ("variable = \"API_URL\"", "variable = \"OTHER_URL\"", &all),
        (
            "{ variable = \"API_URL\" }",
            "\"http://127.0.0.1:9/base\"",
            &all,
        ),
        ("API_KEY", "OTHER_KEY", &all),
        ("X-Api-Key", "X-Other-Key", &all),
        // Not what a request is, or where it goes.
        (
            "private = true",
            "private = true\ntimeout = \"3s\"",
            &json!([]),
        ),
        ("elsewhere.example", "other.example", &json!([])),
    ];
    for (from, to, expected) in rows {
        write(&folder, &configuration, DOCUMENT);
        hosting.build(&folder, None).unwrap();
        write(&folder, &configuration.replacen(from, to, 1), DOCUMENT);
        let built = hosting.build(&folder, None).unwrap();
        assert_eq!(&built["quarantined"], expected, "{to}");
        for list in ["changed", "same_definition", "destination"] {
            assert_eq!(&built["changes"][list], expected, "{to}: {list}");
        }
    }
}

fn an_environment_whose_approvals_miss_a_tool_is_named(hosting: &Hosting) {
    let configuration = format!(
        "{REVIEWED}\n[environments.other.upstreams.api]\nurl = {{ variable = \"OTHER_URL\" }}\n"
    );
    let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
    let folder = hosting.folder(&files);
    let approve = |arguments: &[&str]| -> Value {
        let arguments = [&["--json", "manifest", "approve", "--write"], arguments].concat();
        let output = hosting.program(&folder, &arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    // The other environment inherits the list, and its tools send their requests elsewhere.
    let approved = approve(&[]);
    let warning = approved["warnings"][0].as_str().unwrap().to_owned();
    for part in ["environment other", "getThing", "--write --env other"] {
        assert!(warning.contains(part), "{warning}");
    }
    let built = hosting.build(&folder, None).unwrap();
    let warnings = built["warnings"].as_array().unwrap();
    assert!(warnings.contains(&json!(warning)), "{built}");
    assert_eq!(built["quarantined"], json!([]));
    assert_eq!(approve(&["--env", "other"])["warnings"], json!([]));
    for environment in [None, Some("other")] {
        let built = hosting.build(&folder, environment).unwrap();
        assert_eq!(built["quarantined"], json!([]), "{environment:?}");
        let warnings = built["warnings"].to_string();
        assert!(!warnings.contains("not approved"), "{warnings}");
    }
}
