//! Servers with one thing wrong each, and what is found about them.

use serde_json::json;

use super::good::{Good, ISSUER};
use super::server::{Asked, Reply};
use super::{changed, verdicts};

/// Something between a good server and its callers.
struct Fault {
    name: &'static str,
    before: fn(&mut Asked),
    after: fn(&Asked, &mut Reply),
    /// Every finding that differs from those about a good server.
    finds: &'static [&'static str],
}

const fn after(
    name: &'static str,
    after: fn(&Asked, &mut Reply),
    finds: &'static [&'static str],
) -> Fault {
    Fault {
        name,
        before: |_| (),
        after,
        finds,
    }
}

const fn before(
    name: &'static str,
    before: fn(&mut Asked),
    finds: &'static [&'static str],
) -> Fault {
    Fault {
        name,
        before,
        after: |_, _| (),
        finds,
    }
}

#[track_caller]
fn look_at(faults: &[Fault]) {
    let good = verdicts(&Good::start().look(&["--json"]));
    let mut surprises = Vec::new();
    for fault in faults {
        let ended = Good::changed(fault.before, fault.after).look(&["--json"]);
        let mut found = changed(&good, &verdicts(&ended));
        let mut expected: Vec<_> = fault
            .finds
            .iter()
            .map(|finding| (*finding).to_owned())
            .collect();
        found.sort();
        expected.sort();
        let fails = expected.iter().any(|finding| finding.ends_with(" error"));
        if found != expected || ended.status != i32::from(fails) {
            surprises.push(format!("{}: {found:?}, and not {expected:?}", fault.name));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Whether it is an answer to `server/discover` and no error.
fn is_discovery(asked: &Asked, reply: &Reply) -> bool {
    asked.calls("server/discover") && reply.status == 200
}

fn is_at(asked: &Asked, place: &str) -> bool {
    asked.path == place
}

const CARD: &str = "/mcp/server-card";
const CATALOG: &str = "/.well-known/ai-catalog.json";
const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";
const JWKS: &str = "/.well-known/jwks.json";

#[test]
fn faults_of_the_newest_era() {
    look_at(&[
        after(
            "no list of revisions",
            |asked, reply| {
                if is_discovery(asked, reply) {
                    reply.edit(|message| {
                        message["result"]["supportedVersions"] = json!(["2025-11-25"])
                    });
                }
            },
            &["modern error", "card-agrees error"],
        ),
        after(
            "no result type",
            |asked, reply| {
                if asked.is_modern() {
                    reply.edit(|message| {
                        if let Some(result) = message.get_mut("result") {
                            result["resultType"] = json!(null);
                        }
                    });
                }
            },
            &["modern error", "modern-tools error"],
        ),
        after(
            "a nameless server",
            |asked, reply| {
                if is_discovery(asked, reply) {
                    reply.edit(|message| message["result"]["_meta"] = json!({}));
                }
            },
            &["modern warning"],
        ),
        after(
            "a type that clients do not read",
            |asked, reply| {
                if is_discovery(asked, reply) {
                    reply.set("content-type", "text/plain");
                }
            },
            &["modern error"],
        ),
        after(
            "another id",
            |asked, reply| {
                if is_discovery(asked, reply) {
                    reply.edit(|message| message["id"] = json!(7));
                }
            },
            &["modern error"],
        ),
        after(
            "a stream of events",
            |asked, reply| {
                if asked.is_modern() && reply.status == 200 {
                    reply.body = format!(": hello\n\ndata: {}\n\n", reply.body);
                    reply.set("content-type", "text/event-stream");
                }
            },
            &[],
        ),
        after(
            "tools with one name",
            |asked, reply| {
                if asked.calls("tools/list") {
                    reply.edit(|message| {
                        let tool = message["result"]["tools"][0].clone();
                        message["result"]["tools"] = json!([tool, tool]);
                    });
                }
            },
            &["modern-tools error", "legacy-tools error"],
        ),
        after(
            "a tool without a schema",
            |asked, reply| {
                if asked.calls("tools/list") {
                    reply.edit(|message| message["result"]["tools"][0]["inputSchema"] = json!({}));
                }
            },
            &["modern-tools error", "legacy-tools error"],
        ),
        after(
            "a tool with an odd name",
            |asked, reply| {
                if asked.calls("tools/list") {
                    reply.edit(|message| {
                        message["result"]["tools"][0]["name"] = json!("évaluer la règle")
                    });
                }
            },
            &["modern-tools warning", "legacy-tools warning"],
        ),
        after(
            "a list that fails",
            |asked, reply| {
                if asked.calls("tools/list") {
                    *reply = Reply::json(
                        200,
                        &json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32603, "message": "no" } }),
                    );
                }
            },
            &["modern-tools error", "legacy-tools error"],
        ),
        after(
            "no newest era",
            |asked, reply| {
                if asked.is_modern() && reply.status != 401 {
                    *reply = Reply::json(
                        400,
                        &json!({ "jsonrpc": "2.0", "error": { "code": -32600, "message": "no session" } }),
                    );
                }
            },
            &[
                "modern warning",
                "modern-tools skipped",
                "method-header skipped",
                "method-header-missing skipped",
                "name-header skipped",
                "version-header skipped",
                "meta skipped",
                "unknown-revision skipped",
                "unknown-method skipped",
                "content-type skipped",
                "foreign-origin skipped",
                "card-agrees skipped",
            ],
        ),
        after(
            "an error",
            |asked, reply| {
                if asked.is_modern() && asked.header("authorization").is_none() {
                    *reply = Reply::new(500, "");
                }
            },
            &[
                "reachable error",
                "modern skipped",
                "modern-tools skipped",
                "method-header skipped",
                "method-header-missing skipped",
                "name-header skipped",
                "version-header skipped",
                "meta skipped",
                "unknown-revision skipped",
                "unknown-method skipped",
                "content-type skipped",
                "foreign-origin skipped",
                "card-agrees skipped",
                "errors error",
            ],
        ),
    ]);
}

#[test]
fn faults_of_the_era_before() {
    look_at(&[
        after(
            "no era before",
            |asked, reply| {
                if asked.calls("initialize") {
                    *reply = Reply::json(
                        400,
                        &json!({ "jsonrpc": "2.0", "error": { "code": -32022, "message": "no" } }),
                    );
                }
            },
            &[
                "legacy warning",
                "legacy-initialized skipped",
                "legacy-tools skipped",
            ],
        ),
        after(
            "no revision",
            |asked, reply| {
                if asked.calls("initialize") {
                    reply.edit(|message| message["result"]["protocolVersion"] = json!(null));
                }
            },
            &["legacy error"],
        ),
        after(
            "no name",
            |asked, reply| {
                if asked.calls("initialize") {
                    reply.edit(|message| message["result"]["serverInfo"] = json!(null));
                }
            },
            &["legacy error"],
        ),
        after(
            "members of the newest era",
            |asked, reply| {
                if asked.calls("initialize") {
                    reply.edit(|message| message["result"]["resultType"] = json!("complete"));
                }
            },
            &["legacy warning"],
        ),
        after(
            "a notification that is answered",
            |asked, reply| {
                if asked.calls("notifications/initialized") {
                    *reply = Reply::json(200, &json!({}));
                }
            },
            &["legacy-initialized error"],
        ),
        after(
            "a stream that is a page",
            |asked, reply| {
                if asked.method == "GET"
                    && asked.header("accept") == Some("text/event-stream")
                    && asked.path == "/mcp"
                {
                    *reply = Reply::new(200, "<html>").with("content-type", "text/html");
                }
            },
            &["get-stream error"],
        ),
        after(
            "a stream that never ends",
            |asked, reply| {
                if asked.method == "GET"
                    && asked.header("accept") == Some("text/event-stream")
                    && asked.path == "/mcp"
                {
                    *reply =
                        Reply::new(200, ": hello\n\n").with("content-type", "text/event-stream");
                }
            },
            &[],
        ),
        after(
            "a GET that fails",
            |asked, reply| {
                if asked.method == "GET" && asked.path == "/mcp" {
                    *reply = Reply::new(500, "");
                }
            },
            &["get-stream warning", "get-page error"],
        ),
    ]);
}

/// Makes the headers say what the body says.
fn believe(asked: &mut Asked, header: &str, pointer: &str) {
    if asked.is_modern()
        && let Some(value) = asked
            .json()
            .pointer(pointer)
            .and_then(|value| value.as_str())
    {
        asked.set(header, value);
    }
}

#[test]
fn what_should_be_refused_and_is_not() {
    look_at(&[
        before(
            "Mcp-Method is skipped",
            |asked| believe(asked, "mcp-method", "/method"),
            &["method-header error", "method-header-missing error"],
        ),
        before(
            "MCP-Protocol-Version is skipped",
            |asked| {
                believe(
                    asked,
                    "mcp-protocol-version",
                    "/params/_meta/io.modelcontextprotocol~1protocolVersion",
                );
            },
            &["version-header error"],
        ),
        after(
            "Mcp-Name is skipped",
            |asked, reply| {
                if asked.header("mcp-name") == Some("another-name") {
                    *reply = Reply::json(
                        200,
                        &json!({ "jsonrpc": "2.0", "id": "mcp-edge-doctor", "result": {} }),
                    );
                }
            },
            &["name-header error"],
        ),
        before(
            "a body of any type",
            |asked| {
                if asked.method == "POST" {
                    asked.set("content-type", "application/json");
                }
            },
            &["content-type warning"],
        ),
        after(
            "other codes",
            |_, reply| {
                reply.edit(|message| {
                    if message["error"]["code"] == -32020 {
                        message["error"]["code"] = json!(-32600);
                    }
                })
            },
            &[
                "method-header warning",
                "method-header-missing warning",
                "name-header warning",
                "version-header warning",
            ],
        ),
        after(
            "methods that are not there answered 200",
            |asked, reply| {
                if asked.is_modern() && reply.status == 404 {
                    reply.status = 200;
                }
            },
            &["unknown-method warning"],
        ),
        after(
            "revisions that are not there answered 200",
            |asked, reply| {
                if asked.header("mcp-protocol-version") == Some("2099-12-31") {
                    reply.status = 200;
                }
            },
            &["unknown-revision warning"],
        ),
        before(
            "origins are skipped",
            |asked| asked.headers.retain(|(name, _)| name != "origin"),
            &["foreign-origin error"],
        ),
        after(
            "every origin without the headers of the protocol",
            |asked, reply| {
                if asked.method == "OPTIONS" && asked.path == "/mcp" {
                    *reply = Reply::new(204, "")
                        .with("access-control-allow-origin", "*")
                        .with("access-control-allow-headers", "*");
                }
            },
            &["preflight error"],
        ),
        after(
            "an error that shows the inside",
            |asked, reply| {
                if asked.json().is_null() && asked.method == "POST" {
                    *reply = Reply::new(400, "thread 'main' panicked at src/lib.rs:7");
                }
            },
            &["errors error"],
        ),
        after(
            "an error that is no JSON",
            |asked, reply| {
                if asked.json().is_null() && asked.method == "POST" {
                    *reply = Reply::new(400, "Bad Request");
                }
            },
            &["errors warning"],
        ),
        after(
            "a mistake of the caller that is one of the server",
            |asked, reply| {
                if asked.json().is_null() && asked.method == "POST" {
                    *reply = Reply::new(500, "");
                }
            },
            &["errors error"],
        ),
    ]);
}

#[test]
fn faults_of_signing_in() {
    look_at(&[
        before(
            "tokens are skipped",
            |asked| asked.headers.retain(|(name, _)| name != "authorization"),
            &["challenge skipped", "unknown-token error"],
        ),
        after(
            "no sign-in at all",
            |asked, reply| {
                if asked.path.contains("oauth-protected-resource") {
                    *reply = Reply::new(404, "");
                }
                if reply.status == 401 {
                    *reply = Reply::json(
                        200,
                        &json!({ "jsonrpc": "2.0", "id": "mcp-edge-doctor", "result": {} }),
                    );
                }
            },
            &[
                "challenge skipped",
                "resource-metadata skipped",
                "resource skipped",
                "authorization-servers skipped",
                "jwks skipped",
            ],
        ),
        after(
            "a challenge without the place",
            |_, reply| {
                if reply.status == 401 {
                    reply.set("www-authenticate", "Bearer");
                }
            },
            &["challenge warning"],
        ),
        after(
            "no challenge",
            |_, reply| {
                if reply.status == 401 {
                    reply.remove("www-authenticate");
                }
            },
            &["challenge error"],
        ),
        after(
            "a challenge of another scheme",
            |_, reply| {
                if reply.status == 401 {
                    reply.set("www-authenticate", "Basic realm=\"mcp\"");
                }
            },
            &["challenge error"],
        ),
        after(
            "a challenge that leads nowhere",
            |_, reply| {
                if let Some((_, value)) = reply
                    .headers
                    .iter_mut()
                    .find(|(name, _)| name == "www-authenticate")
                {
                    *value = value.replace("oauth-protected-resource/mcp", "nowhere");
                }
            },
            &["challenge error"],
        ),
        after(
            "no metadata",
            |asked, reply| {
                if asked.path.contains("oauth-protected-resource") {
                    *reply = Reply::new(404, "");
                }
            },
            &[
                "challenge error",
                "resource-metadata warning",
                "resource skipped",
                "authorization-servers skipped",
                "jwks skipped",
            ],
        ),
        after(
            "no metadata, and nothing that names them",
            |asked, reply| {
                if asked.path.contains("oauth-protected-resource") {
                    *reply = Reply::new(404, "");
                }
                if reply.status == 401 {
                    reply.set("www-authenticate", "Bearer");
                }
            },
            &[
                "challenge skipped",
                "resource-metadata warning",
                "resource skipped",
                "authorization-servers skipped",
                "jwks skipped",
            ],
        ),
        after(
            "metadata of another server",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply
                        .edit(|metadata| metadata["resource"] = json!("https://other.example/mcp"));
                }
            },
            &["resource error"],
        ),
        after(
            "metadata of the whole host",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply.edit(|metadata| {
                        let resource = metadata["resource"]
                            .as_str()
                            .expect("a text")
                            .replace("/mcp", "");
                        metadata["resource"] = json!(resource);
                    });
                }
            },
            &["resource warning"],
        ),
        after(
            "metadata without a server",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply.edit(|metadata| metadata["authorization_servers"] = json!([]));
                }
            },
            &["resource-metadata error", "authorization-servers skipped"],
        ),
        after(
            "metadata that browsers cannot read",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply.remove("access-control-allow-origin");
                }
            },
            &["resource-metadata warning"],
        ),
        after(
            "an issuer without metadata",
            |asked, reply| {
                if is_at(asked, ISSUER) {
                    *reply = Reply::new(404, "");
                }
            },
            &["authorization-servers error"],
        ),
        after(
            "an issuer with another name",
            |asked, reply| {
                if is_at(asked, ISSUER) {
                    reply.edit(|metadata| metadata["issuer"] = json!("https://id.example"));
                }
            },
            &["authorization-servers error"],
        ),
        after(
            "an issuer in the open",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply.edit(|metadata| {
                        metadata["authorization_servers"] = json!(["http://id.example"])
                    });
                }
            },
            &["authorization-servers error"],
        ),
        after(
            "an issuer without PKCE",
            |asked, reply| {
                if is_at(asked, ISSUER) {
                    reply.edit(|metadata| {
                        metadata["code_challenge_methods_supported"] = json!(["plain"])
                    });
                }
            },
            &["authorization-servers warning"],
        ),
        after(
            "no keys",
            |asked, reply| {
                if is_at(asked, JWKS) {
                    *reply = Reply::new(404, "");
                }
            },
            &["jwks error"],
        ),
        after(
            "keys in the open",
            |asked, reply| {
                if is_at(asked, METADATA) {
                    reply.edit(|metadata| {
                        metadata["jwks_uri"] = json!("http://keys.example/jwks.json")
                    });
                }
            },
            &["jwks error"],
        ),
        after(
            "a private key",
            |asked, reply| {
                if is_at(asked, JWKS) {
                    reply.edit(|keys| keys["keys"][0]["d"] = json!("c2VjcmV0"));
                }
            },
            &["jwks error"],
        ),
    ]);
}

#[test]
fn faults_of_what_it_is_found_by() {
    look_at(&[
        after(
            "no card",
            |asked, reply| {
                if is_at(asked, CARD) {
                    *reply = Reply::new(404, "");
                }
            },
            &[
                "card warning",
                "card-agrees skipped",
                "card-cors skipped",
                "card-cache skipped",
            ],
        ),
        after(
            "a card behind a sign-in",
            |asked, reply| {
                if is_at(asked, CARD) {
                    *reply = Reply::new(401, "");
                }
            },
            &[
                "card error",
                "card-agrees skipped",
                "card-cors skipped",
                "card-cache skipped",
            ],
        ),
        after(
            "a card with too much to say",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.edit(|card| card["description"] = json!("x".repeat(101)));
                }
            },
            &["card error"],
        ),
        after(
            "a card as any JSON",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.set("content-type", "application/json");
                }
            },
            &["card warning"],
        ),
        after(
            "a card of an old version",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.edit(|card| card["version"] = json!("0.0.9"));
                }
            },
            &["card-agrees warning"],
        ),
        after(
            "a card of an old revision",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.edit(|card| {
                        card["remotes"][0]["supportedProtocolVersions"] = json!(["2025-11-25"])
                    });
                }
            },
            &["card-agrees error"],
        ),
        after(
            "a card of another server",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.edit(|card| {
                        card["remotes"][0]["url"] = json!("https://other.example/mcp")
                    });
                }
            },
            &["card-agrees warning"],
        ),
        after(
            "a card that pages cannot read",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.remove("access-control-allow-origin");
                }
            },
            &["card-cors error"],
        ),
        after(
            "a card that pages cannot ask for again",
            |asked, reply| {
                if is_at(asked, CARD) && asked.method == "OPTIONS" {
                    *reply = Reply::new(405, "");
                }
            },
            &["card-cors warning"],
        ),
        after(
            "a card without a tag",
            |asked, reply| {
                if is_at(asked, CARD) {
                    reply.remove("etag");
                }
            },
            &["card-cache warning"],
        ),
        before(
            "a card that is always sent again",
            |asked| {
                if is_at(asked, CARD) {
                    asked.set("if-none-match", "");
                }
            },
            &["card-cache warning"],
        ),
        after(
            "no catalog",
            |asked, reply| {
                if is_at(asked, CATALOG) {
                    *reply = Reply::new(404, "");
                }
            },
            &["catalog warning"],
        ),
        after(
            "a catalog that is none",
            |asked, reply| {
                if is_at(asked, CATALOG) {
                    reply
                        .edit(|catalog| catalog["entries"][0]["identifier"] = json!("fraud-rules"));
                }
            },
            &["catalog error"],
        ),
        after(
            "a catalog with an entry twice",
            |asked, reply| {
                if is_at(asked, CATALOG) {
                    reply.edit(|catalog| catalog["entries"][0]["data"] = json!({}));
                }
            },
            &["catalog error"],
        ),
        after(
            "a catalog of others",
            |asked, reply| {
                if is_at(asked, CATALOG) {
                    reply.edit(|catalog| catalog["entries"] = json!([]));
                }
            },
            &["catalog warning"],
        ),
        after(
            "a clock that is behind",
            |_, reply| reply.set("date", "Sat, 01 Jan 2000 00:00:00 GMT"),
            &["clock error"],
        ),
        after(
            "no clock",
            |_, reply| reply.set("date", ""),
            &["clock warning"],
        ),
    ]);
}
