//! What is known of a server without connecting to it, and that it agrees with what the server says when one connects.

use mcp_edge_audit::digest;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Guarded, MODERN, Raw, Request, legacy, modern, post, schema, tests};
use serde_json::{Value, json};

const CARD: &str = "/mcp/server-card";
const CATALOG: &str = "/.well-known/ai-catalog.json";
const MANIFEST: &str = "/mcp/manifest";
const META: &str = "mcp-edge/manifest";

/// What the guarded server has for those who prove nothing, and what it has besides.
const PUBLIC: [&str; 3] = ["about", "welcome", "guarded://welcome"];
const PRIVATE: [&str; 4] = ["read_rule", "pay", "delete_rule", "guarded://notes"];

pub fn tests() -> Vec<Test> {
    tests![
        the_card_matches_the_server,
        the_catalog_leads_to_the_card,
        documents_are_only_to_be_read,
        what_is_known_is_not_sent_again,
        nothing_private_is_published,
        a_manifest_is_what_its_reader_may_see,
        lists_name_the_manifest_that_they_come_from,
        a_manifest_is_guarded_as_lists_are,
        a_server_without_a_public_url_has_no_card,
        the_card_at_legacy_paths_is_off_by_default,
        a_browser_gets_a_page,
        only_a_browser_gets_a_page,
        a_browser_gets_the_page_at_the_root_of_the_host,
    ]
}

fn get(path: &str) -> Request {
    post(json!({})).http_method("GET").path(path).header(
        "Accept",
        "application/mcp-server-card+json, application/json",
    )
}

/// What a browser asks for that shows a page.
fn browse() -> Request {
    get("/mcp").header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
}

fn raw(server: &Guarded, request: &Request) -> Raw {
    server.endpoint.raw(request).unwrap()
}

fn header<'a>(raw: &'a Raw, name: &str) -> Option<&'a str> {
    let found = raw.headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

#[track_caller]
fn document(server: &Guarded, path: &str) -> Value {
    let answer = raw(server, &get(path));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn sha256(text: &str) -> String {
    format!("sha256:{}", digest::sha256(text.as_bytes()))
}

fn the_card_matches_the_server(servers: &Servers) {
    let server = servers.guarded();
    let card = document(server, CARD);
    schema::fits_in(&card, "server-card", "ServerCard").unwrap();

    let answer = server.endpoint.send(&modern("server/discover", json!({})));
    let said = answer.result();
    let info = &said["_meta"]["io.modelcontextprotocol/serverInfo"];
    for member in ["name", "version", "title"] {
        assert_eq!(card[member], info[member], "{member}");
    }
    let [remote] = card["remotes"].as_array().unwrap().as_slice() else {
        panic!("{card}");
    };
    assert_eq!(remote["type"], "streamable-http");
    assert_eq!(remote["url"], server.url());
    assert_eq!(
        remote["supportedProtocolVersions"],
        said["supportedVersions"]
    );
    let metadata = document(server, "/.well-known/oauth-protected-resource/mcp");
    assert_eq!(metadata["resource"], remote["url"]);

    let manifest = raw(server, &get(MANIFEST));
    let named = &card["_meta"][META];
    assert_eq!(named["url"], format!("{}/manifest", server.url()));
    assert_eq!(named["digest"], sha256(&manifest.body));
}

fn the_catalog_leads_to_the_card(servers: &Servers) {
    let server = servers.guarded();
    let answer = raw(server, &get(CATALOG));
    assert_eq!(
        header(&answer, "content-type"),
        Some("application/ai-catalog+json")
    );
    let catalog: Value = serde_json::from_str(&answer.body).unwrap();
    let host = server.endpoint.authority().split(':').next().unwrap();
    assert_eq!(
        catalog,
        json!({
            "specVersion": "1.0",
            "entries": [{
                "identifier": format!("urn:air:{host}:mcp:guarded"),
                "type": "application/mcp-server-card+json",
                "url": format!("{}/server-card", server.url()),
            }],
        })
    );
    let card = raw(server, &get(CARD));
    assert_eq!(
        header(&card, "content-type"),
        catalog["entries"][0]["type"].as_str()
    );
}

fn documents_are_only_to_be_read(servers: &Servers) {
    let server = servers.guarded();
    for path in [CARD, CATALOG] {
        let whole = raw(server, &get(path).header("Origin", "https://any.example"));
        let head = raw(server, &get(path).http_method("HEAD"));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        let preflight = raw(server, &get(path).http_method("OPTIONS"));
        assert_eq!(preflight.status, 204);
        for answer in [&whole, &head, &preflight] {
            for (name, value) in [
                ("access-control-allow-origin", "*"),
                ("access-control-allow-methods", "GET, HEAD"),
                (
                    "access-control-allow-headers",
                    "Content-Type, If-None-Match, *",
                ),
                ("access-control-expose-headers", "ETag"),
            ] {
                assert_eq!(header(answer, name), Some(value), "{path}");
            }
        }
        assert_eq!(
            header(&whole, "cache-control"),
            Some("public, max-age=300"),
            "{path}"
        );
        for method in ["POST", "PUT", "DELETE"] {
            let refused = raw(server, &get(path).http_method(method));
            assert_eq!(refused.status, 405, "{method} {path}");
        }
    }
}

fn what_is_known_is_not_sent_again(servers: &Servers) {
    let server = servers.guarded();
    let documents = [CARD, CATALOG, MANIFEST].map(get);
    for request in documents.into_iter().chain([browse()]) {
        let first = raw(server, &request);
        let etag = header(&first, "etag").unwrap();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        let again = raw(server, &request.clone().header("If-None-Match", etag));
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{request}");
        assert_eq!(header(&again, "etag"), Some(etag));
        let other = raw(
            server,
            &request.clone().header("If-None-Match", "\"other\""),
        );
        assert_eq!((other.status, other.body), (200, first.body), "{request}");
    }
}

fn nothing_private_is_published(servers: &Servers) {
    let server = servers.guarded();
    let all = [get(CARD), get(CATALOG), get(MANIFEST), browse()];
    let all = all.map(|request| raw(server, &request).body);
    for name in PRIVATE {
        assert!(all.iter().all(|text| !text.contains(name)), "{name}");
    }
    for name in PUBLIC {
        assert!(all[2..].iter().all(|text| text.contains(name)), "{name}");
    }
}

fn names(manifest: &Value, list: &str, member: &str) -> Vec<String> {
    let entries = manifest[list].as_array().unwrap().iter();
    entries
        .map(|entry| entry[member].as_str().unwrap().to_owned())
        .collect()
}

/// Every page of a list, and the digest that all of them name.
fn listed(server: &Guarded, token: &str, method: &str, list: &str) -> (Vec<Value>, Value) {
    let (mut items, mut cursor) = (Vec::new(), None);
    loop {
        let params = cursor.map_or(json!({}), |cursor: Value| json!({ "cursor": cursor }));
        let answer = server.endpoint.send(&modern(method, params).bearer(token));
        let result = answer.result();
        items.extend(result[list].as_array().unwrap().iter().cloned());
        let digest = result["_meta"][META].clone();
        match result.get("nextCursor") {
            Some(next) => cursor = Some(next.clone()),
            None => return (items, digest),
        }
    }
}

fn a_manifest_is_what_its_reader_may_see(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(json!({ "scope": "mcp:read" }));
    let answer = raw(server, &get(MANIFEST).bearer(&token));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let manifest: Value = serde_json::from_str(&answer.body).unwrap();
    for (method, list) in [
        ("tools/list", "tools"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
        ("prompts/list", "prompts"),
    ] {
        let (items, digest) = listed(server, &token, method, list);
        assert_eq!(manifest[list], Value::Array(items), "{list}");
        assert_eq!(digest, sha256(&answer.body), "{list}");
    }
    let anonymous = document(server, MANIFEST);
    assert_eq!(names(&anonymous, "tools", "name"), ["about"]);
    assert!(names(&manifest, "tools", "name").contains(&"read_rule".to_owned()));
}

fn lists_name_the_manifest_that_they_come_from(servers: &Servers) {
    let path = MANIFEST;
    let manifest = servers.fixture.raw(&get(path)).unwrap();
    let digest = sha256(&manifest.body);
    for request in [
        modern("tools/list", json!({})),
        modern("prompts/list", json!({})),
        legacy("2025-06-18", "tools/list", json!({})),
        legacy("2025-03-26", "resources/list", json!({})),
    ] {
        let answer = servers.fixture.send(&request);
        assert_eq!(answer.result()["_meta"][META], digest, "{request}");
    }
    let discovered = servers.fixture.send(&modern("server/discover", json!({})));
    assert_eq!(discovered.result()["_meta"].get(META), None);
    let manifest: Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["name"], "com.example/fixture");
    assert!(manifest["tools"].as_array().unwrap().iter().all(|tool| {
        schema::fits(tool, MODERN, "Tool").unwrap();
        tool.get("scopes").is_none()
    }));
}

fn a_manifest_is_guarded_as_lists_are(servers: &Servers) {
    let server = servers.guarded();
    let forged = raw(server, &get(MANIFEST).bearer("not.a.token"));
    assert_eq!(forged.status, 401);
    assert!(header(&forged, "www-authenticate").is_some());
    let anonymous = raw(server, &get(MANIFEST));
    assert_eq!(
        header(&anonymous, "cache-control"),
        Some("private, max-age=300")
    );
    let vary = header(&anonymous, "vary").unwrap_or_default();
    assert!(vary.contains("Authorization"), "{vary}");
    let elsewhere = get(MANIFEST).header("Origin", "https://elsewhere.example");
    assert_eq!(raw(server, &elsewhere).status, 403);
    assert_eq!(raw(server, &get(MANIFEST).http_method("POST")).status, 405);
    let unsigned = raw(server, &get("/mcp/manifest.jws"));
    assert_eq!(unsigned.status, 404, "it has no keys to sign with");
}

fn a_server_without_a_public_url_has_no_card(servers: &Servers) {
    for path in [CARD, CATALOG] {
        let answer = servers.fixture.raw(&get(path)).unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
}

fn the_card_at_legacy_paths_is_off_by_default(servers: &Servers) {
    let server = servers.guarded();
    for path in [
        "/.well-known/mcp.json",
        "/.well-known/mcp/server-card",
        "/.well-known/mcp/server-card.json",
    ] {
        assert_eq!(raw(server, &get(path)).status, 404, "{path}");
    }
}

fn a_browser_gets_a_page(servers: &Servers) {
    let server = servers.guarded();
    let page = raw(server, &browse());
    assert_eq!(page.status, 200, "{}", page.body);
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, max-age=300"),
        ("vary", "Accept"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(header(&page, name), Some(value));
    }
    for text in [
        server.url(),
        server.provider.issuer(),
        "/mcp/server-card",
        "VS Code",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    let head = raw(server, &browse().http_method("HEAD"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    // A page of a server that has no public URL cannot say how clients are connected.
    let page = servers.fixture.raw(&browse()).unwrap();
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("VS Code"));
}

fn only_a_browser_gets_a_page(servers: &Servers) {
    let server = servers.guarded();
    for accept in [
        "*/*",
        "text/event-stream",
        "application/json, text/event-stream",
    ] {
        let refused = raw(server, &get("/mcp").header("Accept", accept));
        assert_eq!(refused.status, 405, "{accept}");
    }
}

fn a_browser_gets_the_page_at_the_root_of_the_host(servers: &Servers) {
    let server = servers.guarded();
    let page = raw(server, &browse());
    let root = raw(server, &browse().path("/"));
    assert_eq!((root.status, &root.body), (200, &page.body));
    assert_eq!(
        header(&root, "content-type"),
        Some("text/html; charset=utf-8")
    );
    for request in [
        get("/"),
        get("/").header("Accept", "*/*"),
        browse().path("/elsewhere"),
        browse().path("/").http_method("POST"),
    ] {
        let refused = raw(server, &request);
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert_eq!(header(&refused, "content-type"), Some("application/json"));
    }
}
