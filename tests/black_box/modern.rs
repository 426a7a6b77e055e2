//! Every method of 2026-07-28, served.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{MODERN, modern, notification, schema, tests};
use serde_json::{Value, json};

const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";

pub fn tests() -> Vec<Test> {
    tests![
        the_official_schemas_tell_right_from_wrong,
        discovers,
        lists_are_cacheable_and_steady,
        every_result_names_the_server,
        calls_a_tool,
        arguments_may_be_absent,
        says_which_argument_is_wrong,
        the_error_of_a_tool_is_only_in_the_log,
        output_that_does_not_fit_tells_only_the_log,
        structured_output_is_mirrored_as_text,
        reads_resources,
        a_missing_resource_is_named,
        gets_prompts,
        completes,
        completion_stops_at_a_hundred,
        what_has_no_completion_completes_to_nothing,
        a_subscription_is_acknowledged_and_ended,
        ids_come_back_as_they_are,
        notifications_are_accepted,
        sessions_and_event_ids_are_ignored,
        an_unsupported_revision_is_answered_with_the_supported_ones,
        a_missing_capability_is_named,
    ]
}

fn call(name: &str, arguments: Value) -> mcp_edge_tests::Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// Otherwise no other test would notice a wrong message.
fn the_official_schemas_tell_right_from_wrong(_: &Servers) {
    if !schema::is_there() {
        return;
    }
    for (revision, definition, wrong) in [
        (
            MODERN,
            "ListToolsResult",
            json!({ "tools": [], "resultType": "complete" }),
        ),
        (
            MODERN,
            "JSONRPCErrorResponse",
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": 1, "message": "" } }),
        ),
        (
            "2025-11-25",
            "InitializeResult",
            json!({ "protocolVersion": "2025-11-25" }),
        ),
        ("2025-06-18", "CallToolResult", json!({ "content": {} })),
        (
            "2025-03-26",
            "JSONRPCResponse",
            json!({ "jsonrpc": "2.0", "result": {} }),
        ),
    ] {
        assert!(
            schema::fits(&wrong, revision, definition).is_err(),
            "{wrong}"
        );
    }
}

fn discovers(servers: &Servers) {
    let answer = servers.fixture.send(&modern("server/discover", json!({})));
    let result = answer.result();
    assert_eq!(
        result["supportedVersions"],
        json!([MODERN, "2025-11-25", "2025-06-18", "2025-03-26"])
    );
    assert_eq!(
        result["capabilities"],
        json!({ "tools": {}, "resources": {}, "prompts": {}, "completions": {}, "logging": {} }),
        "nothing that an instance cannot deliver"
    );
    assert!(result["ttlMs"].is_u64());
    assert_eq!(result["cacheScope"], "public");
    assert!(answer.header("mcp-session-id").is_none());
}

fn lists_are_cacheable_and_steady(servers: &Servers) {
    for method in [
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
    ] {
        let first = servers.fixture.send(&modern(method, json!({})));
        let again = servers.fixture.send(&modern(method, json!({})));
        for name in ["tools", "prompts", "resources", "resourceTemplates"] {
            assert_eq!(first.result()[name], again.result()[name]);
        }
        assert!(first.result()["ttlMs"].is_u64(), "{method}");
        assert_eq!(first.result()["cacheScope"], "public", "{method}");
    }
}

fn every_result_names_the_server(servers: &Servers) {
    for request in [
        modern("server/discover", json!({})),
        modern("tools/list", json!({})),
        call("echo", json!({ "text": "hi" })),
        modern("resources/read", json!({ "uri": "fixture://files/a" })),
        modern("prompts/get", json!({ "name": "crowd_000" })),
    ] {
        let answer = servers.fixture.send(&request);
        let server = &answer.result()["_meta"][SERVER_KEY];
        assert_eq!(server["name"], "com.example/fixture");
        assert_eq!(answer.result()["resultType"], "complete");
    }
}

fn calls_a_tool(servers: &Servers) {
    let arguments =
        json!({ "text": "Grüße, 世界 \u{1F980}", "deep": [{ "a": null }], "number": 1e100 });
    let answer = servers.fixture.send(&call("echo", arguments.clone()));
    assert_eq!(answer.result()["structuredContent"], arguments);
    assert!(!answer.is_stream);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.result().get("ttlMs").is_none());
}

fn arguments_may_be_absent(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&modern("tools/call", json!({ "name": "numbers" })));
    assert_eq!(answer.result()["structuredContent"], json!([1, 2, 3]));
}

fn says_which_argument_is_wrong(servers: &Servers) {
    for (arguments, name, expected) in [
        (json!({ "unit": "metre" }), "count", "required"),
        (
            json!({ "unit": "metre", "count": "many" }),
            "count",
            "integer",
        ),
        (json!({ "unit": "metre", "count": 11 }), "count", "10"),
        (json!({ "unit": "metre", "count": 0 }), "count", "1"),
        (json!({ "unit": "mile", "count": 1 }), "unit", "metre"),
        (
            json!({ "unit": "metre", "count": 1, "label": "much too long" }),
            "label",
            "8",
        ),
        (
            json!({ "unit": "metre", "count": 1, "lable": "x" }),
            "lable",
            "",
        ),
    ] {
        let answer = servers.fixture.send(&call("checked", arguments.clone()));
        let sentence = answer.tool_error();
        assert!(sentence.contains(name), "{arguments}: {sentence}");
        assert!(sentence.contains(expected), "{arguments}: {sentence}");
    }
}

fn the_error_of_a_tool_is_only_in_the_log(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&call("fails_inside", json!({})).client("breaks"));
    assert!(!answer.response().to_string().contains("unspeakable detail"));
    assert!(answer.tool_error().contains("log"));
    let event = servers.events.of_client("breaks");
    assert_eq!(event["outcome"], "tool_error");
    assert_eq!(event["detail"], "unspeakable detail");
}

fn output_that_does_not_fit_tells_only_the_log(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&call("broken_output", json!({})).client("wrong-output"));
    assert!(answer.tool_error().contains("log"));
    let event = servers.events.of_client("wrong-output");
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.contains("count"), "{detail}");
}

fn structured_output_is_mirrored_as_text(servers: &Servers) {
    let answer = servers.fixture.send(&call("echo", json!({ "a": 1 })));
    let text: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(text, answer.result()["structuredContent"]);
}

fn reads_resources(servers: &Servers) {
    for (server, uri, member, mime_type) in [
        (
            &servers.fixture,
            "fixture://files/a/b",
            "text",
            "text/plain",
        ),
        (
            &servers.conformance,
            "test://static-binary",
            "blob",
            "image/png",
        ),
    ] {
        let answer = server.send(&modern("resources/read", json!({ "uri": uri })));
        let content = &answer.result()["contents"][0];
        assert_eq!(content["uri"], uri);
        assert_eq!(content["mimeType"], mime_type);
        assert!(!content[member].as_str().unwrap().is_empty());
        assert_eq!(answer.result()["cacheScope"], "public");
        assert!(answer.result()["ttlMs"].is_u64());
    }
}

fn a_missing_resource_is_named(servers: &Servers) {
    for uri in ["fixture://none", "fixture://files/missing"] {
        let answer = servers
            .fixture
            .send(&modern("resources/read", json!({ "uri": uri })));
        assert_eq!(answer.response()["error"]["data"], json!({ "uri": uri }));
    }
}

fn gets_prompts(servers: &Servers) {
    let request = modern(
        "prompts/get",
        json!({ "name": "crowd", "arguments": { "name": "Ada" } }),
    );
    let answer = servers.fixture.send(&request);
    let message = &answer.result()["messages"][0];
    assert!(
        message["content"]["text"].as_str().unwrap().contains("Ada"),
        "{message}"
    );
}

fn complete(reference: Value, argument: &str, value: &str) -> mcp_edge_tests::Request {
    modern(
        "completion/complete",
        json!({ "ref": reference, "argument": { "name": argument, "value": value } }),
    )
}

fn completes(servers: &Servers) {
    let prompt = json!({ "type": "ref/prompt", "name": "crowd" });
    let answer = servers.fixture.send(&complete(prompt, "name", "person-00"));
    let completion = &answer.result()["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 10);
    assert_eq!(completion["hasMore"], false);
}

fn completion_stops_at_a_hundred(servers: &Servers) {
    let prompt = json!({ "type": "ref/prompt", "name": "crowd" });
    let answer = servers.fixture.send(&complete(prompt, "name", ""));
    let completion = &answer.result()["completion"];
    assert_eq!(completion["values"].as_array().unwrap().len(), 100);
    assert_eq!(completion["total"], 120);
    assert_eq!(completion["hasMore"], true);
}

fn what_has_no_completion_completes_to_nothing(servers: &Servers) {
    let template = json!({ "type": "ref/resource", "uri": "fixture://files/{+path}" });
    let answer = servers.fixture.send(&complete(template, "path", "a"));
    assert_eq!(answer.result()["completion"]["values"], json!([]));
}

fn a_subscription_is_acknowledged_and_ended(servers: &Servers) {
    const KEY: &str = "io.modelcontextprotocol/subscriptionId";
    for id in [json!(7), json!("seven")] {
        let wanted =
            json!({ "toolsListChanged": true, "resourceSubscriptions": ["fixture://files/a"] });
        let request = modern("subscriptions/listen", json!({ "notifications": wanted }));
        let answer = servers
            .fixture
            .send(&request.with(|message| message["id"] = id.clone()));
        assert!(answer.is_stream);
        let said: Vec<&Value> = answer.messages().collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert_eq!(
            said[0]["method"],
            "notifications/subscriptions/acknowledged"
        );
        assert_eq!(said[0]["params"]["notifications"], json!({}));
        assert_eq!(said[0]["params"]["_meta"][KEY], id);
        assert_eq!(said[1]["result"]["_meta"][KEY], id);
    }
}

fn ids_come_back_as_they_are(servers: &Servers) {
    for id in [
        json!("a"),
        json!(""),
        json!(0),
        json!(-7),
        json!(9_007_199_254_740_993_u64),
        json!("1"),
    ] {
        let request = modern("tools/list", json!({})).with(|message| message["id"] = id.clone());
        assert_eq!(servers.fixture.send(&request).response()["id"], id);
    }
}

fn notifications_are_accepted(servers: &Servers) {
    for request in [
        notification(MODERN, "notifications/cancelled"),
        notification(MODERN, "no/such"),
        notification("2025-11-25", "notifications/initialized"),
        notification("2025-03-26", "notifications/initialized"),
    ] {
        let answer = servers.fixture.send(&request);
        assert_eq!(answer.status, 202);
        assert!(answer.events.is_empty());
    }
}

fn sessions_and_event_ids_are_ignored(servers: &Servers) {
    let request = modern("tools/list", json!({}))
        .session("forged")
        .header("Last-Event-ID", "7");
    let answer = servers.fixture.send(&request);
    assert!(answer.result()["tools"].is_array());
    assert!(answer.header("mcp-session-id").is_none());
}

fn an_unsupported_revision_is_answered_with_the_supported_ones(servers: &Servers) {
    let request = modern("tools/list", json!({}))
        .meta(
            "io.modelcontextprotocol/protocolVersion",
            json!("2099-01-01"),
        )
        .header("MCP-Protocol-Version", "2099-01-01");
    let answer = servers.fixture.send(&request);
    let discovered = servers.fixture.send(&modern("server/discover", json!({})));
    let data = &answer.response()["error"]["data"];
    assert_eq!(data["requested"], "2099-01-01");
    assert_eq!(data["supported"], discovered.result()["supportedVersions"]);
}

fn a_missing_capability_is_named(servers: &Servers) {
    for (kind, required) in [
        ("form", json!({ "elicitation": { "form": {} } })),
        ("url", json!({ "elicitation": { "url": {} } })),
        ("sampling", json!({ "sampling": {} })),
        ("roots", json!({ "roots": {} })),
    ] {
        let answer = servers.fixture.send(&call("ask", json!({ "kind": kind })));
        assert_eq!(answer.error().1, -32021, "{kind}");
        assert_eq!(
            answer.response()["error"]["data"],
            json!({ "requiredCapabilities": required })
        );
    }
}
