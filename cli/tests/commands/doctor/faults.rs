//! Servers with one thing wrong each, and what is found about them.

use serde_json::{Value, json};

use super::good::{Good, ISSUER};
use super::server::{Asked, Reply};
use super::{changed, verdicts};

type Change = Box<dyn Fn(&Asked, &mut Reply) + Send>;

/// Something between a good server and its callers.
struct Fault {
    name: &'static str,
    before: fn(&mut Asked),
    after: Change,
    /// Every finding that differs from those about a good server.
    finds: Vec<&'static str>,
}

/// Changes every request.
fn before(
    name: &'static str,
    before: fn(&mut Asked),
    finds: impl Into<Vec<&'static str>>,
) -> Fault {
    Fault {
        name,
        before,
        after: Box::new(|_, _| ()),
        finds: finds.into(),
    }
}

/// Changes the replies that `is_meant` selects.
fn after(
    name: &'static str,
    is_meant: fn(&Asked, &Reply) -> bool,
    change: impl Fn(&mut Reply) + Send + 'static,
    finds: impl Into<Vec<&'static str>>,
) -> Fault {
    Fault {
        name,
        before: |_| (),
        after: Box::new(move |asked, reply| {
            if is_meant(asked, reply) {
                change(reply);
            }
        }),
        finds: finds.into(),
    }
}

/// Sets the member at a path whose parts are separated by slashes.
fn set(path: &'static str, value: Value) -> impl Fn(&mut Reply) {
    move |reply| {
        reply.edit(|message| {
            let member = path
                .split('/')
                .fold(message, |value, part| match part.parse::<usize>() {
                    Ok(position) => &mut value[position],
                    Err(_) => &mut value[part],
                });
            *member = value.clone();
        });
    }
}

fn header(name: &'static str, value: &'static str) -> impl Fn(&mut Reply) {
    move |reply| reply.set(name, value)
}

fn no_header(name: &'static str) -> impl Fn(&mut Reply) {
    move |reply| reply.remove(name)
}

/// Replies with nothing but a status.
fn status(status: u16) -> impl Fn(&mut Reply) {
    text(status, "")
}

fn text(status: u16, body: &'static str) -> impl Fn(&mut Reply) {
    move |reply| *reply = Reply::new(status, body)
}

fn message(status: u16, body: Value) -> impl Fn(&mut Reply) {
    move |reply| *reply = Reply::json(status, &body)
}

fn error(status: u16, code: i32) -> impl Fn(&mut Reply) {
    let error = json!({ "code": code, "message": "no" });
    message(status, json!({ "jsonrpc": "2.0", "error": error }))
}

/// A result without anything in it.
fn success() -> impl Fn(&mut Reply) {
    message(
        200,
        json!({ "jsonrpc": "2.0", "id": "mcp-edge", "result": {} }),
    )
}

#[track_caller]
fn look_at(faults: Vec<Fault>) {
    let good = verdicts(&Good::start().look(&["--json"]));
    let mut surprises = Vec::new();
    for fault in faults {
        let ended = Good::changed(fault.before, fault.after).look(&["--json"]);
        let mut found = changed(&good, &verdicts(&ended));
        let mut expected = fault.finds;
        found.sort();
        expected.sort_unstable();
        let fails = expected.iter().any(|finding| finding.ends_with(" error"));
        if found != expected || ended.status != i32::from(fails) {
            surprises.push(format!("{}: {found:?}, and not {expected:?}", fault.name));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Whether it is a reply to `server/discover` and no error.
fn discovery(asked: &Asked, reply: &Reply) -> bool {
    asked.calls("server/discover") && reply.status == 200
}

fn initialize(asked: &Asked, _: &Reply) -> bool {
    asked.calls("initialize")
}

fn tools(asked: &Asked, _: &Reply) -> bool {
    asked.calls("tools/list")
}

/// Whether the body of the request is not JSON.
fn malformed(asked: &Asked, _: &Reply) -> bool {
    asked.json().is_null() && asked.method == "POST"
}

fn stream(asked: &Asked, _: &Reply) -> bool {
    let accept = asked.header("accept");
    asked.method == "GET" && accept == Some("text/event-stream") && asked.path == "/mcp"
}

fn unauthorized(_: &Asked, reply: &Reply) -> bool {
    reply.status == 401
}

fn all_metadata(asked: &Asked, _: &Reply) -> bool {
    asked.path.contains("oauth-protected-resource")
}

fn metadata(asked: &Asked, _: &Reply) -> bool {
    asked.path == "/.well-known/oauth-protected-resource/mcp"
}

fn issuer(asked: &Asked, _: &Reply) -> bool {
    asked.path == ISSUER
}

fn jwks(asked: &Asked, _: &Reply) -> bool {
    asked.path == "/.well-known/jwks.json"
}

const CARD: &str = "/mcp/server-card";

fn card(asked: &Asked, _: &Reply) -> bool {
    asked.path == CARD
}

fn catalog(asked: &Asked, _: &Reply) -> bool {
    asked.path == "/.well-known/ai-catalog.json"
}

fn any(_: &Asked, _: &Reply) -> bool {
    true
}

/// What cannot be checked at a server without the newest era.
const WITHOUT_MODERN: [&str; 11] = [
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
];

#[test]
#[rustfmt::skip]
fn faults_in_the_modern_era() {
    let first_tool_twice = |reply: &mut Reply| {
        reply.edit(|message| {
            let tool = message["result"]["tools"][0].clone();
            message["result"]["tools"] = json!([tool, tool]);
        });
    };
    let as_stream = |reply: &mut Reply| {
        reply.body = format!(": hello\n\ndata: {}\n\n", reply.body);
        reply.set("content-type", "text/event-stream");
    };
    let no_result_type = |reply: &mut Reply| {
        reply.edit(|message| {
            if let Some(result) = message.get_mut("result") {
                result["resultType"] = json!(null);
            }
        });
    };
    look_at(vec![
        after("no list of revisions", discovery, set("result/supportedVersions", json!(["2025-11-25"])), ["modern error", "card-agrees error"]),
        after("no result type", |asked, _| asked.is_modern(), no_result_type, ["modern error", "modern-tools error"]),
        after("a nameless server", discovery, set("result/_meta", json!({})), ["modern warning"]),
        after("a type that clients do not read", discovery, header("content-type", "text/plain"), ["modern error"]),
        after("another id", discovery, set("id", json!(7)), ["modern error"]),
        after("a stream of events", |asked, reply| asked.is_modern() && reply.status == 200, as_stream, []),
        after("tools with one name", tools, first_tool_twice, ["modern-tools error", "legacy-tools error"]),
        after("a tool without a schema", tools, set("result/tools/0/inputSchema", json!({})), ["modern-tools error", "legacy-tools error"]),
        after("a tool with an odd name", tools, set("result/tools/0/name", json!("évaluer la règle")), ["modern-tools warning", "legacy-tools warning"]),
        after("a list that fails", tools, message(200, json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32603, "message": "no" } })), ["modern-tools error", "legacy-tools error"]),
        after("no newest era", |asked, reply| asked.is_modern() && reply.status != 401, error(400, -32600), [&["modern warning"][..], &WITHOUT_MODERN].concat()),
        after(
            "an error",
            |asked, _| asked.is_modern() && asked.header("authorization").is_none(),
            status(500),
            [&["reachable error", "modern skipped", "errors error"][..], &WITHOUT_MODERN].concat(),
        ),
    ]);
}

#[test]
#[rustfmt::skip]
fn faults_in_the_legacy_era() {
    let page = |reply: &mut Reply| *reply = Reply::new(200, "<html>").with("content-type", "text/html");
    let endless = |reply: &mut Reply| *reply = Reply::new(200, ": hello\n\n").with("content-type", "text/event-stream");
    look_at(vec![
        after("no era before", initialize, error(400, -32022), ["legacy warning", "legacy-initialized skipped", "legacy-tools skipped"]),
        after("no revision", initialize, set("result/protocolVersion", json!(null)), ["legacy error"]),
        after("no name", initialize, set("result/serverInfo", json!(null)), ["legacy error"]),
        after("members of the newest era", initialize, set("result/resultType", json!("complete")), ["legacy warning"]),
        after("a notification that is answered", |asked, _| asked.calls("notifications/initialized"), message(200, json!({})), ["legacy-initialized error"]),
        after("a stream that is a page", stream, page, ["get-stream error"]),
        after("a stream that never ends", stream, endless, []),
        after("a GET that fails", |asked, _| asked.method == "GET" && asked.path == "/mcp", status(500), ["get-stream warning", "get-page error"]),
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
#[rustfmt::skip]
fn faults_in_what_must_be_refused() {
    let version = |asked: &mut Asked| {
        believe(asked, "mcp-protocol-version", "/params/_meta/io.modelcontextprotocol~1protocolVersion");
    };
    let any_type = |asked: &mut Asked| {
        if asked.method == "POST" {
            asked.set("content-type", "application/json");
        }
    };
    let other_codes = |reply: &mut Reply| {
        reply.edit(|message| {
            if message["error"]["code"] == -32020 {
                message["error"]["code"] = json!(-32600);
            }
        });
    };
    let every_origin = |reply: &mut Reply| {
        *reply = Reply::new(204, "")
            .with("access-control-allow-origin", "*")
            .with("access-control-allow-headers", "*");
    };
    look_at(vec![
        before("Mcp-Method is skipped", |asked| believe(asked, "mcp-method", "/method"), ["method-header error", "method-header-missing error"]),
        before("MCP-Protocol-Version is skipped", version, ["version-header error"]),
        after("Mcp-Name is skipped", |asked, _| asked.header("mcp-name") == Some("another-name"), success(), ["name-header error"]),
        before("a body of any type", any_type, ["content-type warning"]),
        after("other codes", any, other_codes, ["method-header warning", "method-header-missing warning", "name-header warning", "version-header warning"]),
        after("methods that are not there answered 200", |asked, reply| asked.is_modern() && reply.status == 404, |reply| reply.status = 200, ["unknown-method warning"]),
        after("revisions that are not there answered 200", |asked, _| asked.header("mcp-protocol-version") == Some("2099-12-31"), |reply| reply.status = 200, ["unknown-revision warning"]),
        before("origins are skipped", |asked| asked.headers.retain(|(name, _)| name != "origin"), ["foreign-origin error"]),
        after("every origin without the headers of the protocol", |asked, _| asked.method == "OPTIONS" && asked.path == "/mcp", every_origin, ["preflight error"]),
        after("an error that shows the inside", malformed, text(400, "thread 'main' panicked at src/lib.rs:7"), ["errors error"]),
        after("an error that is no JSON", malformed, text(400, "Bad Request"), ["errors warning"]),
        after("a mistake of the caller that is one of the server", malformed, status(500), ["errors error"]),
    ]);
}

#[test]
#[rustfmt::skip]
fn faults_of_signing_in() {
    let nowhere = |reply: &mut Reply| {
        let named = reply.headers.iter_mut().find(|(name, _)| name == "www-authenticate");
        if let Some((_, value)) = named {
            *value = value.replace("oauth-protected-resource/mcp", "nowhere");
        }
    };
    let whole_host = |reply: &mut Reply| {
        reply.edit(|metadata| {
            let resource = metadata["resource"].as_str().expect("a text").replace("/mcp", "");
            metadata["resource"] = json!(resource);
        });
    };
    let no_sign_in = |reply: &mut Reply| match reply.status {
        401 => success()(reply),
        _ => status(404)(reply),
    };
    let unnamed = |reply: &mut Reply| match reply.status {
        401 => reply.set("www-authenticate", "Bearer"),
        _ => status(404)(reply),
    };
    let sign_in = |asked: &Asked, reply: &Reply| unauthorized(asked, reply) || all_metadata(asked, reply);
    let after_metadata = ["resource skipped", "authorization-servers skipped", "jwks skipped"];
    look_at(vec![
        before("tokens are skipped", |asked| asked.headers.retain(|(name, _)| name != "authorization"), ["challenge skipped", "unknown-token error"]),
        after("no sign-in at all", sign_in, no_sign_in, [&["challenge skipped", "resource-metadata skipped"][..], &after_metadata].concat()),
        after("a challenge without the place", unauthorized, header("www-authenticate", "Bearer"), ["challenge warning"]),
        after("no challenge", unauthorized, no_header("www-authenticate"), ["challenge error"]),
        after("a challenge of another scheme", unauthorized, header("www-authenticate", "Basic realm=\"mcp\""), ["challenge error"]),
        after("a challenge that leads nowhere", any, nowhere, ["challenge error"]),
        after("no metadata", all_metadata, status(404), [&["challenge error", "resource-metadata warning"][..], &after_metadata].concat()),
        after("no metadata, and nothing that names them", sign_in, unnamed, [&["challenge skipped", "resource-metadata warning"][..], &after_metadata].concat()),
        after("metadata of another server", metadata, set("resource", json!("https://other.example/mcp")), ["resource error"]),
        after("metadata of the whole host", metadata, whole_host, ["resource warning"]),
        after("metadata without a server", metadata, set("authorization_servers", json!([])), ["resource-metadata error", "authorization-servers skipped"]),
        after("metadata that browsers cannot read", metadata, no_header("access-control-allow-origin"), ["resource-metadata warning"]),
        after("an issuer without metadata", issuer, status(404), ["authorization-servers error"]),
        after("an issuer with another name", issuer, set("issuer", json!("https://id.example")), ["authorization-servers error"]),
        after("an issuer in the open", metadata, set("authorization_servers", json!(["http://id.example"])), ["authorization-servers error"]),
        after("an issuer without PKCE", issuer, set("code_challenge_methods_supported", json!(["plain"])), ["authorization-servers warning"]),
        after("no keys", jwks, status(404), ["jwks error"]),
        after("keys in the open", metadata, set("jwks_uri", json!("http://keys.example/jwks.json")), ["jwks error"]),
        after("a private key", jwks, set("keys/0/d", json!("c2VjcmV0")), ["jwks error"]),
    ]);
}

#[test]
#[rustfmt::skip]
fn faults_of_what_it_is_found_by() {
    let always_new = |asked: &mut Asked| {
        if asked.path == CARD {
            asked.set("if-none-match", "");
        }
    };
    let after_card = ["card-agrees skipped", "card-cors skipped", "card-cache skipped"];
    look_at(vec![
        after("no card", card, status(404), [&["card warning"][..], &after_card].concat()),
        after("a card behind a sign-in", card, status(401), [&["card error"][..], &after_card].concat()),
        after("a card with too much to say", card, set("description", json!("x".repeat(101))), ["card error"]),
        after("a card as any JSON", card, header("content-type", "application/json"), ["card warning"]),
        after("a card of an old version", card, set("version", json!("0.0.9")), ["card-agrees warning"]),
        after("a card of an old revision", card, set("remotes/0/supportedProtocolVersions", json!(["2025-11-25"])), ["card-agrees error"]),
        after("a card of another server", card, set("remotes/0/url", json!("https://other.example/mcp")), ["card-agrees warning"]),
        after("a card that pages cannot read", card, no_header("access-control-allow-origin"), ["card-cors error"]),
        after("a card that pages cannot ask for again", |asked, reply| card(asked, reply) && asked.method == "OPTIONS", status(405), ["card-cors warning"]),
        after("a card without a tag", card, no_header("etag"), ["card-cache warning"]),
        before("a card that is always sent again", always_new, ["card-cache warning"]),
        after("no catalog", catalog, status(404), ["catalog warning"]),
        after("a catalog that is none", catalog, set("entries/0/identifier", json!("fraud-rules")), ["catalog error"]),
        after("a catalog with an entry twice", catalog, set("entries/0/data", json!({})), ["catalog error"]),
        after("a catalog of others", catalog, set("entries", json!([])), ["catalog warning"]),
        after("a clock that is behind", any, header("date", "Sat, 01 Jan 2000 00:00:00 GMT"), ["clock error"]),
        after("no clock", any, header("date", ""), ["clock warning"]),
    ]);
}
