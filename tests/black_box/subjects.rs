//! What a request names is resolved once: the policy, the handler, the event and `[[capture]]` agree on it.

use mcp_edge_audit::digest::sha256;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, legacy, modern, tests};
use serde_json::{Value, json};

/// Fits two templates of tests/guarded-server. Only the tenant `acme` sees the first.
const DESK: &str = "guarded://desk/7";
const OF_ACME: &str = "guarded://desk/{id}";
const OF_READERS: &str = "guarded://desk/{+path}";
const LEGACY: &str = "2025-11-25";

pub fn tests() -> Vec<Test> {
    tests![
        an_event_names_the_template_that_was_read,
        events_of_completions_and_subscriptions_name_what_they_are_about,
    ]
}

fn readers() -> [(&'static str, Value, &'static str, &'static str); 2] {
    let globex = json!({ "sub": "reader", "tenant": "globex", "scope": "mcp:read" });
    let acme = json!({ "sub": "ada", "scope": "mcp:read" });
    [
        ("globex", globex, OF_READERS, "readers"),
        ("acme", acme, OF_ACME, "acme"),
    ]
}

fn an_event_names_the_template_that_was_read(servers: &Servers) {
    let server = servers.guarded();
    for (tenant, claims, template, rule) in readers() {
        let client = format!("desk-{tenant}");
        let request = modern("resources/read", json!({ "uri": DESK })).client(&client);
        let answer = server.endpoint.send(&request.bearer(&server.token(claims)));
        let text = answer.result()["contents"][0]["text"].as_str().unwrap();
        let event = server.events.of_client(&client);
        assert_eq!(event["name"], template, "{event}");
        assert_eq!(event["rule"], rule, "{event}");
        // `[[capture]]` names the template for readers only.
        let recorded = template == OF_READERS;
        assert_eq!(recorded, text == "the desk, 7", "{text}");
        for (member, word) in [("arguments", DESK), ("result", text)] {
            let content = event[member]["content"].as_str();
            assert_eq!(content.is_some(), recorded, "{event}");
            assert!(
                content.is_none_or(|content| content.contains(word)),
                "{event}"
            );
        }
    }
}

fn events_of_completions_and_subscriptions_name_what_they_are_about(servers: &Servers) {
    let server = servers.guarded();
    let of = |kind: &str, member: &str, name: &str, argument: &str| {
        let params = json!({
            "ref": { "type": kind, member: name },
            "argument": { "name": argument, "value": "" },
        });
        modern("completion/complete", params)
    };
    let prompt = |name: &str| of("ref/prompt", "name", name, "rule");
    let template = |uri: &str| of("ref/resource", "uri", uri, "path");
    let old = |method: &str, uri: &str| legacy(LEGACY, method, json!({ "uri": uri }));
    let [(_, claims, ..), _] = readers();
    let token = server.token(claims);
    let [complete, subscribe, unsubscribe] = [
        "completion/complete",
        "resources/subscribe",
        "resources/unsubscribe",
    ];
    let cases: [(&str, Request, &str, bool); 7] = [
        (
            complete,
            prompt("review_for_readers"),
            "review_for_readers",
            true,
        ),
        (complete, prompt("nothing"), "nothing", false),
        (complete, template(OF_READERS), OF_READERS, true),
        (
            complete,
            template("guarded://nothing/{id}"),
            "guarded://nothing/{id}",
            false,
        ),
        (subscribe, old(subscribe, DESK), OF_READERS, true),
        (unsubscribe, old(unsubscribe, DESK), OF_READERS, true),
        (
            subscribe,
            old(subscribe, "guarded://nothing"),
            "guarded://nothing",
            false,
        ),
    ];
    for (method, request, name, is_there) in cases {
        let digest = sha256(name.as_bytes());
        let request = request.bearer(&token);
        assert_eq!(server.endpoint.send(&request).status, 200, "{name}");
        let events = server.events.wait(1, |event| {
            event["method"] == method
                && (event["name"] == name || event["name_sha256"] == digest.as_str())
        });
        let event = events.last().unwrap();
        let (known, unknown) = (event["name"].as_str(), event["name_sha256"].as_str());
        assert_eq!(known, is_there.then_some(name), "{event}");
        assert_eq!(unknown, (!is_there).then_some(digest.as_str()), "{event}");
        for said in ["arguments", "result"] {
            assert!(event[said].get("content").is_none(), "{event}");
        }
    }
}
