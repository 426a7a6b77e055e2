//! What is known of a server without connecting to it. `MCP_EDGE_BLESS=1` writes the golden files again.

use std::path::Path;

use mcp_edge::config::Algorithm;
use mcp_edge::config::{
    Approvals, Card, Configuration, Issuer, Page, Settings, SigningKeysSecret, TextSetting,
};
use mcp_edge::discovery::manifest::digest;
use mcp_edge::prelude::*;
use mcp_edge::{BuildError, Server};
use serde_json::{Value, json};

use super::host::{PUBLIC, ask_of, client, get, get_as};

/// A server that has everything that a card can say.
const WHOLE: Configuration = Configuration {
    base: Settings {
        server: mcp_edge::config::Server {
            url: Some(TextSetting::Literal("https://rules.example.com/mcp")),
        },
        card: Card {
            description: Some("Tests rules against payments"),
            repository: Some("https://github.com/example/rules"),
            icons: &["https://rules.example.com/icon.svg"],
            legacy_paths: true,
            ..Settings::DEFAULT.card
        },
        audit: mcp_edge::config::Audit {
            signing_keys: Some(SigningKeysSecret::in_secret("MCP_EDGE_AUDIT_KEYS")),
            ..PUBLIC.audit
        },
        ..PUBLIC
    },
    environments: &[],
};

/// The same, where no client may find it.
const HIDDEN: Configuration = Configuration {
    base: Settings {
        page: Page { publish: None },
        card: Card {
            publish: None,
            ..WHOLE.base.card
        },
        ..WHOLE.base
    },
    environments: &[],
};

/// The same, with a tool whose definition is not approved.
const CHANGED: Configuration = Configuration {
    base: Settings {
        approvals: Approvals {
            tools: &["sha256:b8fe42ab73b655b80f3b06eadec1c801439777aef27002e3f4b65d66858ce219"],
        },
        ..WHOLE.base
    },
    environments: &[],
};

/// The same, behind a proxy that signs people in.
const PROXIED: Configuration = Configuration {
    base: Settings {
        issuers: &[Issuer {
            name: "proxy",
            url: TextSetting::Literal("https://access.example.com"),
            algorithms: &[Algorithm::RS256],
            header: Some("cf-access-jwt-assertion"),
            ..Issuer::DEFAULT
        }],
        ..WHOLE.base
    },
    environments: &[],
};

/// Counts the rules.
#[tool(read_only)]
async fn count_rules() -> Result<String, ToolError> {
    Ok("2".to_owned())
}

/// Deletes a rule.
#[tool]
async fn delete_rule() -> Result<String, ToolError> {
    Ok("deleted".to_owned())
}

/// Every rule there is.
#[resource(uri = "rules://all", mime_type = "text/plain")]
async fn all_rules() -> Result<String, RequestError> {
    Ok("one, two".to_owned())
}

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/rules", "1.2.0")
        .title("Rules")
        .website("https://example.com/rules")
        .instructions("Count before you delete.")
        .tool(count_rules)
        .tool(delete_rule)
        .resource(all_rules)
        .build()
}

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&path, text).expect("a golden file");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, known, "{name}; MCP_EDGE_BLESS=1 writes it again");
}

fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).expect("JSON");
    format!("{value:#}\n")
}

#[test]
fn the_documents_are_what_they_were() {
    let client = client(server(), WHOLE.base);
    for (path, name) in [
        ("/mcp/server-card", "server-card.json"),
        ("/.well-known/ai-catalog.json", "ai-catalog.json"),
        ("/mcp/manifest", "manifest.json"),
    ] {
        let (status, text) = get(&client, path);
        assert_eq!(status, 200, "{path}");
        golden(name, &pretty(&text));
    }
    let (status, jws) = get(&client, "/mcp/manifest.jws");
    assert_eq!(status, 200);
    golden("manifest.jws", &jws);
    let (status, page) = get_as(&client, "/mcp", "text/html");
    assert_eq!(status, 200);
    golden("page.html", &page);
}

#[test]
fn the_card_at_legacy_paths_is_the_same() {
    let client = client(server(), WHOLE.base);
    let card = get(&client, "/mcp/server-card");
    for path in [
        "/.well-known/mcp/server-card.json",
        "/.well-known/mcp/server-card",
        "/.well-known/mcp.json",
    ] {
        assert_eq!(get(&client, path), card, "{path}");
    }
}

#[test]
fn a_server_that_is_not_discoverable_has_no_card() {
    let client = client(server(), HIDDEN.base);
    for path in [
        "/mcp/server-card",
        "/.well-known/ai-catalog.json",
        "/.well-known/mcp.json",
    ] {
        assert_eq!(get(&client, path).0, 404, "{path}");
    }
    assert_eq!(get(&client, "/mcp/manifest").0, 200);
    assert_eq!(get_as(&client, "/mcp", "text/html").0, 405);
}

#[test]
fn a_page_tells_those_who_sign_in_at_a_proxy() {
    let client = client(server(), PROXIED.base);
    let (status, page) = get_as(&client, "/mcp", "text/html");
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains("<dd>with an access token from the operator of the server</dd>"),
        "{page}"
    );
    assert!(page.contains("Sign in with a client to see it."), "{page}");
}

#[test]
fn what_a_page_shows_stays_text() {
    let title = "<img src=x onerror=alert(1)>\"'&";
    let server = Server::builder("com.example/rules", "1.2.0")
        .title(title)
        .website("javascript:alert(1)")
        .build();
    let client = client(server, WHOLE.base);
    let (_, page) = get_as(&client, "/mcp", "text/html");
    assert!(!page.contains("<img"), "{page}");
    assert!(!page.contains("javascript:"), "{page}");
    assert!(
        page.contains("&#60;img src=x onerror=alert(1)&#62;&#34;&#39;&#38;</h1>"),
        "{page}"
    );
}

#[test]
fn what_is_not_approved_is_in_quarantine() {
    let everything = ask_of(&client(server(), WHOLE.base), "tools/list", json!({}));
    let approved = &everything["tools"][0];
    assert_eq!(
        CHANGED.base.approvals.tools,
        [digest(approved)],
        "the digest of the tool above"
    );

    let client = client(server(), CHANGED.base);
    let listed = ask_of(&client, "tools/list", json!({}));
    assert_eq!(listed["tools"], json!([approved]));
    assert_ne!(listed["_meta"], everything["_meta"]);
    let called = ask_of(&client, "tools/call", json!({ "name": "count_rules" }));
    assert_eq!(called["content"][0]["text"], "2");
    let refused = ask_of(&client, "tools/call", json!({ "name": "delete_rule" }));
    let unknown = ask_of(&client, "tools/call", json!({ "name": "no_such_tool" }));
    assert_eq!(refused["error"], unknown["error"]);
    let manifest = get(&client, "/mcp/manifest").1;
    assert!(!manifest.contains("delete_rule"), "{manifest}");
    assert!(manifest.contains("rules://all"), "{manifest}");
}
