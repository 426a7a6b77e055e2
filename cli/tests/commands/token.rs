//! `mcp-edge token`

use crate::commands::run::Folder;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

fn claims(token: &str) -> Value {
    let part = token.trim().split('.').nth(1).expect("claims");
    let json = Base64UrlUnpadded::decode_vec(part).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}

#[test]
fn a_token_is_all_that_is_on_standard_output() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "token",
        "--scope",
        "fraud:read fraud:simulate",
        "--lifetime",
        "10m",
    ]);
    ended.says(0, &["A token for http://127.0.0.1:8787/mcp, for 10m, to developer: fraud:read fraud:simulate"]);
    let claims = claims(&ended.stdout);
    assert_eq!(claims["aud"], "http://127.0.0.1:8787/mcp");
    assert_eq!(claims["scope"], "fraud:read fraud:simulate");
    let lasts = claims["exp"]
        .as_u64()
        .expect("a time")
        .checked_sub(claims["iat"].as_u64().expect("a time"));
    assert_eq!(lasts, Some(600));
}

#[test]
fn a_token_contains_the_requested_principal() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "token",
        "--audience",
        "http://localhost/mcp",
        "--subject",
        "alice",
        "--client",
        "console",
        "--tenant",
        "acme",
        "--role",
        "analyst",
        "--role",
        "lead",
        "--group",
        "fraud",
        "--json",
    ]);
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    let answer: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let claims = claims(answer["access_token"].as_str().expect("a token"));
    for (name, expected) in [
        ("iss", json!("http://localhost/mcp-edge-dev")),
        ("aud", json!("http://localhost/mcp")),
        ("sub", json!("alice")),
        ("client_id", json!("console")),
        ("tenant", json!("acme")),
        ("roles", json!(["analyst", "lead"])),
        ("groups", json!(["fraud"])),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
}

#[test]
fn the_published_keys_stay_the_same_and_are_public() {
    let folder = Folder::new();
    let first = folder.run(&["token", "--jwks"]);
    let keys: Value = serde_json::from_str(&first.stdout).expect("JSON");
    assert_eq!(keys["keys"][0]["kty"], "OKP");
    assert_eq!(keys["keys"][0]["d"], Value::Null);
    assert_eq!(folder.run(&["token", "--jwks"]).stdout, first.stdout);
    assert_eq!(folder.read(".mcp-edge/.gitignore"), "*\n");
}

#[test]
fn an_untrusted_issuer_is_reported() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        "[server]\nurl = \"http://127.0.0.1:8787/mcp\"\n",
    );
    folder.run(&["token"]).says(
        0,
        &[
            "A token for http://127.0.0.1:8787/mcp, for 1h, to developer: no scopes",
            "mcp.toml does not trust this issuer; add [environments.dev.issuers.local]",
        ],
    );
}

#[test]
fn a_token_that_cannot_be_made_has_status_2() {
    let folder = Folder::new();
    folder
        .run(&["token", "--lifetime", "25h"])
        .says(2, &["invalid value '25h' for '--lifetime <TIME>': write a time of at most 24h, as 90s, 10m or 2h"]);
    folder.run(&["token", "--env", "staging"]).says(
        2,
        &["there is no environment `staging`; there are: dev, public"],
    );
    folder.write("mcp.toml", "");
    folder.run(&["token"]).says(2, &["it is not known which server the token is for; set server.url in mcp.toml, or name it with"]);
}
