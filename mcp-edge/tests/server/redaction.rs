//! What a caller says does not get into the log, unless the configuration asks for it and nothing hides it.
//!
//! A secret is planted in every place in which a request can carry one, and looked for in everything that is logged.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::ready;
use mcp_edge::config::Algorithm;
use mcp_edge::config::{Capture, Configuration, Issuer, JwksSource, Rule, Settings, TextSetting};
use mcp_edge::http::{Body, Incoming};
use mcp_edge::prelude::*;
use mcp_edge::{BuildError, Runtime, Server};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::host::{PUBLIC, public_host};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Anything {
    #[serde(flatten)]
    members: BTreeMap<String, Value>,
}

/// Says what it was told.
#[tool]
async fn echo(input: Anything) -> Result<Json<BTreeMap<String, Value>>, ToolError> {
    Ok(Json(input.members))
}

/// Says what it was told, as a failure.
#[tool]
async fn complain(input: Anything) -> Result<String, ToolError> {
    Err(ToolError::new(format!("{:?}", input.members)))
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct RuleName {
    name: String,
}

/// A rule.
#[resource(template = "rules://{name}")]
async fn rule(rule: RuleName) -> Result<String, RequestError> {
    Ok(rule.name)
}

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/echo", "1.0.0")
        .tool(echo)
        .tool(complain)
        .template(rule)
        .build()
}

/// Nothing of what anybody says.
const SILENT: Settings = PUBLIC;

/// Everything, with what looks like a secret taken out.
const SHOWN: Settings = {
    let mut settings = PUBLIC;
    settings.audit.redact_patterns = &["(?i)hush-[0-9a-z-]{8,}"];
    settings.capture = &[Capture {
        tools: &["*"],
        prompts: &["*"],
        resources: &["*"],
        arguments: true,
        result: true,
        max_bytes: 256 << 10,
        ..Capture::DEFAULT
    }];
    settings
};

/// With an issuer, so that tokens are looked at.
const GUARDED: Settings = {
    let mut settings = PUBLIC;
    settings.server.url = Some(TextSetting::Literal("https://mcp.example.com/mcp"));
    settings.issuers = &[Issuer {
        name: "company",
        url: TextSetting::Literal("https://id.example.com"),
        algorithms: &[Algorithm::EDDSA],
        jwks: JwksSource::Set(TextSetting::Literal(
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
        )),
        ..Issuer::DEFAULT
    }];
    settings.policy = &[Rule {
        name: "anyone",
        anonymous: true,
        tools: &["*"],
        ..Rule::DEFAULT
    }];
    settings
};

fn configuration(base: Settings) -> &'static Configuration {
    Box::leak(Box::new(Configuration {
        base,
        environments: &[],
    }))
}

/// What is logged of one request.
fn logged(settings: Settings, request: http::Request<Bytes>) -> String {
    let runtime = Runtime::new(server(), configuration(settings));
    let host = public_host();
    let served = runtime.serve(request.map(Incoming::from), host.shared());
    let response = host.run(served);
    if let Body::Stream(stream) = response.into_body() {
        host.run(stream.for_each(|_| ready(())));
        host.run_after_response();
    }
    drop(runtime);
    let lines = host.log_lines();
    let events: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("every line is an event"))
        .collect();
    assert!(!events.is_empty(), "every request has an event");
    lines.join("\n")
}

fn post(headers: &[(&str, &str)], body: &Value) -> http::Request<Bytes> {
    let mut request = http::Request::post("/mcp")
        .header("host", "mcp.example.com")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Bytes::from(body.to_string()))
        .expect("a request")
}

/// A request of the newest revision.
fn modern(method: &str, mut params: Value) -> http::Request<Bytes> {
    let name = params["name"].as_str().or(params["uri"].as_str());
    let name = name.map(str::to_owned);
    let meta = params["_meta"].take();
    let mut meta = match meta {
        Value::Object(meta) => meta,
        _ => Map::new(),
    };
    meta.extend([
        (
            "io.modelcontextprotocol/protocolVersion".to_owned(),
            json!("2026-07-28"),
        ),
        (
            "io.modelcontextprotocol/clientCapabilities".to_owned(),
            json!({}),
        ),
    ]);
    params["_meta"] = Value::Object(meta);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut headers = vec![
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", method),
    ];
    if let Some(name) = &name {
        headers.push(("mcp-name", name));
    }
    post(&headers, &body)
}

fn call(tool: &str, arguments: Value) -> http::Request<Bytes> {
    modern(
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

fn with_header(
    mut request: http::Request<Bytes>,
    name: &'static str,
    value: &str,
) -> http::Request<Bytes> {
    let value = value.parse().expect("a header's value");
    request.headers_mut().insert(name, value);
    request
}

/// Every form in which a part of the secret could be found.
fn contains(log: &str, secret: &str) -> bool {
    let log = log.to_lowercase();
    let secret = secret.to_lowercase();
    log.contains(&secret) || log.contains(&secret.replace('-', "%2d"))
}

/// A request for each place that a caller can write a secret to, other than arguments.
fn around(secret: &str) -> Vec<(&'static str, http::Request<Bytes>)> {
    let hello = || call("echo", json!({}));
    let message = |members: Value| post(&[("mcp-protocol-version", "2025-06-18")], &members);
    vec![
        ("unknown tool", call(secret, json!({}))),
        (
            "unknown prompt",
            modern("prompts/get", json!({ "name": secret })),
        ),
        (
            "unknown resource",
            modern(
                "resources/read",
                json!({ "uri": format!("other://{secret}") }),
            ),
        ),
        (
            "resource",
            modern(
                "resources/read",
                json!({ "uri": format!("rules://{secret}") }),
            ),
        ),
        ("unknown method", modern(secret, json!({}))),
        ("cursor", modern("tools/list", json!({ "cursor": secret }))),
        (
            "request state",
            modern(
                "tools/call",
                json!({ "name": "echo", "arguments": {}, "requestState": secret, "inputResponses": { secret: secret } }),
            ),
        ),
        (
            "completion",
            modern(
                "completion/complete",
                json!({
                    "ref": { "type": "ref/resource", "uri": "rules://{name}" },
                    "argument": { "name": secret, "value": secret },
                    "context": { "arguments": { secret: secret } },
                }),
            ),
        ),
        (
            "other parameters",
            modern(
                "tools/call",
                json!({ "name": "echo", "arguments": {}, secret: [secret] }),
            ),
        ),
        (
            "metadata",
            modern(
                "tools/call",
                json!({ "name": "echo", "arguments": {}, "_meta": {
                    secret: secret, "progressToken": secret, "traceparent": secret, "tracestate": secret, "baggage": secret,
                } }),
            ),
        ),
        ("session", with_header(hello(), "mcp-session-id", secret)),
        (
            "token",
            with_header(hello(), "authorization", &format!("Bearer {secret}")),
        ),
        ("credentials", with_header(hello(), "authorization", secret)),
        ("cookie", with_header(hello(), "cookie", secret)),
        ("trace", with_header(hello(), "traceparent", secret)),
        ("trace state", with_header(hello(), "tracestate", secret)),
        ("user agent", with_header(hello(), "user-agent", secret)),
        (
            "origin",
            with_header(hello(), "origin", &format!("https://{secret}.example")),
        ),
        (
            "host",
            with_header(hello(), "host", &format!("{secret}.example")),
        ),
        ("method header", with_header(hello(), "mcp-method", secret)),
        ("name header", with_header(hello(), "mcp-name", secret)),
        (
            "revision header",
            with_header(hello(), "mcp-protocol-version", secret),
        ),
        ("media type", with_header(hello(), "content-type", secret)),
        ("accept", with_header(hello(), "accept", secret)),
        ("event id", with_header(hello(), "last-event-id", secret)),
        ("another header", with_header(hello(), "x-api-key", secret)),
        (
            "query",
            http::Request::post(format!("/mcp?key={secret}"))
                .header("host", "mcp.example.com")
                .body(Bytes::new())
                .expect("a request"),
        ),
        (
            "path",
            http::Request::get(format!("/{secret}"))
                .header("host", "mcp.example.com")
                .body(Bytes::new())
                .expect("a request"),
        ),
        (
            "id",
            message(json!({ "jsonrpc": "2.0", "id": secret, "method": "ping" })),
        ),
        (
            "notification",
            message(json!({ "jsonrpc": "2.0", "method": format!("notifications/{secret}") })),
        ),
        (
            "cancellation",
            message(
                json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": secret, "reason": secret } }),
            ),
        ),
        (
            "client",
            message(
                json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": { secret: {} },
                "clientInfo": { "name": secret, "version": secret, "title": secret },
            } }),
            ),
        ),
        (
            "revision",
            message(
                json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": secret, "capabilities": {}, "clientInfo": { "name": "a", "version": "1" },
            } }),
            ),
        ),
        (
            "version of JSON-RPC",
            message(json!({ "jsonrpc": secret, "id": 1, "method": "ping" })),
        ),
        (
            "members",
            message(json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", secret: secret })),
        ),
        (
            "response",
            message(json!({ "jsonrpc": "2.0", "id": 1, "result": { secret: secret } })),
        ),
        ("no message", message(json!(secret))),
        (
            "batch",
            post(
                &[("mcp-protocol-version", "2025-03-26")],
                &json!([
                    { "jsonrpc": "2.0", "id": secret, "method": secret },
                    { "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": secret, "arguments": { secret: secret } } },
                ]),
            ),
        ),
        (
            "no JSON",
            post(&[], &Value::Null).map(|_| Bytes::from(format!("{{\"a\": \"{secret}\""))),
        ),
        (
            "no UTF-8",
            post(&[], &Value::Null).map(|_| Bytes::from([secret.as_bytes(), &[0xff]].concat())),
        ),
    ]
}

/// A secret that looks like one to the pattern above, and like a token to everything else.
fn secrets() -> impl Strategy<Value = String> {
    "hush-[a-z]{4}[0-9]{4}-[a-z0-9]{12}"
}

/// Values with the secret somewhere in them.
fn hiding(secret: String) -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just(secret.clone()),
        "[a-z \u{e9}\u{4e2d}\"\\\\/]{0,6}".prop_map({
            let secret = secret.clone();
            move |around| format!("{around} {secret} {around}")
        }),
    ];
    let noise = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let leaf = prop_oneof![3 => text.clone().prop_map(Value::from), 1 => noise];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..5).prop_map(Value::from),
            proptest::collection::vec((text.clone(), inner.clone()), 1..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            proptest::collection::vec(("[a-z]{1,4}", inner), 1..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn secrets_around_the_arguments_stay_out() {
    let secret = "hush-abcd1234-xyz9xyz9xyz9";
    for settings in [SILENT, SHOWN, GUARDED] {
        for (place, request) in around(secret) {
            let log = logged(settings, request);
            assert!(!contains(&log, secret), "{place}: {log}");
        }
    }
}

/// What is in an access token that proves nothing is not logged but for the claims that say why.
#[test]
fn tokens_stay_out() {
    let encode = |part: Value| Base64UrlUnpadded::encode_string(part.to_string().as_bytes());
    for (header, claims) in [
        (
            json!({ "alg": "EdDSA", "kid": "SECRET" }),
            json!({ "iss": "https://id.example.com", "sub": "SECRET" }),
        ),
        (
            json!({ "alg": "EdDSA", "typ": "at+jwt", "SECRET": 1 }),
            json!({ "iss": "https://id.example.com", "aud": "https://mcp.example.com/mcp", "exp": 1_900_000_000, "sub": "SECRET", "SECRET": 1 }),
        ),
        (
            json!({ "alg": "EdDSA", "typ": "at+jwt", "crit": ["SECRET"] }),
            json!({ "sub": "SECRET" }),
        ),
        (json!("SECRET"), json!("SECRET")),
    ] {
        let secret = "hush-abcd1234-xyz9xyz9xyz9";
        let fill = |part: &Value| {
            let text = part.to_string().replace("SECRET", secret);
            serde_json::from_str(&text).expect("JSON")
        };
        let token = format!(
            "{}.{}.{}",
            encode(fill(&header)),
            encode(fill(&claims)),
            Base64UrlUnpadded::encode_string(secret.as_bytes())
        );
        let request = with_header(
            call("echo", json!({})),
            "authorization",
            &format!("Bearer {token}"),
        );
        let log = logged(GUARDED, request);
        assert!(!contains(&log, secret), "{header} {claims}: {log}");
        for part in token.split('.') {
            assert!(!log.contains(part), "{header} {claims}: {log}");
        }
    }
}

/// A mistake in the deployment says which setting is wrong, and not what it holds.
#[test]
fn what_variables_hold_stays_out() {
    let mut settings = SILENT;
    settings.tokens.keys = "ABSENT";
    let log = logged(settings, call("echo", json!({ "a": "hush-abcd1234-xyz9" })));
    assert!(log.contains("ABSENT") && !log.contains("hush"), "{log}");
}

#[test]
fn contents_are_in_an_event_unless_a_rule_hides_them() {
    let log = logged(SHOWN, call("echo", json!({ "rule": "velocity" })));
    let event: Value = serde_json::from_str(&log).expect("one event");
    assert_eq!(event["arguments"]["content"], r#"{"rule":"velocity"}"#);
    let result = event["result"]["content"].as_str().expect("a result");
    assert!(result.contains("velocity"), "{log}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn without_contents_arguments_and_results_stay_out(
        (secret, arguments) in secrets().prop_flat_map(|secret| (Just(secret.clone()), hiding(secret))),
        tool in prop_oneof![Just("echo"), Just("complain")],
    ) {
        let log = logged(SILENT, call(tool, json!({ "a": arguments })));
        prop_assert!(!contains(&log, &secret), "{log}");
        let log = logged(SILENT, call(tool, arguments));
        prop_assert!(!contains(&log, &secret), "{log}");
    }

    #[test]
    fn with_contents_what_a_pattern_fits_stays_out(
        (secret, arguments) in secrets().prop_flat_map(|secret| (Just(secret.clone()), hiding(secret))),
        tool in prop_oneof![Just("echo"), Just("complain")],
    ) {
        let log = logged(SHOWN, call(tool, json!({ "a": arguments, "kept": "in the open" })));
        prop_assert!(!contains(&log, &secret), "{log}");
        prop_assert!(log.contains("in the open"), "{log}");
    }

    /// A secret that no pattern knows is hidden by the pointer to it, in the result and its text too.
    #[test]
    fn with_contents_what_a_pointer_hides_stays_out(
        secret in "[a-z]{3} [a-z\u{e9}\"\\\\]{12}",
        depth in 1_usize..4,
        legacy in any::<bool>(),
    ) {
        let mut settings = SHOWN;
        settings.capture = &[Capture {
            tools: &["*"],
            arguments: true,
            result: true,
            redact_paths: &["/card", "/structuredContent/card", "/list/*/card", "/structuredContent/list/*/card"],
            ..Capture::DEFAULT
        }];
        let mut hidden = json!(secret);
        for _ in 0..depth {
            hidden = json!({ "a": [hidden] });
        }
        let arguments = json!({ "card": hidden, "list": [{ "card": secret }, { "card": hidden }], "kept": "open" });
        let request = if legacy {
            post(
                &[("mcp-protocol-version", "2025-03-26")],
                &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "echo", "arguments": arguments } }),
            )
        } else {
            call("echo", arguments)
        };
        let log = logged(settings, request);
        prop_assert!(log.contains("redacted"), "{log}");
        let last = secret.rsplit(' ').next().expect("a word");
        let escaped = json!(last).to_string();
        let once = escaped.trim_matches('"');
        for form in [last.to_owned(), once.to_owned(), once.replace('\\', "\\\\")] {
            prop_assert!(!log.contains(&form), "{form}: {log}");
        }
    }

    /// Any value that a caller may send.
    #[test]
    fn any_secret_around_the_arguments_stays_out(secret in secrets(), place in any::<prop::sample::Index>()) {
        let mut requests = around(&secret);
        let (place, request) = requests.swap_remove(place.index(requests.len()));
        let log = logged(GUARDED, request);
        prop_assert!(!contains(&log, &secret), "{place}: {log}");
    }
}
