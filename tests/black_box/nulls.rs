//! An optional member that is `null` counts as absent. What is required and `null` is missing: the tables of refusals have it.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{MODERN, Request, legacy, modern, tests};
use serde_json::{Value, json};

const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";
const LEVEL_KEY: &str = "io.modelcontextprotocol/logLevel";

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        a_null_answer_is_absent,
        a_null_state_is_absent,
        a_null_client_has_no_name,
        null_parameters_are_absent,
        a_null_mode_is_absent,
        only_an_object_declares_a_capability,
    ];
    for (name, request) in optional() {
        tests.push(Test::new(format!("nulls: {name}"), move |servers| {
            let answer = servers.fixture.send(&request);
            assert_ne!(answer.result()["isError"], true, "{}", answer.response());
        }));
    }
    tests
}

/// Each with one optional member that is `null`.
#[rustfmt::skip]
fn optional() -> Vec<(String, Request)> {
    let completing = |context: Value| json!({
        "ref": { "type": "ref/prompt", "name": "crowd" },
        "argument": { "name": "name", "value": "p" },
        "context": context,
    });
    let mut requests = Vec::new();
    for revision in [MODERN, "2025-11-25", "2025-06-18", "2025-03-26"] {
        let request = |method: &str, params: Value| match revision {
            MODERN => modern(method, params),
            _ => legacy(revision, method, params),
        };
        for (name, request) in [
            ("a cursor", request("tools/list", json!({ "cursor": null }))),
            ("the cursor of a list of prompts", request("prompts/list", json!({ "cursor": null }))),
            ("arguments", request("tools/call", json!({ "name": "crowd_000", "arguments": null }))),
            ("a prompt's arguments", request("prompts/get", json!({ "name": "crowd_000", "arguments": null }))),
            ("a prompt's unknown argument", request("prompts/get", json!({ "name": "crowd_000", "arguments": { "a": null } }))),
            ("a progress token", request("tools/list", json!({})).meta("progressToken", Value::Null)),
            ("a trace", request("tools/list", json!({})).meta("traceparent", Value::Null)),
            ("a context", request("completion/complete", completing(Value::Null))),
            ("a context's arguments", request("completion/complete", completing(json!({ "arguments": null })))),
            ("a known argument", request("completion/complete", completing(json!({ "arguments": { "a": null } })))),
        ] {
            requests.push((format!("{revision}: {name}"), request));
        }
    }
    let list = || modern("tools/list", json!({}));
    let initialize = |info: Value, capabilities: Value| legacy("2025-11-25", "initialize", json!({
        "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": info,
    }));
    requests.push(("a level".to_owned(), list().meta(LEVEL_KEY, Value::Null)));
    requests.push((
        "a client's title".to_owned(),
        list().meta(CLIENT_KEY, json!({ "name": "a", "version": "1", "title": null, "websiteUrl": null })),
    ));
    requests.push((
        "a legacy client's title and its capability".to_owned(),
        initialize(json!({ "name": "a", "version": "1", "title": null }), json!({ "roots": null })),
    ));
    requests.push((
        "a legacy `_meta`".to_owned(),
        legacy("2025-11-25", "tools/list", json!({ "_meta": null })),
    ));
    requests
}

fn ask(kind: &str) -> Request {
    let call = json!({ "name": "ask", "arguments": { "kind": kind } });
    modern("tools/call", call).capabilities(json!({ "elicitation": {}, "roots": {} }))
}

/// The question of a result that is one, and its state.
fn asked(servers: &Servers, request: &Request) -> (String, Value) {
    let answer = servers.fixture.send(request);
    let result = answer.result();
    let questions = result["inputRequests"].as_object().unwrap();
    let name = questions.keys().next().unwrap().clone();
    let message = questions[&name]["params"]["message"].as_str();
    assert!(
        !message.unwrap_or_default().contains("did not fit"),
        "{result}"
    );
    (name, result["requestState"].clone())
}

fn a_null_answer_is_absent(servers: &Servers) {
    let (name, state) = asked(servers, &ask("form"));
    for responses in [Value::Null, json!({ name.as_str(): null })] {
        let again = ask("form")
            .param("requestState", state.clone())
            .param("inputResponses", responses);
        assert_eq!(asked(servers, &again).0, name);
    }
}

fn a_null_state_is_absent(servers: &Servers) {
    asked(servers, &ask("form").param("requestState", Value::Null));
}

fn a_null_client_has_no_name(servers: &Servers) {
    let call =
        modern("tools/call", json!({ "name": "describe_client" })).meta(CLIENT_KEY, Value::Null);
    let answer = servers.fixture.send(&call);
    assert_eq!(answer.result()["structuredContent"]["name"], Value::Null);
}

fn null_parameters_are_absent(servers: &Servers) {
    let ping = legacy("2025-11-25", "ping", Value::Null);
    assert_eq!(servers.fixture.send(&ping).result(), &json!({}));
}

fn a_null_mode_is_absent(servers: &Servers) {
    let request = ask("form").capabilities(json!({ "elicitation": { "url": null } }));
    asked(servers, &request);
}

fn only_an_object_declares_a_capability(servers: &Servers) {
    for wrong in [Value::Null, json!(true), json!("form")] {
        for (kind, capabilities) in [
            ("form", json!({ "elicitation": wrong })),
            ("form", json!({ "elicitation": { "form": wrong } })),
            (
                "form",
                json!({ "elicitation": { "url": {}, "form": wrong } }),
            ),
            (
                "url",
                json!({ "elicitation": { "form": {}, "url": wrong } }),
            ),
            ("sampling", json!({ "sampling": wrong })),
            ("roots", json!({ "roots": wrong })),
        ] {
            let request = ask(kind).capabilities(capabilities.clone());
            let answer = servers.fixture.send(&request);
            assert_eq!(answer.error().1, -32021, "{capabilities}");
        }
    }
}
