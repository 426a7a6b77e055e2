//! Servers whose keys are missing or wrong serve no request, and tell only their operators what to change.

use mcp_edge_tests::modern;
use mcp_edge_tests::suite::Test;
use serde_json::json;
use xtask::host::Host;

/// A secret that must not be shown, not even in a complaint about it.
const SECRET: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const OTHER: &str = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

pub fn tests() -> Vec<Test> {
    [
        ("no keys", String::new(), "openssl rand -base64 32"),
        (
            "no key that signs",
            format!("k1:next:{SECRET}"),
            "no key of the keyring signs",
        ),
        (
            "two keys that sign",
            format!("k1:sign:{SECRET} k2:sign:{OTHER}"),
            "both sign",
        ),
        (
            "a key without a stage",
            format!("k1:{SECRET}"),
            "MCP_EDGE_KEYS is not a keyring",
        ),
        (
            "one key twice",
            format!("k1:sign:{SECRET} k2:next:{SECRET}"),
            "`k2` is the same secret as key `k1`",
        ),
        (
            "a key of zeros",
            format!("k1:sign:{}", "A".repeat(43)),
            "`k1` can be guessed",
        ),
        (
            "a password",
            "k1:sign:Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSwgZm91ciB3b3Jkcw==".to_owned(),
            "`k1` can be guessed",
        ),
        (
            "a key that is too short",
            "k1:sign:c2VjcmV0".to_owned(),
            "`k1`",
        ),
    ]
    .into_iter()
    .map(|(name, keys, sentence)| {
        Test::new(format!("keys: {name}"), move |servers| {
            let complaint = match servers.fixture_with_keys(&keys) {
                Err(refused) => {
                    let refused = format!("{refused:#}");
                    let host = servers.host;
                    assert_eq!(
                        host,
                        Host::Native,
                        "the edge has no start to refuse: {refused}"
                    );
                    refused
                }
                Ok(server) => {
                    let answer = server.endpoint.send(&modern("tools/list", json!({})));
                    let (status, code, message) = answer.error();
                    assert_eq!((status, code), (500, -32603));
                    assert!(!message.contains(sentence), "{message}");
                    server
                        .events
                        .wait(1, |event| event["reason"] == "misconfigured");
                    server.events.text()
                }
            };
            assert!(complaint.contains(sentence), "{complaint}");
            assert!(!complaint.contains(SECRET));
        })
    })
    .collect()
}
