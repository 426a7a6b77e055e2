//! Who may do what: what each caller sees is what it may call, and the rest is as if it were not there.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Guarded, Raw, Request, legacy, modern, tests};
use serde_json::{Value, json};

const LEGACY: &str = "2025-11-25";
/// `limits.page_size` of tests/guarded-server.
const PAGE: usize = 4;

/// Each list with its member and what tells its entries apart.
const LISTS: [(&str, &str, &str); 4] = [
    ("tools/list", "tools", "name"),
    ("prompts/list", "prompts", "name"),
    ("resources/list", "resources", "uri"),
    (
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    ),
];

pub fn tests() -> Vec<Test> {
    tests![
        each_caller_sees_what_it_may_use,
        a_caller_without_permissions_sees_an_empty_server,
        without_a_rule_every_caller_learns_that_it_may_do_nothing,
        what_is_shown_can_be_called_and_the_rest_cannot,
        a_page_is_full_after_hidden_entries_are_left_out,
        what_depends_on_the_caller_is_private,
        a_hidden_tool_is_unknown,
        a_hidden_prompt_is_unknown,
        a_hidden_resource_is_unknown,
        nothing_hidden_is_completed,
        headers_of_a_hidden_tool_tell_nothing,
        a_hidden_tool_is_unknown_to_legacy_clients,
        quarantine_applies_to_every_caller,
        arguments_have_bounds,
        an_event_explains_the_decision,
    ]
}

/// A caller, and what is for them.
struct Who {
    name: &'static str,
    /// `None`: anonymous.
    claims: Option<Value>,
    tools: &'static [&'static str],
    prompts: &'static [&'static str],
    resources: &'static [&'static str],
    templates: &'static [&'static str],
}

impl Who {
    fn new(name: &'static str, claims: Value, tools: &'static [&'static str]) -> Self {
        Self {
            name,
            claims: Some(claims),
            tools,
            prompts: &["welcome", "review_for_readers"],
            resources: &["guarded://welcome", "guarded://notes"],
            templates: &["guarded://notes/{id}", "guarded://desk/{+path}"],
        }
    }

    fn of_acme(self) -> Self {
        Self {
            prompts: &["welcome", "review_for_readers", "acme_summary"],
            resources: &[
                "guarded://welcome",
                "guarded://notes",
                "guarded://acme/plan",
            ],
            templates: &[
                "guarded://notes/{id}",
                "guarded://acme/files/{id}",
                "guarded://desk/{id}",
                "guarded://desk/{+path}",
            ],
            ..self
        }
    }

    fn token(&self, server: &Guarded) -> Option<String> {
        let claims = self.claims.as_ref()?;
        Some(server.token(claims.clone()))
    }
}

/// What anybody who has signed in sees: they may use it, or could with more scopes.
const ANYBODYS: [&str; 10] = [
    "about",
    "who_am_i",
    "read_rule",
    "read_slowly",
    "read_and_report",
    "ask_for_readers",
    "read_upstream",
    "change_rule",
    "change_slowly",
    "own_scope",
];

const ALL_TOOLS: [&str; 15] = [
    "about",
    "who_am_i",
    "read_rule",
    "read_slowly",
    "read_and_report",
    "ask_for_readers",
    "read_upstream",
    "change_rule",
    "change_slowly",
    "pay",
    "delete_rule",
    "acme_report",
    "own_scope",
    "audit",
    "quarantined",
];

#[rustfmt::skip]
fn callers() -> Vec<Who> {
    vec![
        Who {
            name: "anonymous",
            claims: None,
            tools: &["about"],
            prompts: &["welcome"],
            resources: &["guarded://welcome"],
            templates: &[],
        },
        Who::new("a user without scopes", json!({ "sub": "u", "tenant": "globex" }), &ANYBODYS),
        Who::new("a reader", reader(), &ANYBODYS),
        Who::new("a writer", json!({ "sub": "w", "tenant": "globex", "scope": "mcp:read mcp:write" }), &ANYBODYS),
        Who::new(
            "an analyst of another tenant",
            json!({ "sub": "linus", "scope": "mcp:read" }),
            &[
                "about", "who_am_i", "read_rule", "read_slowly", "read_and_report", "ask_for_readers",
                "read_upstream", "change_rule", "change_slowly", "pay", "own_scope",
            ],
        ),
        Who::new(
            "an auditor",
            json!({ "sub": "d", "tenant": "globex", "scope": "mcp:read mcp:audit" }),
            &[
                "about", "who_am_i", "read_rule", "read_slowly", "read_and_report", "ask_for_readers",
                "read_upstream", "change_rule", "change_slowly", "own_scope", "audit",
            ],
        ),
        Who::new(
            "an analyst",
            json!({ "sub": "ada", "scope": "mcp:read" }),
            &[
                "about", "who_am_i", "read_rule", "read_slowly", "read_and_report", "ask_for_readers",
                "read_upstream", "change_rule", "change_slowly", "pay", "acme_report", "own_scope",
            ],
        ).of_acme(),
        Who::new(
            "an administrator",
            json!({ "sub": "grace", "scope": "mcp:admin" }),
            &[
                "about", "who_am_i", "read_rule", "read_slowly", "read_and_report", "ask_for_readers",
                "read_upstream", "change_rule", "change_slowly", "pay", "delete_rule", "acme_report", "own_scope",
            ],
        ).of_acme(),
    ]
}

/// The claims of a caller who may read, and nothing else.
fn reader() -> Value {
    json!({ "sub": "reader", "tenant": "globex", "scope": "mcp:read" })
}

/// Of a tenant that a rule shuts out.
fn outsider() -> Value {
    json!({ "sub": "o", "tenant": "initech", "scope": "mcp:admin mcp:audit", "roles": ["admin"] })
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// The request of this caller.
fn by(request: Request, token: Option<&String>) -> Request {
    match token {
        Some(token) => request.bearer(token),
        None => request,
    }
}

/// The pages of a list, to the end.
fn pages(server: &Guarded, method: &str, member: &str, token: Option<&String>) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let answer = server.endpoint.send(&by(modern(method, params), token));
        let result = answer.result();
        pages.push(result[member].as_array().unwrap().clone());
        match result.get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return pages,
        }
    }
}

fn each_caller_sees_what_it_may_use(servers: &Servers) {
    let server = servers.guarded();
    for who in callers() {
        let token = who.token(server);
        let expected = [who.tools, who.prompts, who.resources, who.templates];
        for ((method, member, key), expected) in LISTS.into_iter().zip(expected) {
            let entries = pages(server, method, member, token.as_ref()).concat();
            let names: Vec<&str> = entries
                .iter()
                .map(|entry| entry[key].as_str().unwrap())
                .collect();
            assert_eq!(names, expected, "{}: {method}", who.name);
        }
        let discover = by(modern("server/discover", json!({})), token.as_ref());
        let discovered = server.endpoint.send(&discover);
        let everything = json!({ "tools": {}, "prompts": {}, "resources": {}, "completions": {}, "logging": {} });
        assert_eq!(
            discovered.result()["capabilities"],
            everything,
            "{}",
            who.name
        );
    }
}

fn a_caller_without_permissions_sees_an_empty_server(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(outsider());
    let discover = modern("server/discover", json!({})).bearer(&token);
    let discovered = server.endpoint.send(&discover);
    assert_eq!(
        discovered.result()["capabilities"],
        json!({ "logging": {} })
    );
    for (method, params) in [
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("tools/call", json!({ "name": "about" })),
        ("prompts/get", json!({ "name": "welcome" })),
        ("resources/read", json!({ "uri": "guarded://welcome" })),
        (
            "completion/complete",
            json!({ "ref": { "type": "ref/prompt", "name": "review_for_readers" }, "argument": { "name": "rule", "value": "" } }),
        ),
    ] {
        let answer = server.endpoint.send(&modern(method, params).bearer(&token));
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (403, -32600), "{method}");
        assert!(message.contains("No policy rule"), "{message}");
    }
    let list = legacy(LEGACY, "tools/list", json!({})).bearer(&token);
    let answer = server.endpoint.send(&list);
    assert_eq!(answer.error().0, 403);
    let initialize = legacy(
        LEGACY,
        "initialize",
        json!({
            "protocolVersion": LEGACY,
            "capabilities": {},
            "clientInfo": { "name": "black-box", "version": "1" },
        }),
    );
    // A client connects, and learns with its first request that it may do nothing.
    let answer = server.endpoint.send(&initialize.bearer(&token));
    assert_eq!(answer.result()["protocolVersion"], LEGACY);
    let ping = modern("no/such/method", json!({})).bearer(&token);
    assert_eq!(server.endpoint.send(&ping).error().0, 404);
    // Without a token, signing in may help.
    assert_eq!(
        server.endpoint.send(&call("who_am_i", json!({}))).error().0,
        401
    );
}

fn without_a_rule_every_caller_learns_that_it_may_do_nothing(servers: &Servers) {
    let server = servers.ruleless();
    let token = server.token(json!({ "scope": "mcp:read" }));
    for (client, request) in [
        ("lists-nothing", modern("tools/list", json!({}))),
        ("calls-nothing", call("who_am_i", json!({}))),
        ("calls-what-is-not-there", call("no_such_tool", json!({}))),
    ] {
        let answer = server.endpoint.send(&request.client(client).bearer(&token));
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (403, -32600), "{client}");
        assert!(message.contains("allows you anything"), "{message}");
        let event = server.events.of_client(client);
        assert_eq!(event["reason"], "access_denied");
        assert_eq!(event["outcome"], "refused");
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains("add [[policy]]"), "{detail}");
    }
    let anonymous = server.endpoint.send(&modern("tools/list", json!({})));
    assert_eq!(anonymous.error().0, 401);
}

/// With the arguments that each tool takes; a step up is asked for where scopes are all that is missing.
fn what_is_shown_can_be_called_and_the_rest_cannot(servers: &Servers) {
    let server = servers.guarded();
    let arguments = json!({
        "rule": "large", "millis": 1, "reports": 1, "amount": 10, "currency": "EUR", "region": "eu",
        // No process listens there, which is for the tool to find out.
        "url": "http://127.0.0.1:1/",
    });
    for who in callers() {
        let token = who.token(server);
        for tool in ALL_TOOLS {
            // Its calls are counted, by the tests of rates.
            if tool == "change_slowly" {
                continue;
            }
            let request = call(tool, arguments.clone())
                .capabilities(json!({ "elicitation": {} }))
                .header("Mcp-Param-Region", "eu");
            let answer = server.endpoint.send(&by(request, token.as_ref()));
            let lacks_scopes = answer.challenge().get("error") == Some(&"insufficient_scope");
            let is_there = answer.response().get("result").is_some() || lacks_scopes;
            assert_eq!(
                is_there,
                who.tools.contains(&tool),
                "{}: {tool}: {}",
                who.name,
                answer.response()
            );
        }
    }
}

fn a_page_is_full_after_hidden_entries_are_left_out(servers: &Servers) {
    let server = servers.guarded();
    for who in callers() {
        let token = who.token(server);
        for (method, member, _) in LISTS {
            let pages = pages(server, method, member, token.as_ref());
            let (last, full) = pages.split_last().unwrap();
            assert!(full.iter().all(|page| page.len() == PAGE), "{}", who.name);
            assert!(last.len() <= PAGE, "{}", who.name);
            assert!(
                !last.is_empty() || full.is_empty(),
                "{}: {method} has a page too many",
                who.name
            );
        }
    }
}

fn what_depends_on_the_caller_is_private(servers: &Servers) {
    let server = servers.guarded();
    let token = server.token(reader());
    for token in [None, Some(&token)] {
        for method in LISTS
            .map(|(method, ..)| method)
            .into_iter()
            .chain(["server/discover"])
        {
            let answer = server.endpoint.send(&by(modern(method, json!({})), token));
            assert_eq!(answer.result()["cacheScope"], "private", "{method}");
        }
    }
}

/// Asserts that each of `requests` gets the same answer for what is hidden and for what is not there, but for the name.
#[track_caller]
fn assert_alike(
    server: &Guarded,
    token: Option<&String>,
    hidden: &str,
    requests: &dyn Fn(&str) -> Vec<Request>,
) {
    let absent = absent(hidden);
    for (hidden_request, absent_request) in requests(hidden).into_iter().zip(requests(&absent)) {
        let said = |request: Request, name: &str| {
            let request = by(request, token);
            let Raw {
                status,
                headers,
                body,
            } = server.endpoint.raw(&request).unwrap();
            (status, headers, body.replace(name, "NAME"))
        };
        let one = said(hidden_request, hidden);
        assert!(one.0 != 200 || one.2.contains("error"), "{hidden}: {one:?}");
        assert_eq!(one, said(absent_request, &absent), "{hidden}");
    }
}

/// A name of the same length that nothing has.
fn absent(name: &str) -> String {
    let place = name.find("://").map_or(0, |end| end + 3);
    format!("{}0{}", &name[..place], &name[place + 1..])
}

/// Those to hide something from: an anonymous caller, a reader, and a caller who is shut out.
fn strangers(server: &Guarded) -> [Option<String>; 3] {
    [
        None,
        Some(server.token(reader())),
        Some(server.token(outsider())),
    ]
}

fn a_hidden_tool_is_unknown(servers: &Servers) {
    let server = servers.guarded();
    let calls = |name: &str| {
        let with = |arguments: Value| call(name, arguments);
        vec![
            modern("tools/call", json!({ "name": name })),
            with(json!({})),
            with(json!({ "rule": "large", "amount": 10, "currency": "EUR", "region": "eu" })),
            with(json!({ "rule": 7, "amount": "10" })),
            with(json!([])),
            with(json!("large")),
            with(Value::Null),
            with(json!({})).param("requestState", json!("forged")),
            with(json!({})).param("inputResponses", json!([])),
            with(json!({})).header("Mcp-Name", "other"),
            with(json!({})).without("Mcp-Name"),
        ]
    };
    for token in strangers(server) {
        for hidden in ["delete_rule", "acme_report", "audit", "quarantined"] {
            assert_alike(server, token.as_ref(), hidden, &calls);
        }
    }
}

fn a_hidden_prompt_is_unknown(servers: &Servers) {
    let server = servers.guarded();
    let gets = |name: &str| {
        let with = |arguments: Value| {
            modern(
                "prompts/get",
                json!({ "name": name, "arguments": arguments }),
            )
        };
        vec![
            modern("prompts/get", json!({ "name": name })),
            with(json!({})),
            with(json!({ "unknown": "x" })),
            with(json!({ "rule": 7 })),
            with(json!([])),
        ]
    };
    for token in strangers(server) {
        for hidden in ["acme_summary", "quarantined"] {
            assert_alike(server, token.as_ref(), hidden, &gets);
        }
    }
    assert_alike(server, None, "review_for_readers", &gets);
}

fn a_hidden_resource_is_unknown(servers: &Servers) {
    let server = servers.guarded();
    let reads = |uri: &str| {
        let old = |method: &str| legacy(LEGACY, method, json!({ "uri": uri }));
        vec![
            modern("resources/read", json!({ "uri": uri })),
            modern("resources/read", json!({ "uri": uri })).param("requestState", json!("forged")),
            old("resources/read"),
            old("resources/subscribe"),
            old("resources/unsubscribe"),
        ]
    };
    for token in strangers(server) {
        for hidden in [
            "guarded://acme/plan",
            "guarded://acme/files/7",
            "guarded://%61cme/plan",
            "guarded://acme/%66iles/7",
            "guarded://quarantined",
            "guarded://quarantined/7",
        ] {
            assert_alike(server, token.as_ref(), hidden, &reads);
        }
    }
    assert_alike(server, None, "guarded://notes/7", &reads);
}

fn nothing_hidden_is_completed(servers: &Servers) {
    let server = servers.guarded();
    let complete = |kind: &str, member: &str, name: &str, argument: &str| {
        let params = json!({
            "ref": { "type": kind, member: name },
            "argument": { "name": argument, "value": "" },
        });
        modern("completion/complete", params)
    };
    let of_prompt = |name: &str| {
        vec![
            complete("ref/prompt", "name", name, "rule"),
            complete("ref/prompt", "name", name, "unknown"),
        ]
    };
    let of_template = |uri: &str| {
        vec![
            complete("ref/resource", "uri", uri, "id"),
            complete("ref/resource", "uri", uri, "unknown"),
        ]
    };
    for token in strangers(server) {
        let token = token.as_ref();
        assert_alike(server, token, "acme_summary", &of_prompt);
        assert_alike(server, token, "guarded://acme/files/{id}", &of_template);
        assert_alike(server, token, "guarded://quarantined/{id}", &of_template);
    }
    assert_alike(server, None, "review_for_readers", &of_prompt);

    let request = complete("ref/prompt", "name", "review_for_readers", "rule");
    let answer = server
        .endpoint
        .send(&request.bearer(&server.token(reader())));
    let values = &answer.result()["completion"]["values"];
    assert_eq!(values, &json!(["large-amount", "late-payment"]));
}

fn headers_of_a_hidden_tool_tell_nothing(servers: &Servers) {
    let server = servers.guarded();
    let calls = |name: &str| {
        let report = || call(name, json!({ "region": "eu" }));
        vec![
            report(),
            report().header("Mcp-Param-Region", "eu"),
            report().header("Mcp-Param-Region", "us"),
            report().header("Mcp-Param-Region", "=?base64?!?="),
            report()
                .header("Mcp-Param-Region", "eu")
                .also("Mcp-Param-Region", "eu"),
        ]
    };
    for token in strangers(server) {
        assert_alike(server, token.as_ref(), "acme_report", &calls);
    }
    let ada = server.token(json!({}));
    for (request, status) in calls("acme_report")
        .into_iter()
        .zip([400, 200, 400, 400, 400])
    {
        let answer = server.endpoint.send(&request.bearer(&ada));
        assert_eq!(answer.status, status, "{}", answer.response());
    }
}

fn a_hidden_tool_is_unknown_to_legacy_clients(servers: &Servers) {
    let server = servers.guarded();
    let asks = |name: &str| {
        ["2025-03-26", "2025-06-18", LEGACY]
            .into_iter()
            .flat_map(|revision| {
                [
                    legacy(revision, "tools/call", json!({ "name": name })),
                    legacy(
                        revision,
                        "tools/call",
                        json!({ "name": name, "arguments": [] }),
                    ),
                    legacy(revision, "prompts/get", json!({ "name": name })),
                ]
            })
            .collect()
    };
    for token in strangers(server) {
        for hidden in ["acme_report", "acme_summary", "quarantined"] {
            assert_alike(server, token.as_ref(), hidden, &asks);
        }
    }
    let token = server.token(reader());
    let list = legacy(LEGACY, "tools/list", json!({})).bearer(&token);
    let answer = server.endpoint.send(&list);
    let tools = answer.result()["tools"].as_array().unwrap();
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ANYBODYS[..PAGE]);
}

fn quarantine_applies_to_every_caller(servers: &Servers) {
    let server = servers.guarded();
    let powerful = json!({
        "sub": "grace", "roles": ["admin", "analyst"], "scope": "mcp:admin mcp:audit quarantined",
    });
    let token = server.token(powerful);
    let request = call("quarantined", json!({}))
        .bearer(&token)
        .client("quarantine");
    let (status, code, message) = {
        let answer = server.endpoint.send(&request);
        let (status, code, message) = answer.error();
        (status, code, message.to_owned())
    };
    assert_eq!((status, code), (200, -32602), "{message}");
    let event = server.events.of_client("quarantine");
    assert_eq!(event["quarantined"], true, "{event}");
    assert_eq!(event["decision"], "deny", "{event}");
    assert!(event.get("rule").is_none(), "{event}");
}

fn arguments_have_bounds(servers: &Servers) {
    let server = servers.guarded();
    let analyst = server.token(json!({ "sub": "ada", "scope": "mcp:read" }));
    let admin = server.token(json!({ "sub": "grace", "scope": "mcp:read" }));
    let pay = |amount: Value, currency: &str| {
        call("pay", json!({ "amount": amount, "currency": currency }))
    };
    for (token, request) in [
        (&analyst, pay(json!(1000), "EUR")),
        (&admin, pay(json!(1001), "USD")),
    ] {
        let answer = server.endpoint.send(&request.bearer(token));
        assert!(answer.text().starts_with("paid 100"), "{}", answer.text());
    }
    for (place, request) in [
        pay(json!(1001), "EUR"),
        pay(json!(1000.5), "EUR"),
        pay(json!(10), "USD"),
        pay(json!(10), "eur"),
        pay(json!("10"), "EUR"),
        call("pay", json!({ "currency": "EUR" })),
        call("pay", json!({ "amount": 10 })),
        call("pay", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let client = format!("beyond-{place}");
        let request = request.bearer(&analyst).client(&client);
        let answer = server.endpoint.send(&request);
        let (status, code, message) = answer.error();
        assert_eq!((status, code), (200, -32602), "{message}");
        assert!(
            message.contains("does not allow these arguments"),
            "{message}"
        );
        let event = server.events.of_client(&client);
        assert_eq!(event["reason"], "arguments_not_permitted", "{event}");
        assert_eq!(event["decision"], "deny", "{event}");
    }
}

#[rustfmt::skip]
fn an_event_explains_the_decision(servers: &Servers) {
    let server = servers.guarded();
    let rule = || json!({ "rule": "large" });
    let analyst = json!({ "sub": "ada", "scope": "mcp:read" });
    let complete = modern("completion/complete", json!({
        "ref": { "type": "ref/prompt", "name": "review_for_readers" },
        "argument": { "name": "rule", "value": "" },
    }));
    for (name, claims, request, decision, by_rule, reason) in [
        ("open", None, call("about", json!({})), "allow", Some("everybody"), None),
        ("read", Some(reader()), call("read_rule", rule()), "allow", Some("readers"), None),
        ("tool-refuses", Some(reader()), call("read_rule", json!({})), "allow", Some("readers"), None),
        ("prompt", Some(reader()), modern("prompts/get", json!({ "name": "welcome" })), "allow", Some("everybody"), None),
        ("resource", Some(reader()), modern("resources/read", json!({ "uri": "guarded://notes/1" })), "allow", Some("readers"), None),
        ("completion", Some(reader()), complete, "allow", Some("readers"), None),
        ("pay", Some(analyst), call("pay", json!({ "amount": 1, "currency": "EUR" })), "allow", Some("small payments"), None),
        ("step-up", Some(reader()), call("change_rule", rule()), "step_up", Some("writers"), Some("insufficient_scope")),
        ("own-scope", Some(reader()), call("own_scope", json!({})), "step_up", Some("scopes of their own"), Some("insufficient_scope")),
        ("sign-in", None, call("read_rule", rule()), "authenticate", None, Some("authentication_required")),
        ("no-rule", Some(reader()), call("delete_rule", rule()), "deny", None, Some("invalid_params")),
        ("hidden-resource", Some(reader()), modern("resources/read", json!({ "uri": "guarded://acme/plan" })), "deny", None, Some("resource_not_found")),
    ] {
        let token = claims.map(|claims| server.token(claims));
        let client = format!("decided-{name}");
        server.endpoint.send(&by(request, token.as_ref()).client(&client));
        let event = server.events.of_client(&client);
        assert_eq!(event["decision"], decision, "{event}");
        assert_eq!(event["rule"].as_str(), by_rule, "{event}");
        assert_eq!(event["reason"].as_str(), reason, "{event}");
        assert!(event.get("quarantined").is_none(), "{event}");
    }

    // Nothing was decided about what is not there.
    let token = server.token(reader());
    let request = call("no_such_tool", json!({})).bearer(&token).client("decided-nothing");
    server.endpoint.send(&request);
    let event = server.events.of_client("decided-nothing");
    assert_eq!(event["reason"], "invalid_params", "{event}");
    assert!(event.get("decision").is_none(), "{event}");
}
