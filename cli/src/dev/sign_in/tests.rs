//! The rules of the authorization server, and attacks on them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Mutex;

use http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use serde_json::Value as Json;

use super::*;

const PORT: u16 = 8788;
const ISSUER: &str = "http://127.0.0.1:8788";
const RESOURCE: &str = "http://127.0.0.1:8787/mcp";
const CALLBACK: &str = "http://127.0.0.1:3000/callback?from=test";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const DOCUMENT: &str = "https://client.example/mcp.json";

type Pairs<'a> = Vec<(&'a str, &'a str)>;

struct World {
    server: AuthorizationServer,
    folder: tempfile::TempDir,
    now: Mutex<SystemTime>,
}

fn world() -> World {
    let documents: Documents = Box::new(|url| match url {
        DOCUMENT => Ok(json!({
            "client_id": DOCUMENT,
            "redirect_uris": ["https://client.example/callback", "http://localhost/callback"],
        })
        .to_string()
        .into_bytes()),
        "https://client.example/copied.json" => Ok(json!({
            "client_id": DOCUMENT, "redirect_uris": ["https://client.example/callback"],
        })
        .to_string()
        .into_bytes()),
        _ => Err("no <network>".to_owned()),
    });
    let server = AuthorizationServer::new(PORT, documents);
    let folder = tempfile::tempdir().unwrap();
    server.state().resource = Some(Resource {
        name: "<b>rules</b>".to_owned(),
        url: RESOURCE.to_owned(),
        audience: RESOURCE.to_owned(),
        scopes: vec!["read".to_owned(), "write".to_owned()],
        folder: folder.path().to_owned(),
    });
    World {
        server,
        folder,
        now: Mutex::new(SystemTime::now()),
    }
}

fn asking() -> Pairs<'static> {
    vec![
        ("response_type", "code"),
        ("client_id", "inspector"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("resource", RESOURCE),
        ("scope", "read read"),
        ("state", "a&b"),
    ]
}

fn redeeming(code: &str) -> Pairs<'_> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", "inspector"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", RESOURCE),
        ("code", code),
    ]
}

/// `pairs` with `name` replaced, or left out where `value` is empty.
fn with<'a>(mut pairs: Pairs<'a>, name: &'a str, value: &'a str) -> Pairs<'a> {
    pairs.retain(|(known, _)| *known != name);
    pairs.push((name, value));
    pairs
}

fn encoded(pairs: &Pairs<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

impl World {
    fn send(&self, request: http::request::Builder, body: String) -> http::Response<String> {
        let has_host = request.headers_ref().unwrap().contains_key("host");
        let request = match has_host {
            true => request,
            false => request.header("host", "127.0.0.1:8788"),
        };
        let request = request.body(Bytes::from(body)).unwrap();
        self.server.respond(&request, *self.now.lock().unwrap()).0
    }

    fn post(&self, path: &str, pairs: &Pairs<'_>) -> http::Response<String> {
        let request = http::Request::post(path).header("origin", ISSUER).header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        self.send(request, encoded(pairs))
    }

    fn ask(&self, pairs: &Pairs<'_>) -> http::Response<String> {
        let path = format!("/authorize?{}", encoded(pairs));
        self.send(http::Request::get(path), String::new())
    }

    /// The key in the page for a request.
    fn key(&self, pairs: &Pairs<'_>) -> String {
        let page = self.ask(pairs);
        assert_eq!(page.status(), 200, "{}", page.body());
        let (_, rest) = page.body().split_once("name=\"request\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The code for a request that grace allows.
    fn code(&self, pairs: &Pairs<'_>) -> String {
        let key = self.key(pairs);
        let allowed = vec![
            ("request", key.as_str()),
            ("user", "grace"),
            ("scope", "read"),
            ("decision", "allow"),
        ];
        let sent = sent(&self.post("/authorize", &allowed));
        sent.into_iter().find(|(name, _)| name == "code").unwrap().1
    }

    /// The error of a redemption, or `None`.
    fn redeem(&self, pairs: &Pairs<'_>) -> Option<String> {
        let answer = self.post("/token", pairs);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let json: Json = serde_json::from_str(answer.body()).unwrap();
        assert_eq!(
            json.get("error").is_some(),
            answer.status() == 400,
            "{json}"
        );
        json.get("error")
            .map(|error| error.as_str().unwrap().to_owned())
    }
}

/// The parameters that the client gets.
fn sent(answer: &http::Response<String>) -> Vec<(String, String)> {
    assert_eq!(answer.status(), 303, "{}", answer.body());
    let url = Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap();
    assert_eq!(url.port(), Some(3000));
    url.query_pairs().into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    owned.collect()
}

#[test]
fn a_user_signs_in_and_the_token_says_who_it_is() {
    let world = world();
    let key = world.key(&asking());
    let allowed = vec![
        ("request", key.as_str()),
        ("user", "grace"),
        ("scope", "read"),
        ("decision", "allow"),
    ];
    let answer = sent(&world.post("/authorize", &allowed));
    let code = answer[1].1.clone();
    let expected = [
        ("from", "test"),
        ("code", &code),
        ("state", "a&b"),
        ("iss", ISSUER),
    ];
    assert_eq!(answer, pairs(&expected));

    let answer = world.post("/token", &redeeming(&code));
    let json: Json = serde_json::from_str(answer.body()).unwrap();
    assert_eq!(
        (&json["token_type"], &json["scope"]),
        (&json!("Bearer"), &json!("read"))
    );
    let token = json["access_token"].as_str().unwrap();
    let claims = Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Json = serde_json::from_slice(&claims).unwrap();
    for (claim, value) in [
        ("iss", json!(crate::development::ISSUER)),
        ("aud", json!(RESOURCE)),
        ("sub", json!("grace")),
        ("client_id", json!("inspector")),
        ("scope", json!("read")),
        ("groups", json!(["support"])),
    ] {
        assert_eq!(claims[claim], value, "{claim}");
    }
}

#[test]
fn a_code_is_redeemed_once_within_a_minute_by_its_client() {
    let world = world();
    let code = world.code(&asking());
    assert_eq!(world.redeem(&redeeming(&code)), None);
    assert_eq!(
        world.redeem(&redeeming(&code)).as_deref(),
        Some("invalid_grant")
    );

    let late = world.code(&asking());
    *world.now.lock().unwrap() += CODE_TTL + Duration::from_secs(1);
    assert_eq!(
        world.redeem(&redeeming(&late)).as_deref(),
        Some("invalid_grant")
    );

    for (name, value, error) in [
        ("client_id", "other", "invalid_grant"),
        (
            "redirect_uri",
            "http://127.0.0.1:3000/callback",
            "invalid_grant",
        ),
        (
            "redirect_uri",
            "http://127.0.0.1:3001/callback?from=test",
            "invalid_grant",
        ),
        ("code_verifier", CHALLENGE, "invalid_grant"),
        ("code_verifier", "short", "invalid_grant"),
        ("resource", "http://127.0.0.1:9/mcp", "invalid_target"),
        ("resource", "", "invalid_target"),
        ("code", "guessed", "invalid_grant"),
    ] {
        let code = world.code(&asking());
        let refused = world.redeem(&with(redeeming(&code), name, value));
        assert_eq!(refused.as_deref(), Some(error), "{name}={value}");
        // An attacker's attempt costs the code.
        let again = world.redeem(&redeeming(&code));
        assert_eq!(again.is_none(), name == "code", "{name}={value}");
    }
    for (name, value, error) in [
        ("code_verifier", "", "invalid_request"),
        ("client_id", "", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("code", "", "invalid_request"),
        ("grant_type", "", "invalid_request"),
        ("grant_type", "refresh_token", "unsupported_grant_type"),
    ] {
        let refused = world.redeem(&with(redeeming("code"), name, value));
        assert_eq!(refused.as_deref(), Some(error), "{name}={value}");
    }
    let mut twice = redeeming("code");
    twice.push(("client_id", "inspector"));
    assert_eq!(world.redeem(&twice).as_deref(), Some("invalid_request"));
}

#[test]
fn a_request_without_pkce_or_for_something_else_goes_back_to_the_client() {
    let world = world();
    let long = "x ".repeat(MAX_SCOPES) + "y";
    let many: String = (0..=MAX_SCOPES)
        .map(|number| format!("s{number} "))
        .collect();
    for (name, value, error) in [
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", VERIFIER.split_at(42).0, "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("resource", "", "invalid_target"),
        (
            "resource",
            "https://elsewhere.example/mcp",
            "invalid_target",
        ),
        ("scope", "a\"b", "invalid_scope"),
        ("scope", &many, "invalid_scope"),
    ] {
        let answer = sent(&world.ask(&with(asking(), name, value)));
        assert_eq!(
            answer[1],
            ("error".to_owned(), error.to_owned()),
            "{name}={value}"
        );
        let state = ("state".to_owned(), "a&b".to_owned());
        assert!(answer.contains(&state) && answer.contains(&("iss".to_owned(), ISSUER.to_owned())));
    }
    assert_eq!(world.ask(&with(asking(), "scope", &long)).status(), 200);
}

#[test]
fn a_user_is_sent_nowhere_but_to_the_client() {
    let world = world();
    let copied = "https://client.example/copied.json";
    let unknown = "https://unknown.example/mcp.json";
    let refused = [
        ("inspector", ""),
        ("", CALLBACK),
        ("inspector", "https://evil.example/callback"),
        ("inspector", "http://evil.example/callback"),
        ("inspector", "http://127.0.0.1:3000@evil.example/"),
        ("inspector", "http://127.0.0.1:3000\\@evil.example/"),
        ("inspector", "http://user@127.0.0.1:3000/"),
        ("inspector", "http://127.0.0.1.evil.example/"),
        ("inspector", "http://127.0.0.1:3000/#fragment"),
        ("inspector", "javascript:alert(1)"),
        ("inspector", "/callback"),
        ("in spector", CALLBACK),
        ("http://127.0.0.1/client", CALLBACK),
        (DOCUMENT, "https://client.example/callback/other"),
        (DOCUMENT, "http://localhost:3000/other"),
        (DOCUMENT, "http://127.0.0.1:3000/callback"),
        (copied, "https://client.example/callback"),
        (unknown, "https://client.example/callback"),
        (
            "https://client.example/a/../mcp.json",
            "https://client.example/callback",
        ),
        ("https://client.example", "https://client.example/callback"),
    ];
    for (client, redirect) in refused {
        let request = with(
            with(asking(), "client_id", client),
            "redirect_uri",
            redirect,
        );
        let answer = world.ask(&request);
        assert_eq!(answer.status(), 400, "{client} {redirect}");
        assert!(!answer.headers().contains_key(LOCATION));
    }
    let mut twice = asking();
    twice.push(("redirect_uri", CALLBACK));
    assert_eq!(world.ask(&twice).status(), 400);
    for (client, redirect) in [
        ("inspector", "http://localhost:1/"),
        ("inspector", "http://[::1]:1/"),
        (DOCUMENT, "https://client.example/callback"),
        (DOCUMENT, "http://localhost:3000/callback"),
    ] {
        let request = with(
            with(asking(), "client_id", client),
            "redirect_uri",
            redirect,
        );
        assert_eq!(world.ask(&request).status(), 200, "{client} {redirect}");
    }
    // Without the internet, with a word about it.
    let answer = world.ask(&with(asking(), "client_id", unknown));
    assert!(
        answer.body().contains("not checked: no &lt;network&gt;"),
        "{}",
        answer.body()
    );
}

#[test]
fn the_page_is_escaped_and_runs_no_scripts_and_is_in_no_frame() {
    let world = world();
    let script = "http://127.0.0.1:3000/?<script>\"'";
    let answer = world.ask(&with(asking(), "redirect_uri", script));
    assert_eq!(answer.status(), 200);
    assert!(!answer.body().contains("<script>") && !answer.body().contains("<b>rules"));
    let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "form-action 'self' http://127.0.0.1:3000;",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
}

#[test]
fn only_the_page_decides_and_once() {
    let world = world();
    let key = world.key(&asking());
    let allowed = with(
        vec![("request", &key), ("user", "ada"), ("scope", "read")],
        "decision",
        "allow",
    );
    for origin in [
        None,
        Some("null"),
        Some("http://127.0.0.1:3000"),
        Some("https://evil.example"),
    ] {
        let mut request = http::Request::post("/authorize")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(
            world.send(request, encoded(&allowed)).status(),
            403,
            "{origin:?}"
        );
    }
    let forged = with(allowed.clone(), "request", "guessed");
    assert_eq!(world.post("/authorize", &forged).status(), 400);
    assert_eq!(sent(&world.post("/authorize", &allowed))[1].0, "code");
    assert_eq!(world.post("/authorize", &allowed).status(), 400);

    for (name, value) in [
        ("decision", "deny"),
        ("decision", ""),
        ("user", "mallory"),
        ("scope", "write"),
    ] {
        let key = world.key(&asking());
        let decision = with(with(allowed.clone(), name, value), "request", &key);
        let answer = sent(&world.post("/authorize", &decision));
        assert_eq!(
            answer[1],
            ("error".to_owned(), "access_denied".to_owned()),
            "{name}={value}"
        );
    }
    let key = world.key(&asking());
    *world.now.lock().unwrap() += PAGE_TTL + Duration::from_secs(1);
    let late = with(allowed, "request", &key);
    assert_eq!(world.post("/authorize", &late).status(), 400);
}

#[test]
fn a_rebound_name_and_pages_elsewhere_reach_nothing() {
    let world = world();
    let get = |host: &str, origin: Option<&str>| {
        let mut request = http::Request::get(metadata::PATH).header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        world.send(request, String::new())
    };
    for host in [
        "evil.example:8788",
        "127.0.0.1",
        "127.0.0.1:8787",
        "localhost:8788",
        "",
    ] {
        assert_eq!(get(host, None).status(), 421, "{host}");
    }
    let own = "127.0.0.1:8788";
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1.evil.example",
    ] {
        assert_eq!(get(own, Some(origin)).status(), 403, "{origin}");
    }
    let answer = get(own, Some("http://localhost:6274"));
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "http://localhost:6274"
    );
    let document: Json = serde_json::from_str(answer.body()).unwrap();
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );
}

#[test]
fn a_client_registers_with_what_leads_to_this_machine() {
    let world = world();
    let register = |body: Json| {
        let answer = world.send(http::Request::post("/register"), body.to_string());
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<Json>(answer.body()).unwrap())
    };
    let elsewhere = "https://vscode.dev/redirect";
    let (status, client) = register(json!({
        "client_name": "MCP <Inspector>", "redirect_uris": [elsewhere, CALLBACK], "token_endpoint_auth_method": "client_secret_post",
    }));
    assert_eq!(status, 201);
    assert_eq!(client["client_id"], "mcp-inspector");
    assert_eq!(client["redirect_uris"], json!([CALLBACK]));
    assert_eq!(client["token_endpoint_auth_method"], "none");
    let long = register(json!({ "client_name": "a".repeat(9000), "redirect_uris": [CALLBACK] })).1;
    assert!(client::is_name(long["client_id"].as_str().unwrap()));
    for (body, error) in [
        (
            json!({ "redirect_uris": [elsewhere] }),
            "invalid_redirect_uri",
        ),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({}), "invalid_client_metadata"),
    ] {
        let (status, answer) = register(body);
        assert_eq!((status, &answer["error"]), (400, &json!(error)));
    }
}

#[test]
fn as_many_requests_wait_as_there_is_room_for() {
    let world = world();
    let first = world.key(&asking());
    for _ in 0..single_use::MAX_VALUES {
        world.key(&asking());
    }
    let decision = vec![("request", first.as_str()), ("decision", "deny")];
    assert_eq!(world.post("/authorize", &decision).status(), 400);
}

#[test]
fn the_users_are_those_of_the_file() {
    let world = world();
    let write = |text: &str| std::fs::write(world.folder.path().join("users.json"), text).unwrap();
    write(r#"[{ "subject": "linus", "groups": ["<kernel>"] }]"#);
    let page = world.ask(&asking());
    assert!(
        page.body()
            .contains("linus <small>tenant dev, group &lt;kernel&gt;")
    );
    assert!(!page.body().contains("ada"));
    for wrong in [
        "",
        "[]",
        r#"[{"subject":""}]"#,
        r#"[{"name":"a"}]"#,
        r#"[{"subject":"a"},{"subject":"a"}]"#,
    ] {
        write(wrong);
        let answer = sent(&world.ask(&asking()));
        assert_eq!(answer[1].1, "server_error", "{wrong}");
    }
}

#[test]
fn what_is_too_long_is_not_read_and_a_taken_port_is_no_obstacle() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let sign_in = SignIn::start(taken.local_addr().unwrap().port()).unwrap();
    let host = sign_in.url().strip_prefix("http://").unwrap();
    let send = |head: &str, body: &[u8]| {
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The server answers before it has read all.
        let _ = stream.write_all(body);
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        String::from_utf8_lossy(&status).into_owned()
    };
    // No server runs yet.
    assert_eq!(send("GET /jwks", b""), "HTTP/1.1 503");
    assert_eq!(send("POST /token", &[b'a'; 16 << 10]), "HTTP/1.1 503");
    assert_eq!(send("POST /token", &[b'a'; (16 << 10) + 1]), "HTTP/1.1 413");
    let path = format!("GET /authorize?{}", "a".repeat(32 << 10));
    assert!(send(&path, b"").starts_with("HTTP/1.1 4"));
}
