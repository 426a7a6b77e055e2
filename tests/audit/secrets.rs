//! A server whose secrets or URLs an attacker can use serves no request, and names what to change to its operator alone.

use mcp_edge_tests::audited::{EVIDENCE, Hosting, WEBHOOK_SECRET};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests, tokens};
use serde_json::json;
use xtask::host::Host;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        one_secret_for_two_purposes_is_refused,
        keys_that_can_be_guessed_are_refused,
        plain_http_is_refused_except_on_this_machine,
    ]
}

/// Starts a server that must not serve. What its operator is told has all of `sentences` in it, and none of the secrets.
fn refuses(hosting: &Hosting, environment: &str, variable: (&str, &str), sentences: &[&str]) {
    let (name, value) = variable;
    let nowhere = "http://127.0.0.1:9/".to_owned();
    let mut variables = ["TEST_RECORDER", "TEST_OTHER", "TEST_WEBHOOK"]
        .map(|name| (name, nowhere.clone()))
        .to_vec();
    variables.retain(|(known, _)| *known != name);
    variables.push((name, value.to_owned()));
    let started = hosting.try_server(environment, &variables);
    let told = match started {
        Err(refused) => {
            assert_eq!(
                hosting.host,
                Host::Native,
                "the edge has no start to refuse"
            );
            format!("{refused:#}")
        }
        Ok(server) => {
            let answer = server.endpoint.send(&modern("tools/list", json!({})));
            let (status, code, message) = answer.error();
            assert_eq!((status, code), (500, -32603), "{name}={value}");
            assert!(!message.contains(name), "{message}");
            server
                .events
                .wait(1, |event| event["reason"] == "misconfigured");
            server.events.text()
        }
    };
    for sentence in sentences {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    for secret in value.split([' ', ':', '_']).filter(|part| part.len() > 20) {
        let secret = secret.trim_end_matches('=');
        assert!(
            value.starts_with("http") || !told.contains(secret),
            "{told}"
        );
    }
}

fn one_secret_for_two_purposes_is_refused(hosting: &Hosting) {
    let key = |text: &str| text.rsplit(':').next().unwrap().to_owned();
    let both = ["MCP_EDGE_KEYS", "MCP_EDGE_AUDIT_KEYS"];
    let audit = |text: &str| refuses(hosting, "", ("MCP_EDGE_AUDIT_KEYS", text), &both);
    audit(tokens::KEYS);
    audit(&format!("e9:sign:{}", key(tokens::KEYS)));
    audit(&format!("{EVIDENCE} e9:next:{}", key(tokens::KEYS)));

    let hook = |secret: &str, names: &[&str]| {
        let secret = format!("whsec_{secret}");
        refuses(hosting, "mixed", ("TEST_WEBHOOK_SECRET", &secret), names);
    };
    hook(
        &key(tokens::KEYS),
        &["MCP_EDGE_KEYS", "TEST_WEBHOOK_SECRET"],
    );
    // The published half of a key of evidence.
    let public = key(EVIDENCE);
    hook(&public, &["MCP_EDGE_AUDIT_KEYS", "TEST_WEBHOOK_SECRET"]);
    let token = ("TEST_TOKEN", WEBHOOK_SECRET);
    let names = ["TEST_TOKEN", "TEST_WEBHOOK_SECRET"];
    refuses(hosting, "vendors", token, &names);
}

fn keys_that_can_be_guessed_are_refused(hosting: &Hosting) {
    for key in [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "dGhpcyBzZWVkIGlzIHB1YmxpYyBhbmQgcHJvdmVzIDA=",
    ] {
        let keys = format!("e1:sign:{key}");
        let sentences = ["MCP_EDGE_AUDIT_KEYS", "`e1` can be guessed", "openssl rand"];
        refuses(hosting, "", ("MCP_EDGE_AUDIT_KEYS", &keys), &sentences);
        let secret = format!("whsec_{key}");
        let sentences = ["sinks.failures", "random bytes"];
        refuses(
            hosting,
            "mixed",
            ("TEST_WEBHOOK_SECRET", &secret),
            &sentences,
        );
    }
}

fn plain_http_is_refused_except_on_this_machine(hosting: &Hosting) {
    let url = "http://public.example/mcp";
    let sentences = |key| [key, "must", "https://"];
    refuses(hosting, "", ("MCP_EDGE_URL", url), &sentences("server.url"));
    let recorder = ("TEST_RECORDER", "http://10.0.0.1/");
    refuses(hosting, "required", recorder, &sentences("sinks.receiver"));
}
