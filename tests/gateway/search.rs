//! Upstreams whose tools are found by search.

use mcp_edge_tests::gateway::{Deployed, Hosting, call};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::api::{DOCUMENT, answer, variables};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        three_tools_stand_for_all,
        a_search_finds_what_the_caller_may_call,
        a_call_through_search_is_the_inner_call,
        a_call_through_search_has_a_name_and_arguments_only,
        headers_are_not_for_tools_that_are_found_by_search,
    ]
}

const SEARCHED: &str = r#"
[gateway]
name = "com.example/searched-gateway"

[server]
url = { variable = "MCP_EDGE_URL" }

[issuers.local]
preset = "development"

[[policy]]
name = "readers"
scopes = ["things:read"]
tools = ["api_*", "getThing", "find", "list_ids"]

[upstreams.api]
url = { variable = "API_URL" }
private = true
documents = ["api.yaml"]
allow = ["tag:tests"]
headers = { X-Api-Key = { secret = "API_KEY" } }
expose = "search"

[tools.list_ids]
operation = "GET /list"
"#;

fn searched(hosting: &Hosting) -> Deployed {
    let upstream = Upstream::start(answer);
    let files = [("mcp.toml", SEARCHED), ("api.yaml", DOCUMENT)];
    Deployed {
        gateway: hosting.deploy(&files, &variables(&upstream)),
        upstream,
    }
}

fn three_tools_stand_for_all(hosting: &Hosting) {
    let own = searched(hosting);
    let token = own.gateway.token("ada", &["things:read"]);
    let tools = own.gateway.tools(Some(&token));
    let mut names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["api_call", "api_describe", "api_search"]);
}

fn a_search_finds_what_the_caller_may_call(hosting: &Hosting) {
    let own = searched(hosting);
    let token = own.gateway.token("ada", &["things:read"]);
    let found = own
        .gateway
        .call("api_search", json!({ "query": "thing" }), Some(&token));
    let text = found["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("getThing"), "{text}");
    for hidden in ["putThing", "deleteThing"] {
        assert!(!text.contains(hidden), "{text}");
    }
    let described = own.gateway.call(
        "api_describe",
        json!({ "names": ["getThing", "deleteThing"] }),
        Some(&token),
    );
    let text = described["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("page.size"), "{text}");
    assert!(!text.contains("destructiveHint"), "{text}");
}

fn a_call_through_search_is_the_inner_call(hosting: &Hosting) {
    let own = searched(hosting);
    let token = own.gateway.token("ada", &["things:read"]);
    let inner = |name: &str, arguments: Value| json!({ "name": name, "arguments": arguments });
    let result = own.gateway.call(
        "api_call",
        inner("getThing", json!({ "id": "7" })),
        Some(&token),
    );
    assert_eq!(result["structuredContent"]["path"], "/base/things/7");
    let event = own
        .gateway
        .events
        .of_tool("getThing", |event| event["outcome"] == "ok");
    assert_eq!(event["rule"], "readers", "{event}");
    // There is no other way to it, so that the event need not tell which way it was.
    let direct = call("getThing", json!({ "id": "7" }), Some(&token));
    let refused = own.gateway.endpoint.send(&direct);
    let (_, code, message) = refused.error();
    assert_eq!(code, -32602, "{message}");
    assert!(message.contains("through `api_call`"), "{message}");
    // Only a caller who may know of the operation is told.
    let direct = call("deleteThing", json!({ "id": "7" }), Some(&token));
    let refused = own.gateway.endpoint.send(&direct);
    let (_, code, message) = refused.error();
    assert_eq!(code, -32602, "{message}");
    assert!(!message.contains("api_call"), "{message}");
    // What the policy does not allow is not there, whatever tool asks for it.
    let refused = own.gateway.endpoint.send(&call(
        "api_call",
        inner("deleteThing", json!({ "id": "7" })),
        Some(&token),
    ));
    refused.error();
    let error = own.gateway.call(
        "api_call",
        inner("getThing", json!({ "id": "../x" })),
        Some(&token),
    );
    assert_eq!(error["isError"], true, "{error}");
    assert_eq!(own.upstream.received().len(), 1);
}

fn a_call_through_search_has_a_name_and_arguments_only(hosting: &Hosting) {
    let own = searched(hosting);
    let token = own.gateway.token("ada", &["things:read"]);
    let arguments = json!({ "name": "getThing", "arguments": { "id": "7" }, "tenant": "b" });
    let answer = own
        .gateway
        .endpoint
        .send(&call("api_call", arguments, Some(&token)));
    let text = answer.response().to_string();
    assert!(text.contains("tenant"), "{text}");
    assert!(own.upstream.received().is_empty());
}

fn headers_are_not_for_tools_that_are_found_by_search(hosting: &Hosting) {
    let configuration = format!(
        "{SEARCHED}\n[tools.getThing]\noperation = \"getThing\"\nheaders = {{ id = \"Thing\" }}\n"
    );
    let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
    let folder = hosting.folder(&files);
    let error = hosting.build(&folder, None).unwrap_err();
    assert!(
        error.contains("tools.getThing.headers") && error.contains("`api_call`"),
        "{error}"
    );
}
