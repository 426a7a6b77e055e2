//! Who is calling, and how an anonymous caller finds out where to sign in.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Guarded, LoggedEvent, Request, legacy, modern, notification, tests};
use serde_json::{Value, json};

const REVISIONS: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const NEWEST: &str = "2025-11-25";
const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];
const WELL_KNOWN: [&str; 2] = [
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-protected-resource",
];
const METADATA: &str = "resource_metadata";
/// Longer than any host takes; only a test that fails waits for it.
const LONG: Duration = Duration::from_secs(120);
/// How long a token lasts whose end is waited for, in seconds.
const BRIEF: u64 = 15;

pub fn tests() -> Vec<Test> {
    tests![
        a_request_without_a_token_is_challenged_with_the_metadata,
        a_token_that_does_not_serve_is_challenged_too,
        the_metadata_is_at_both_paths,
        metadata_is_only_to_be_read,
        missing_scopes_are_named_all_at_once,
        a_scope_includes_others,
        pages_may_read_challenges_and_send_tokens,
        every_algorithm_is_accepted,
        a_thousand_users_in_a_row_are_told_apart,
        a_handler_knows_who_is_calling,
        an_event_names_its_principal,
        legacy_clients_sign_in_as_well,
        a_batch_is_one_callers,
        the_token_of_the_caller_is_not_sent_upstream,
        a_stream_ends_with_its_token,
        a_quiet_call_ends_with_its_token,
        a_provider_that_is_down_is_waited_for,
        tokens_stay_out_of_the_log,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

fn read_rule() -> Request {
    call("read_rule", json!({ "rule": "large" }))
}

fn reader(server: &Guarded) -> String {
    server.token(json!({ "scope": "mcp:read" }))
}

fn metadata_url(server: &Guarded) -> String {
    format!("http://{}{}", server.endpoint.authority(), WELL_KNOWN[0])
}

fn a_request_without_a_token_is_challenged_with_the_metadata(servers: &Servers) {
    let server = servers.guarded();
    let metadata = metadata_url(server);
    let expected = BTreeMap::from([("scope", "mcp:read"), (METADATA, &metadata)]);
    for request in [
        read_rule(),
        legacy(NEWEST, "tools/call", json!({ "name": "read_rule" })),
        modern("resources/read", json!({ "uri": "guarded://notes" })),
        modern("prompts/get", json!({ "name": "review_for_readers" })),
    ] {
        let answer = server.endpoint.send(&request);
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (401, -32600), "{message}");
        assert_eq!(answer.challenge(), expected);
    }
}

fn a_token_that_does_not_serve_is_challenged_too(servers: &Servers) {
    let server = servers.guarded();
    let answer = server.endpoint.send(&read_rule().bearer("opaque"));
    let (status, code, message) = answer.error();
    assert_eq!((status, code), (401, -32600));
    let challenge = answer.challenge();
    assert_eq!(challenge["error"], "invalid_token");
    assert_eq!(challenge["error_description"], message);
    assert_eq!(challenge["scope"], "mcp:read");
    assert_eq!(challenge[METADATA], metadata_url(server));
    assert!(!message.contains("opaque"), "{message}");
}

fn the_metadata_is_at_both_paths(servers: &Servers) {
    let server = servers.guarded();
    let get = |path: &str| modern("", json!({})).http_method("GET").path(path);
    for path in WELL_KNOWN {
        // Pages of every origin may read it, and no sign-in is needed for it.
        let request = get(path).header("Origin", "https://elsewhere.example");
        let answer = server.endpoint.raw(&request).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        let metadata: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            metadata,
            json!({
                "resource": server.url(),
                "authorization_servers": [server.provider.issuer()],
                "scopes_supported": ["mcp:read"],
                "bearer_methods_supported": ["header"],
                "resource_name": "Guarded",
            })
        );
        let head = server
            .endpoint
            .open(&get(path).http_method("HEAD"))
            .unwrap();
        assert_eq!(head.status, 200, "{path}");
        for (name, expected) in [
            ("content-type", "application/json"),
            ("cache-control", "public, max-age=300"),
            ("access-control-allow-origin", "*"),
        ] {
            assert!(
                answer
                    .headers
                    .contains(&(name.to_owned(), expected.to_owned())),
                "{path}: {:?}",
                answer.headers
            );
            assert_eq!(head.header(name), Some(expected), "{path}: {name}");
        }
    }
    // Each of these is made of another URL than the server's, which `resource` would have to name (RFC 9728, 3.3).
    for path in [
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/mcp//",
        "/.well-known/oauth-protected-resource//mcp",
        "/.well-known/oauth-protected-resource/MCP",
        "/.well-known/oauth-protected-resource/mcp?tenant=acme",
        "/.well-known/oauth-protected-resource/mcp?",
        "/.well-known/oauth-protected-resource?tenant=acme",
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/oauth-protected-resource/mcp/other",
        "/.well-known/oauth-authorization-server",
        "/mcp/.well-known/oauth-protected-resource",
    ] {
        assert_eq!(server.endpoint.send(&get(path)).status, 404, "{path}");
    }
}

fn metadata_is_only_to_be_read(servers: &Servers) {
    let server = servers.guarded();
    for path in WELL_KNOWN {
        let asked = modern("", json!({})).path(path);
        let preflight = asked
            .clone()
            .http_method("OPTIONS")
            .header("Origin", "https://elsewhere.example")
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "mcp-protocol-version");
        let allowed = server.endpoint.send(&preflight);
        assert_eq!(allowed.status, 204, "{path}");
        for (name, expected) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, HEAD"),
            (
                "access-control-allow-headers",
                "Content-Type, If-None-Match, *",
            ),
        ] {
            assert_eq!(allowed.header(name), Some(expected), "{path}");
        }
        for method in ["POST", "PUT", "DELETE"] {
            let refused = server.endpoint.send(&asked.clone().http_method(method));
            assert_eq!(refused.error().0, 405, "{path} {method}");
            assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
}

fn missing_scopes_are_named_all_at_once(servers: &Servers) {
    let server = servers.guarded();
    let without = server.token(json!({}));
    let reader = reader(server);
    let change = || call("change_rule", json!({ "rule": "large" }));
    for (token, request, scopes) in [
        (&without, read_rule(), "mcp:read"),
        (&without, change(), "mcp:read mcp:write"),
        // Also what the client has already: it forgets what it does not ask for again.
        (&reader, change(), "mcp:read mcp:write"),
        (&reader, call("own_scope", json!({})), "mcp:admin"),
        (
            &reader,
            legacy(NEWEST, "tools/call", json!({ "name": "change_rule" })),
            "mcp:read mcp:write",
        ),
        (
            &without,
            modern("resources/read", json!({ "uri": "guarded://notes/1" })),
            "mcp:read",
        ),
        (
            &without,
            modern("prompts/get", json!({ "name": "review_for_readers" })),
            "mcp:read",
        ),
    ] {
        let answer = server.endpoint.send(&request.bearer(token));
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (403, -32600), "{message}");
        let metadata = metadata_url(server);
        let expected = BTreeMap::from([
            ("error", "insufficient_scope"),
            ("error_description", message),
            ("scope", scopes),
            (METADATA, &metadata),
        ]);
        assert_eq!(answer.challenge(), expected);
    }
    let writer = server.token(json!({ "scope": "mcp:read mcp:write" }));
    let answer = server.endpoint.send(&change().bearer(&writer));
    assert_eq!(answer.text(), "changed the rule large");
}

fn a_scope_includes_others(servers: &Servers) {
    let server = servers.guarded();
    let admin = server.token(json!({ "scope": "mcp:admin" }));
    for (request, text) in [
        (read_rule(), "the rule large"),
        (
            call("change_rule", json!({ "rule": "large" })),
            "changed the rule large",
        ),
        (call("own_scope", json!({})), "the scope was there"),
    ] {
        assert_eq!(server.endpoint.send(&request.bearer(&admin)).text(), text);
    }
}

fn pages_may_read_challenges_and_send_tokens(servers: &Servers) {
    let server = servers.guarded();
    let origin = "http://localhost:6274";
    let reader = server.token(json!({}));
    for (status, request) in [
        (401, read_rule()),
        (401, read_rule().bearer("opaque")),
        (403, read_rule().bearer(&reader)),
    ] {
        let answer = server.endpoint.send(&request.header("Origin", origin));
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("WWW-Authenticate"), "{exposed}");
    }
    let preflight = read_rule()
        .http_method("OPTIONS")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization");
    let answer = server.endpoint.send(&preflight);
    assert_eq!(answer.status, 204, "a preflight needs no sign-in");
    let allowed = answer.header("access-control-allow-headers");
    assert_eq!(allowed, Some("authorization"));
}

fn every_algorithm_is_accepted(servers: &Servers) {
    let server = servers.guarded();
    for algorithm in ALGORITHMS {
        let wanted = json!({ "algorithm": algorithm, "claims": { "scope": "mcp:read" } });
        let request = read_rule().bearer(&server.mint(wanted));
        assert_eq!(
            server.endpoint.send(&request).text(),
            "the rule large",
            "{algorithm}"
        );
    }
}

/// Many more tokens than the server remembers, by every algorithm in turn.
fn a_thousand_users_in_a_row_are_told_apart(servers: &Servers) {
    const USERS: usize = 1_000;
    let server = servers.guarded();
    let wanted = (0..USERS).map(|user| {
        let subject = format!("user-{user}");
        let claims = json!({ "sub": subject, "tenant": "acme", "scope": "mcp:read" });
        json!({ "algorithm": ALGORITHMS[user % ALGORITHMS.len()], "claims": claims })
    });
    let tokens = server.mint_all(wanted);
    assert_eq!(tokens.len(), USERS);
    for (user, token) in tokens.iter().enumerate() {
        let request = call("who_am_i", json!({})).bearer(token);
        let answer = server.endpoint.send(&request);
        let subject = &answer.result()["structuredContent"]["subject"];
        assert_eq!(subject, &format!("user-{user}"));
    }
}

/// Everything that a token can say of its caller.
fn agent(server: &Guarded) -> String {
    server.token(json!({
        "sub": "agnes",
        "tenant": "acme",
        "client_id": "assistant",
        "act": { "sub": "agent", "act": { "sub": "robot" } },
        "scope": "mcp:admin",
        "roles": ["analyst"],
        "groups": ["risk", "platform"],
    }))
}

fn a_handler_knows_who_is_calling(servers: &Servers) {
    let server = servers.guarded();
    let request = call("who_am_i", json!({})).bearer(&agent(server));
    let answer = server.endpoint.send(&request);
    assert_eq!(
        answer.result()["structuredContent"],
        json!({
            "issuer": server.provider.issuer(),
            "subject": "agnes",
            "tenant": "acme",
            "client": "assistant",
            "actors": ["agent", "robot"],
            "scopes": ["mcp:admin", "mcp:read", "mcp:write"],
            "roles": ["analyst"],
            "groups": ["risk", "platform"],
        })
    );
}

fn an_event_names_its_principal(servers: &Servers) {
    let server = servers.guarded();
    let known = json!({
        "issuer": server.provider.issuer(),
        "subject": "agnes",
        "tenant": "acme",
        "client": "assistant",
        "actors": ["agent", "robot"],
    });
    let token = agent(server);
    for (client, request, principal) in [
        ("known", read_rule().bearer(&token), &known),
        // A refused caller has a name all the same.
        (
            "refused",
            call("quarantined", json!({})).bearer(&token),
            &known,
        ),
        (
            "anonymous",
            call("about", json!({})),
            &json!({ "anonymous": true }),
        ),
    ] {
        let client = format!("who-{client}");
        server.endpoint.send(&request.client(&client));
        let event = server.events.of_client(&client);
        assert_eq!(&event["principal"], principal, "{event}");
        assert_eq!(event["version"], 4);
    }
    server.endpoint.send(&read_rule().bearer("opaque"));
    let events = server
        .events
        .wait(1, |event| event["token_error"] == "not_a_jwt");
    assert!(
        events.iter().all(|event| event.get("principal").is_none()),
        "the caller is unknown: {events:?}"
    );
}

fn legacy_clients_sign_in_as_well(servers: &Servers) {
    let server = servers.guarded();
    for revision in REVISIONS {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": {},
            "clientInfo": { "name": "black-box", "version": "1" },
        });
        let token = reader(server);
        let initialize = legacy(revision, "initialize", params).bearer(&token);
        let initialized = server.endpoint.send(&initialize);
        assert_eq!(initialized.result()["protocolVersion"], revision);
        let session = initialized.header("mcp-session-id").unwrap();
        let ready = notification(revision, "notifications/initialized").session(session);
        assert_eq!(server.endpoint.send(&ready.bearer(&token)).status, 202);

        let params = json!({ "name": "read_rule", "arguments": { "rule": "large" } });
        let read = legacy(revision, "tools/call", params).session(session);
        // A token that was refreshed goes on with the session.
        let answer = server.endpoint.send(&read.clone().bearer(&reader(server)));
        assert_eq!(answer.text(), "the rule large", "{revision}");
        let answer = server.endpoint.send(&read.clone().bearer("opaque"));
        assert_eq!(answer.error().0, 401, "a session proves nothing");
        assert_eq!(answer.challenge()["error"], "invalid_token");
        let answer = server.endpoint.send(&read);
        assert_eq!(answer.error().0, 404, "it is not anybody's session");
        let answer = server.endpoint.send(&read.without("Mcp-Session-Id"));
        assert_eq!(answer.error().0, 401, "{revision}");
    }
}

fn a_batch_is_one_callers(servers: &Servers) {
    let server = servers.guarded();
    let call = |id: u32, name: &str| {
        let params = json!({ "name": name, "arguments": { "rule": "large" } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    let batch = legacy("2025-03-26", "tools/call", json!({})).with(|message| {
        *message = json!([
            call(1, "about"),
            call(2, "read_rule"),
            call(3, "change_rule")
        ]);
    });
    for (token, allowed) in [(None, vec![1]), (Some(reader(server)), vec![1, 2])] {
        let request = match &token {
            Some(token) => batch.clone().bearer(token),
            None => batch.clone(),
        };
        let answer = server.endpoint.send(&request);
        assert_eq!(answer.status, 200);
        let mut served: Vec<u64> = answer
            .messages()
            .filter(|message| message.get("result").is_some())
            .map(|message| message["id"].as_u64().unwrap())
            .collect();
        served.sort_unstable();
        assert_eq!(served, allowed);
        assert_eq!(answer.messages().count(), 3);
    }
}

/// An upstream that repeats the headers of one request, and hands over all lines of its head.
fn upstream() -> (String, Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, heads) = channel();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let head: Vec<String> = BufReader::new(&connection)
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .collect();
        let headers: BTreeMap<_, _> = head
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let body = json!({ "headers": headers }).to_string();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        );
        connection.write_all(answer.as_bytes()).unwrap();
        sender.send(head).unwrap();
    });
    (url, heads)
}

fn the_token_of_the_caller_is_not_sent_upstream(servers: &Servers) {
    let server = servers.guarded();
    let (url, heads) = upstream();
    let token = reader(server);
    let request = call("read_upstream", json!({ "url": url })).bearer(&token);
    let answer = server.endpoint.send(&request);
    let heard = &answer.result()["structuredContent"]["headers"];
    assert!(heard.get("host").is_some(), "{heard}");
    assert!(heard.get("authorization").is_none(), "{heard}");
    let head = heads.recv_timeout(LONG).unwrap().join("\n");
    for part in token.split('.') {
        assert!(!head.contains(part), "{head}");
    }
}

/// A token that ends soon.
fn brief(server: &Guarded) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    server.token(json!({ "scope": "mcp:read", "exp": now.as_secs() + BRIEF }))
}

fn a_stream_ends_with_its_token(servers: &Servers) {
    let server = servers.guarded();
    let request = call("read_and_report", json!({ "reports": 600 }))
        .meta("progressToken", json!("p"))
        .bearer(&brief(server))
        .client("outlives-its-token");
    let answer = server.endpoint.send(&request);
    assert!(answer.is_stream);
    let reports = answer.notifications("notifications/progress").len();
    assert!((1..600).contains(&reports), "{reports} reports");
    let (_, code, message) = answer.error();
    assert_eq!(code, -32600);
    assert!(message.contains("get a new one"), "{message}");
    let event = server.events.of_client("outlives-its-token");
    assert_eq!(event["outcome"], "refused", "{event}");
    assert_eq!(event["reason"], "invalid_token", "{event}");
    assert_eq!(event["decision"], "allow", "{event}");
}

fn a_quiet_call_ends_with_its_token(servers: &Servers) {
    let server = servers.guarded();
    let request = call("read_slowly", json!({ "millis": 60_000 })).bearer(&brief(server));
    let answer = server.endpoint.send(&request);
    assert_eq!(answer.error().1, -32600);
    let again = server.endpoint.send(&request);
    assert_eq!(again.error().0, 401, "it has ended");
}

fn a_provider_that_is_down_is_waited_for(servers: &Servers) {
    let server = servers.fresh_guarded();
    let read = || read_rule().bearer(&reader(&server));
    for (client, hangs_up) in [("unavailable", false), ("hung-up", true)] {
        server.provider.go_down(hangs_up);
        let answer = server.endpoint.send(&read());
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (503, -32603), "{client}: {message}");
        assert_eq!(answer.header("retry-after"), Some("5"), "{client}");
        assert!(answer.challenge().is_empty(), "the token may well be good");
        let open = call("about", json!({})).client(client);
        assert_eq!(server.endpoint.send(&open).text(), "a guarded server");
    }
    let failed = |event: &LoggedEvent| event["reason"] == "issuer_unavailable";
    for event in server.events.wait(2, failed) {
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains("`provider`"), "{event}");
        assert!(event.get("token_error").is_none(), "{event}");
    }

    server.provider.come_back();
    let mut answer = server.endpoint.send(&read());
    // `keys_interval` has to pass before the next attempt.
    for _ in 0..100 {
        if answer.status != 503 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        answer = server.endpoint.send(&read());
    }
    assert_eq!(answer.text(), "the rule large");
}

fn tokens_stay_out_of_the_log(servers: &Servers) {
    let server = servers.guarded();
    let good = reader(server);
    let stranger = server.mint(json!({ "key": "stranger" }));
    let expired = server.token(json!({ "exp": 1 }));
    let list = || modern("tools/list", json!({}));
    for request in [
        read_rule().bearer(&good),
        call("quarantined", json!({})).bearer(&good),
        call("read_upstream", json!({ "url": "http://127.0.0.1:1/" })).bearer(&good),
        list().bearer(&stranger),
        list().bearer(&expired),
        list().header("Authorization", &good),
        list()
            .bearer(&good)
            .also("Authorization", format!("Bearer {good}")),
        list().path(&format!("/mcp?access_token={good}")),
        list().param("cursor", json!(good)).bearer(&good),
        legacy(NEWEST, "ping", json!({})).session(&good),
    ] {
        server.endpoint.send(&request);
    }
    server
        .endpoint
        .send(&modern("server/discover", json!({})).client("no-tokens"));
    server.events.of_client("no-tokens");
    let log = server.events.text();
    for token in [&good, &stranger, &expired] {
        for part in token.split('.') {
            assert!(!log.contains(part), "{part}");
        }
    }
}
