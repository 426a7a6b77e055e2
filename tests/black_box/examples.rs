//! The examples, as their README files tell them.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, legacy, modern, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    tests![
        fraud_rules_judges_with_progress,
        fraud_rules_wants_the_region_in_a_header,
        fraud_rules_names_the_file_of_its_rules,
        fraud_rules_simulates_over_two_rounds,
        fraud_rules_shows_its_rules,
        fraud_rules_completes_them,
        conformance_has_each_kind_of_content,
    ]
}

fn evaluate(rule: &str) -> Request {
    let arguments = json!({ "rule": rule, "region": "EU" });
    modern(
        "tools/call",
        json!({ "name": "evaluate_rule", "arguments": arguments }),
    )
    .header("Mcp-Param-Region", "EU")
}

fn fraud_rules_judges_with_progress(servers: &Servers) {
    let request = evaluate("large-amount").meta("progressToken", json!("p"));
    let answer = servers.fraud_rules.send(&request);
    let said = answer.notifications("notifications/progress");
    let last = said.last().unwrap();
    assert_eq!(last["progress"], last["total"]);
    let verdict = &answer.result()["structuredContent"];
    assert_eq!(verdict["action"], "review");
    assert!(!verdict["outcome"]["caught"].as_array().unwrap().is_empty());
    let text: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(&text, verdict);
}

fn fraud_rules_wants_the_region_in_a_header(servers: &Servers) {
    let without = evaluate("large-amount").without("Mcp-Param-Region");
    let answer = servers.fraud_rules.send(&without);
    let (status, code, message) = answer.error();
    assert_eq!((status, code), (400, -32020), "{message}");
}

fn fraud_rules_names_the_file_of_its_rules(servers: &Servers) {
    let answer = servers.fraud_rules.send(&evaluate("no-such-rule"));
    assert!(
        answer.tool_error().contains("rules://all"),
        "{}",
        answer.tool_error()
    );
}

fn fraud_rules_simulates_over_two_rounds(servers: &Servers) {
    let call = json!({ "name": "simulate_rule_change", "arguments": { "rule": "large-amount" } });
    let request = modern("tools/call", call.clone()).capabilities(json!({ "elicitation": {} }));
    let mut answer = servers.fraud_rules.send(&request);
    for (key, content) in [
        ("threshold", json!({ "threshold": 500 })),
        ("confirm", json!({ "propose": true })),
    ] {
        assert!(
            answer.result()["inputRequests"][key].is_object(),
            "{}",
            answer.result()
        );
        let next = request
            .clone()
            .param("requestState", answer.result()["requestState"].clone())
            .param(
                "inputResponses",
                json!({ key: { "action": "accept", "content": content } }),
            );
        answer = servers.fraud_rules.send(&next);
    }
    let change = &answer.result()["structuredContent"];
    assert_eq!(change["new_threshold"].as_f64(), Some(500.0));
    assert_eq!(change["proposed"], true);

    let old = servers
        .fraud_rules
        .send(&legacy("2025-11-25", "tools/call", call));
    assert!(old.tool_error().contains("2026-07-28"));
}

fn fraud_rules_shows_its_rules(servers: &Servers) {
    for uri in ["rules://all", "rules://large-amount"] {
        let answer = servers
            .fraud_rules
            .send(&modern("resources/read", json!({ "uri": uri })));
        let text = answer.result()["contents"][0]["text"].as_str().unwrap();
        assert!(text.contains("large-amount"), "{text}");
    }
    let none = modern("resources/read", json!({ "uri": "rules://none" }));
    assert_eq!(servers.fraud_rules.send(&none).error().1, -32602);
    let review = json!({ "name": "review_rule", "arguments": { "rule": "large-amount" } });
    let answer = servers.fraud_rules.send(&modern("prompts/get", review));
    assert_eq!(answer.result()["messages"].as_array().unwrap().len(), 2);
}

fn fraud_rules_completes_them(servers: &Servers) {
    for (reference, argument) in [
        (
            json!({ "type": "ref/prompt", "name": "review_rule" }),
            "rule",
        ),
        (
            json!({ "type": "ref/resource", "uri": "rules://{id}" }),
            "id",
        ),
    ] {
        let params = json!({ "ref": reference, "argument": { "name": argument, "value": "la" } });
        let answer = servers
            .fraud_rules
            .send(&modern("completion/complete", params));
        assert_eq!(
            answer.result()["completion"]["values"],
            json!(["large-amount"])
        );
    }
}

fn conformance_has_each_kind_of_content(servers: &Servers) {
    let call = |name: &str| {
        servers
            .conformance
            .send(&modern("tools/call", json!({ "name": name })))
    };
    let mixed = call("test_multiple_content_types");
    let kinds: Vec<&Value> = mixed.result()["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["type"])
        .collect();
    assert_eq!(kinds, ["text", "image", "resource"]);
    assert_eq!(
        call("test_audio_content").result()["content"][0]["mimeType"],
        "audio/wav"
    );
}
