//! Rules whose conditions cannot be evaluated: because the token does not tell, because there are no arguments yet, or
//! because it takes too much work. None of them allows.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Guarded, Request, modern, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    tests![
        groups_that_a_token_replaces_by_a_reference_deny,
        a_denied_command_is_denied_at_any_length,
        a_prompt_for_certain_arguments_is_not_completed,
    ]
}

/// The claims of an operator, with others.
fn operator(more: Value) -> Value {
    let mut claims = json!({ "sub": "op", "tenant": "globex", "roles": ["operator"] });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn run(command: &str) -> Request {
    modern(
        "tools/call",
        json!({ "name": "shell_run", "arguments": { "command": command } }),
    )
}

/// Whether the tool is in the list of a caller with these claims.
fn is_listed(server: &Guarded, token: &str) -> bool {
    let mut params = json!({});
    loop {
        let answer = server
            .endpoint
            .send(&modern("tools/list", params).bearer(token));
        let result = answer.result();
        let tools = result["tools"].as_array().unwrap();
        if tools.iter().any(|tool| tool["name"] == "shell_run") {
            return true;
        }
        match result.get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return false,
        }
    }
}

fn groups_that_a_token_replaces_by_a_reference_deny(servers: &Servers) {
    let server = servers.guarded();
    for (place, claims, allowed) in [
        (1, json!({}), true),
        (2, json!({ "groups": ["staff"] }), true),
        (3, json!({ "groups": ["staff", "contractors"] }), false),
        (4, json!({ "_claim_names": { "groups": "src1" } }), false),
        (5, json!({ "hasgroups": true }), false),
        (6, json!({ "hasgroups": "true", "groups": null }), false),
        (7, json!({ "_claim_names": { "address": "src1" } }), true),
    ] {
        let client = format!("unknown-groups-{place}");
        let token = server.token(operator(claims.clone()));
        let answer = server
            .endpoint
            .send(&run("ls").bearer(&token).client(&client));
        assert_eq!(is_listed(server, &token), allowed, "{claims}");
        let event = server.events.of_client(&client);
        if allowed {
            assert_eq!(answer.text(), "ran 2 bytes", "{claims}");
            assert_eq!(event["rule"], "operators", "{event}");
        } else {
            let (status, code, _) = answer.error();
            assert_eq!((status, code), (200, -32602), "{claims}");
            assert_eq!(event["decision"], "deny", "{event}");
            assert_eq!(event["rule"], "no contractors", "{event}");
        }
    }
}

fn a_denied_command_is_denied_at_any_length(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(operator(json!({})));
    for spaces in [0, 1_000, 125_100, 400_000] {
        let client = format!("long-command-{spaces}");
        let command = format!("rm -rf /{}", " ".repeat(spaces));
        let request = run(&command).bearer(&token).client(&client);
        let answer = server.endpoint.send(&request);
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (200, -32602), "{spaces}: {message}");
        assert!(
            message.contains("does not allow these arguments"),
            "{message}"
        );
        let event = server.events.of_client(&client);
        assert_eq!(event["decision"], "deny", "{event}");
        assert_eq!(event["rule"], "no commands that delete", "{event}");
        assert_eq!(event["reason"], "arguments_not_permitted", "{event}");
    }
    let answer = server.endpoint.send(&run("ls -l").bearer(&token));
    assert_eq!(answer.text(), "ran 5 bytes");
}

fn a_prompt_for_certain_arguments_is_not_completed(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(operator(json!({})));
    let get = |id: &str| {
        let params = json!({ "name": "case_summary", "arguments": { "id": id } });
        server
            .endpoint
            .send(&modern("prompts/get", params).bearer(&token))
    };
    assert!(get("A-1").result()["messages"].is_array());
    assert_eq!(get("SECRET-2").error().1, -32602);

    for typed in ["", "A-", "SECRET"] {
        let client = format!("completing-{typed}");
        let params = json!({
            "ref": { "type": "ref/prompt", "name": "case_summary" },
            "argument": { "name": "id", "value": typed },
        });
        let request = modern("completion/complete", params).bearer(&token);
        let answer = server.endpoint.send(&request.client(&client));
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (200, -32602), "{message}");
        assert!(
            message.contains("does not allow these arguments"),
            "{message}"
        );
        let event = server.events.of_client(&client);
        assert_eq!(event["decision"], "deny", "{event}");
        assert_eq!(event["reason"], "arguments_not_permitted", "{event}");
    }
}
