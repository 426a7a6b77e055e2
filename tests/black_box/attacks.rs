//! Tokens that must not be believed, and tokens where none belongs: what each attack gets, what the log says of it, and
//! that none is worth a fetch of keys.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use mcp_edge_runtime::token::Session;
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Fetches, Guarded, LoggedEvent, Request, legacy, modern, tests, tokens};
use serde_json::{Value, json};
use xtask::host::Host;

const LEGACY: &str = "2025-11-25";
/// What tokens of the guarded server are bound to.
const SERVER: &str = "com.example/guarded";
/// `jwks_refresh_interval` of tests/guarded-server, in seconds.
const REFRESH: u64 = 60;
/// `keys_interval` of tests/guarded-server, in seconds.
const INTERVAL: u64 = 1;
/// How many requests of a test are under way at once, and so at how many instances of an edge host.
const AT_ONCE: u64 = 4;
const FORGED: u64 = 2_000;

pub fn tests() -> Vec<Test> {
    tests![
        what_shows_without_a_key_costs_no_fetch,
        what_a_known_key_refutes_costs_no_fetch,
        unknown_keys_cost_a_fetch_now_and_then,
        what_a_principal_was_given_serves_no_other,
        our_audience_can_be_one_of_several,
        a_token_longer_than_any_header_harms_no_other_request,
    ]
}

/// One attack, and what comes of it.
struct Attack {
    name: &'static str,
    request: Request,
    status: u16,
    /// `error` in `WWW-Authenticate`.
    error: Option<&'static str>,
    /// `reason` and `token` of the event.
    reason: (&'static str, Option<&'static str>),
    /// `outcome` of the event.
    outcome: &'static str,
}

impl Attack {
    /// A bearer token that is not accepted, for this reason.
    fn token(name: &'static str, token: &str, why: &'static str) -> Self {
        Self {
            name,
            request: list().bearer(token),
            status: 401,
            error: Some("invalid_token"),
            reason: ("invalid_token", Some(why)),
            outcome: "refused",
        }
    }

    /// Credentials that are no bearer token.
    fn malformed(name: &'static str, request: Request) -> Self {
        Self {
            name,
            request,
            status: 400,
            error: Some("invalid_request"),
            reason: ("malformed_credentials", None),
            outcome: "refused",
        }
    }

    /// A session that is none.
    fn session(name: &'static str, token: &str, why: &'static str) -> Self {
        Self {
            name,
            request: legacy(LEGACY, "ping", json!({})).session(token),
            status: 404,
            error: None,
            reason: ("session_not_found", Some(why)),
            outcome: "protocol_error",
        }
    }

    fn check(&self, server: &Guarded) {
        let name = self.name;
        let before = server.events.all().len();
        let answer = server.endpoint.send(&self.request);
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (self.status, -32600), "{name}: {message}");
        assert_eq!(
            answer.challenge().get("error").copied(),
            self.error,
            "{name}"
        );
        let event = &server.events.wait(before + 1, |_| true)[before];
        let logged = (event["reason"].as_str(), event["token_error"].as_str());
        assert_eq!(
            logged,
            (Some(self.reason.0), self.reason.1),
            "{name}: {event}"
        );
        assert_eq!(event["outcome"], self.outcome, "{name}: {event}");
        assert_eq!(event["status"], self.status, "{name}: {event}");
    }
}

fn list() -> Request {
    modern("tools/list", json!({}))
}

/// Has everything in the log that was said before.
fn settle(server: &Guarded) {
    server
        .endpoint
        .send(&modern("server/discover", json!({})).client("settles"));
    server.events.of_client("settles");
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs()
}

fn encoded(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

/// The three parts of a token.
fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}

fn what_shows_without_a_key_costs_no_fetch(servers: &Servers) {
    let server = servers.fresh_guarded();
    settle(&server);
    for attack in bad_headers(&server)
        .into_iter()
        .chain(bad_claims(&server))
        .chain(bad_forms(&server))
        .chain(bad_places(&server))
    {
        attack.check(&server);
    }
    let none = Fetches {
        metadata: 0,
        keys: 0,
    };
    assert_eq!(server.provider.fetches(), none);
}

#[rustfmt::skip]
fn bad_headers(server: &Guarded) -> Vec<Attack> {
    let with = |header: Value| server.mint(json!({ "header": header }));
    let signed = |algorithm: &str| server.mint(json!({ "algorithm": algorithm }));
    let twice = r#"{"alg":"RS256","typ":"at+jwt","kid":"key-1-rsa","kid":"key-1-p256"}"#;
    vec![
        Attack::token("no signature", &signed("none"), "wrong_algorithm"),
        Attack::token("no signature, in other letters", &with(json!({ "alg": "nOnE" })), "wrong_algorithm"),
        Attack::token("the public key as a secret", &signed("HS256"), "wrong_algorithm"),
        Attack::token("an unknown algorithm", &with(json!({ "alg": "RS1" })), "wrong_algorithm"),
        Attack::token("no algorithm", &with(json!({ "alg": null })), "malformed"),
        Attack::token("an unknown extension", &with(json!({ "crit": ["x"], "x": 1 })), "critical_header"),
        Attack::token("claims that are not encoded", &with(json!({ "crit": ["b64"], "b64": false })), "critical_header"),
        Attack::token("content that is no claims", &with(json!({ "cty": "JWT" })), "wrong_content_type"),
        Attack::token("an ID token", &with(json!({ "typ": "JWT" })), "wrong_type"),
        Attack::token("no type", &with(json!({ "typ": null })), "wrong_type"),
        Attack::token("a key id of 10 kB", &with(json!({ "kid": "k".repeat(10_000) })), "malformed_key_id"),
        Attack::token("a key id with a line break", &with(json!({ "kid": "key-1-rsa\n" })), "malformed_key_id"),
        Attack::token("a key id that is a number", &with(json!({ "kid": 1 })), "malformed"),
        Attack::token("a header with a member twice", &server.mint(json!({ "header_text": twice })), "duplicate_member"),
    ]
}

#[rustfmt::skip]
fn bad_claims(server: &Guarded) -> Vec<Attack> {
    let with = |claims: Value| server.token(claims);
    let url = server.url();
    let elsewhere = "https://elsewhere.example/mcp";
    let issuer = server.provider.issuer();
    let twice = format!(
        r#"{{"iss":"{issuer}","aud":"{url}","sub":"ada","sub":"grace","tenant":"acme","exp":{}}}"#,
        now() + 300
    );
    vec![
        Attack::token("another audience", &with(json!({ "aud": elsewhere })), "wrong_audience"),
        Attack::token("other audiences", &with(json!({ "aud": [elsewhere, "mcp"] })), "wrong_audience"),
        Attack::token("the beginning of our audience", &with(json!({ "aud": url[..url.len() - 1] })), "wrong_audience"),
        Attack::token("our origin", &with(json!({ "aud": url.trim_end_matches("/mcp") })), "wrong_audience"),
        Attack::token("more than our audience", &with(json!({ "aud": format!("{url}/") })), "wrong_audience"),
        Attack::token("our audience in capitals", &with(json!({ "aud": url.to_uppercase() })), "wrong_audience"),
        Attack::token("audiences in one text", &with(json!({ "aud": format!("{url} {elsewhere}") })), "wrong_audience"),
        Attack::token("no audience", &with(json!({ "aud": null })), "missing_claim"),
        Attack::token("another issuer", &with(json!({ "iss": "https://elsewhere.example" })), "unknown_issuer"),
        Attack::token("another tenant's issuer", &with(json!({ "iss": format!("{issuer}/globex") })), "unknown_issuer"),
        Attack::token("our issuer with a slash", &with(json!({ "iss": format!("{issuer}/") })), "unknown_issuer"),
        Attack::token("no issuer", &with(json!({ "iss": null })), "missing_claim"),
        Attack::token("no tenant", &with(json!({ "tenant": null })), "missing_claim"),
        Attack::token("several tenants", &with(json!({ "tenant": ["acme", "globex"] })), "malformed_claim"),
        Attack::token("no subject", &with(json!({ "sub": null })), "missing_claim"),
        // The guarded server allows no leeway.
        Attack::token("ended a second ago", &with(json!({ "exp": now() - 1 })), "expired"),
        Attack::token("no end", &with(json!({ "exp": null })), "missing_claim"),
        Attack::token("an end that is text", &with(json!({ "exp": "4000000000" })), "malformed_claim"),
        Attack::token("not yet valid", &with(json!({ "nbf": now() + 300 })), "not_yet_valid"),
        Attack::token("issued in the future", &with(json!({ "iat": now() + 300 })), "issued_in_future"),
        Attack::token("a claim twice", &server.mint(json!({ "claims_text": twice })), "duplicate_member"),
        Attack::token("claims that are a list", &server.mint(json!({ "claims_text": "[]" })), "malformed"),
    ]
}

#[rustfmt::skip]
fn bad_forms(server: &Guarded) -> Vec<Attack> {
    let good = server.token(json!({}));
    let [header, claims, signature] = parts(&good);
    // The last character of 256 bytes in base64 says two bits; the other four must be zero.
    let (rest, last) = signature.split_at(signature.len() - 1);
    let after = char::from(last.as_bytes()[0] + 1);
    let claims_in_base64 = format!("{claims}{}", "=".repeat((4 - claims.len() % 4) % 4));
    vec![
        Attack::token("opaque", "opaque-access-token", "not_a_jwt"),
        Attack::token("encrypted", &format!("{good}.AAAA.AAAA"), "encrypted"),
        Attack::token("no third part", &format!("{header}.{claims}"), "not_a_jwt"),
        Attack::token("a signature in padded base64", &format!("{good}=="), "not_a_jwt"),
        Attack::token("a signature with bits left over", &format!("{header}.{claims}.{rest}{after}"), "not_a_jwt"),
        Attack::token("parts in the other base64", &format!("{header}.{claims_in_base64}+/.{signature}"), "not_a_jwt"),
        Attack::token("too long", &server.token(json!({ "filling": "x".repeat(20_000) })), "too_large"),
    ]
}

#[rustfmt::skip]
fn bad_places(server: &Guarded) -> Vec<Attack> {
    let good = server.token(json!({ "scope": "mcp:read" }));
    let session = Session {
        revision: LEGACY.to_owned(),
        capabilities: json!({}),
        log_level: None,
    };
    let session = tokens::mint(&session, SERVER, tokens::KEYS, Duration::ZERO);
    vec![
        Attack::malformed("in the URL", list().path(&format!("/mcp?access_token={good}"))),
        Attack::malformed("in the URL besides", list().bearer(&good).path(&format!("/mcp?x=1&access_token={good}"))),
        Attack::malformed("twice", list().bearer(&good).also("Authorization", format!("Bearer {good}"))),
        Attack::malformed("one and another scheme", list().bearer(&good).also("Authorization", "Basic YTpi")),
        Attack::malformed("another scheme", list().header("Authorization", format!("DPoP {good}"))),
        Attack::malformed("no scheme", list().header("Authorization", &good)),
        Attack::session("as a session", &good, "wrong_algorithm"),
        Attack::token("a session as a token", &session, "missing_claim"),
    ]
}

fn what_a_known_key_refutes_costs_no_fetch(servers: &Servers) {
    let server = servers.fresh_guarded();
    let keys_of_our_own = TcpListener::bind("127.0.0.1:0").unwrap();
    let attacks = bad_signatures(&server, &keys_of_our_own);
    let began = Instant::now();
    let good = server.token(json!({}));
    for _ in 0..2 * AT_ONCE {
        assert_eq!(server.endpoint.send(&list().bearer(&good)).status, 200);
    }
    settle(&server);

    let before = server.provider.fetches();
    for attack in attacks {
        attack.check(&server);
    }
    let due = began.elapsed().as_secs() / REFRESH * AT_ONCE;
    let fetched = server.provider.fetches().keys - before.keys;
    assert!(fetched <= due, "{fetched} fetches");
    keys_of_our_own.set_nonblocking(true).unwrap();
    let visited = keys_of_our_own.accept().map(drop);
    assert_eq!(visited.unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[rustfmt::skip]
fn bad_signatures(server: &Guarded, keys: &TcpListener) -> Vec<Attack> {
    let good = server.token(json!({}));
    let [header, claims, signature] = parts(&good);
    let members: Value = serde_json::from_str(&tokens::decoded(claims)).unwrap();
    let spaced = encoded(&serde_json::to_string_pretty(&members).unwrap());
    let promoted = encoded(&tokens::decoded(claims).replace("analyst", "admin"));
    let curve = server.mint(json!({ "algorithm": "ES256" }));
    let [curve_header, curve_claims, _] = parts(&curve);
    let zeros = Base64UrlUnpadded::encode_string(&[0; 64]);

    let keys = format!("http://{}/keys", keys.local_addr().unwrap());
    let stranger = |member: &str, value: Value| {
        let mut header = json!({ "kid": "key-1-rsa" });
        header[member] = value;
        server.mint(json!({ "key": "stranger", "header": header }))
    };
    let embedded = server.mint(json!({ "key": "stranger", "embed": true, "header": { "kid": "key-1-rsa" } }));
    let relabelled = |algorithm: &str| server.mint(json!({ "header": { "alg": algorithm } }));
    vec![
        Attack::token("claims that were changed", &format!("{header}.{promoted}.{signature}"), "bad_signature"),
        Attack::token("claims that are written otherwise", &format!("{header}.{spaced}.{signature}"), "bad_signature"),
        Attack::token("a signature of zeros", &format!("{curve_header}.{curve_claims}.{zeros}"), "bad_signature"),
        Attack::token("no signature under a good header", &format!("{header}.{claims}."), "bad_signature"),
        Attack::token("another's signature", &stranger("typ", json!("at+jwt")), "bad_signature"),
        Attack::token("a key of its own", &embedded, "bad_signature"),
        Attack::token("a URL of its keys", &stranger("jku", json!(keys)), "bad_signature"),
        Attack::token("a URL of its certificate", &stranger("x5u", json!(keys)), "bad_signature"),
        Attack::token("another padding", &relabelled("PS256"), "bad_signature"),
        Attack::token("another digest", &relabelled("RS512"), "bad_signature"),
        Attack::token("an algorithm of other keys", &relabelled("ES256"), "unusable_key"),
        Attack::token("another key's name", &server.mint(json!({ "header": { "kid": "key-1-p256" } })), "unusable_key"),
    ]
}

fn unknown_keys_cost_a_fetch_now_and_then(servers: &Servers) {
    let server = servers.fresh_guarded();
    let good = server.token(json!({}));
    let [_, claims, signature] = parts(&good);
    let forged = |key_id: &str| {
        let header = json!({ "alg": "RS256", "typ": "at+jwt", "kid": key_id });
        format!("{}.{claims}.{signature}", encoded(&header.to_string()))
    };
    let began = Instant::now();
    settle(&server);
    for key_id in [
        "../../../../../../etc/passwd",
        "' UNION SELECT 'secret' --",
        "https://elsewhere.example/keys.json",
        "",
    ] {
        Attack::token("a key id that is more", &forged(key_id), "unknown_key").check(&server);
    }
    thread::scope(|scope| {
        for sender in 0..AT_ONCE {
            let (server, forged, good) = (&server, &forged, &good);
            scope.spawn(move || {
                for count in 0..FORGED / AT_ONCE {
                    let token = forged(&format!("forged-{sender}-{count}"));
                    let answer = server.endpoint.send(&list().bearer(&token));
                    assert_eq!(answer.error().0, 401, "{:?}", answer.response());
                    if count % 100 == 0 {
                        let served = server.endpoint.send(&list().bearer(good));
                        assert_eq!(served.status, 200, "a good token meanwhile");
                    }
                }
            });
        }
    });
    let allowed = (began.elapsed().as_secs() / INTERVAL + 1) * AT_ONCE;
    let Fetches { metadata, keys } = server.provider.fetches();
    assert!(
        (1..=allowed).contains(&keys) && (1..=allowed).contains(&metadata),
        "{keys} fetches of keys and {metadata} of metadata, and {allowed} would do"
    );
}

/// What is bound to one caller, presented by others.
fn what_a_principal_was_given_serves_no_other(servers: &Servers) {
    let server = servers.guarded();
    let claims = |subject: &str, tenant: &str, client: &str| json!({ "sub": subject, "tenant": tenant, "client_id": client, "scope": "mcp:read" });
    let owner = server.token(claims("owner", "acme", "desk"));
    let send =
        |request: &Request, token: &str| server.endpoint.send(&request.clone().bearer(token));
    let ask = modern("tools/call", json!({ "name": "ask_for_readers" }))
        .capabilities(json!({ "elicitation": {} }));

    let listed = send(&list(), &owner);
    let turn = modern(
        "tools/list",
        json!({ "cursor": listed.result()["nextCursor"] }),
    );
    let asked = send(&ask, &owner);
    let reply = json!({ "name": { "action": "accept", "content": { "name": "Ada" } } });
    let resume = ask
        .param("requestState", asked.result()["requestState"].clone())
        .param("inputResponses", reply);
    let initialized = send(
        &legacy(
            LEGACY,
            "initialize",
            json!({
                "protocolVersion": LEGACY,
                "capabilities": {},
                "clientInfo": { "name": "black-box", "version": "1" },
            }),
        ),
        &owner,
    );
    let ping =
        legacy(LEGACY, "ping", json!({})).session(initialized.header("mcp-session-id").unwrap());

    let others = [
        Some(("thief", "acme", "desk")),
        Some(("owner", "globex", "desk")),
        Some(("owner", "acme", "phone")),
        None,
    ];
    for other in others {
        let token =
            other.map(|(subject, tenant, client)| server.token(claims(subject, tenant, client)));
        let send = |request: &Request| match &token {
            Some(token) => send(request, token),
            None => server.endpoint.send(request),
        };
        let refused = send(&turn);
        let (status, code, message) = refused.error();
        assert_eq!((status, code), (200, -32602), "{other:?}: {message}");
        assert!(message.contains("list again"), "{other:?}: {message}");
        let refused = send(&resume);
        let data = &refused.response()["error"]["data"];
        assert_eq!(data["reason"], "invalid_request_state", "{other:?}");
        let refused = send(&ping);
        let (status, code, message) = refused.error();
        assert_eq!((status, code), (404, -32600), "{other:?}: {message}");

        let is_theirs = |event: &LoggedEvent| {
            let who = &event["principal"];
            match other {
                Some((subject, tenant, client)) => {
                    who["subject"] == subject && who["tenant"] == tenant && who["client"] == client
                }
                None => who["anonymous"] == true,
            }
        };
        for reason in [
            "invalid_cursor",
            "invalid_request_state",
            "session_not_found",
        ] {
            server.events.wait(1, |event| {
                is_theirs(event)
                    && event["reason"] == reason
                    && event["token_error"] == "wrong_principal"
            });
        }
    }

    // Refreshing a token ends nothing.
    let refreshed = server.token(claims("owner", "acme", "desk"));
    assert!(send(&turn, &refreshed).result()["tools"].is_array());
    assert_eq!(send(&resume, &refreshed).text(), "read by Ada");
    assert_eq!(send(&ping, &refreshed).status, 200);
}

fn our_audience_can_be_one_of_several(servers: &Servers) {
    let server = servers.guarded();
    let audiences = json!({ "aud": ["https://elsewhere.example", server.url()] });
    let answer = server
        .endpoint
        .send(&list().bearer(&server.token(audiences)));
    assert_eq!(answer.status, 200);
}

/// The native server, the stand-in for Spin and `wrangler dev` hand such a header over, and the server refuses the token.
/// Another edge host may refuse the header before the server sees it, or hang up.
fn a_token_longer_than_any_header_harms_no_other_request(servers: &Servers) {
    let server = servers.guarded();
    let part = "A".repeat((256 << 10) / 3);
    let request = list().bearer(&format!("{part}.{part}.{part}"));
    match server.endpoint.open(&request) {
        Ok(refused) if refused.status == 401 => server.events.wait(1, |event| {
            event["token_error"] == "too_large" && event["reason"] == "invalid_token"
        }),
        // A process reads no head of that length.
        Ok(refused) if servers.host == Host::Native => {
            assert_eq!(refused.status, 431, "{refused:?}");
            server.events.wait(1, |event| {
                event["reason"] == "head_too_large" && event["status"] == 431
            })
        }
        Ok(refused) => {
            assert!(refused.status >= 400, "{refused:?}");
            Vec::new()
        }
        Err(error) => {
            assert_ne!(servers.host, Host::Native, "{error:#}");
            Vec::new()
        }
    };
    assert_eq!(server.endpoint.send(&list()).status, 200);
}
