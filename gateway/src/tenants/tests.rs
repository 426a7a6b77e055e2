//! Nothing of a tenant reaches another: neither texts, nor what its calls leave behind.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use mcp_edge::StartError;
use mcp_edge::config::Algorithm;
use mcp_edge::testing::{CallError, CallResult, Client, Reply, TestHost, TestIssuer};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::samples::{deploy, key, operation};

const ISSUER: &str = "https://id.example.com";
const SERVER: &str = "https://mcp.example.com/mcp";

/// The tenants of callers. No upstream names the last, and the empty one is none at all.
const TENANTS: [&str; 5] = ["acme-7f3", "globex-91c", "initech-b2d", "umbrella-e05", ""];

/// The tenants that an upstream may name.
const NAMED: usize = 3;

/// How requests for a tenant prove to be the gateway's.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Proof {
    None,
    Token,
    Basic,
    Header,
    Query,
    Exchange,
    Assertion,
}

/// What an upstream has for one tenant.
#[derive(Debug, Clone)]
struct Overlay {
    /// Without, it has the URL of the upstream.
    has_url: bool,
    proof: Proof,
    breaker_failures: u32,
}

/// What an upstream has for each tenant that it names, and whether all other callers have it too.
#[derive(Debug, Clone)]
struct Shape {
    tenants: Vec<Option<Overlay>>,
    others: bool,
}

/// How the API answers.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// With everything that it was told.
    Echo,
    Error,
    Down,
    Unreachable,
    Refused,
    Elsewhere,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    List,
    /// With the cursor that another caller has got last.
    ListOn,
    Call(&'static str),
    /// Through the brokers of the other upstream.
    Search,
    Describe,
    CallThrough,
    Unknown,
}

#[derive(Debug, Clone)]
struct Step {
    tenant: usize,
    action: Action,
    answer: Answer,
}

fn overlay() -> impl Strategy<Value = Overlay> {
    let proofs = [
        Proof::None,
        Proof::Token,
        Proof::Basic,
        Proof::Header,
        Proof::Query,
        Proof::Exchange,
        Proof::Assertion,
    ];
    (any::<bool>(), select(proofs.to_vec()), 0_u32..3).prop_map(
        |(has_url, proof, breaker_failures)| Overlay {
            has_url,
            proof,
            breaker_failures,
        },
    )
}

fn shape() -> impl Strategy<Value = Shape> {
    let tenants = prop::collection::vec(prop::option::weighted(0.75, overlay()), NAMED);
    (tenants, any::<bool>()).prop_map(|(tenants, others)| Shape { tenants, others })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let actions = vec![
        Action::List,
        Action::ListOn,
        Action::Call("order"),
        Action::Call("order"),
        Action::Call("order"),
        Action::Call("order"),
        Action::Call("receipt"),
        Action::Search,
        Action::Describe,
        Action::CallThrough,
        Action::Unknown,
    ];
    let answers = vec![
        Answer::Echo,
        Answer::Echo,
        Answer::Error,
        Answer::Down,
        Answer::Down,
        Answer::Down,
        Answer::Unreachable,
        Answer::Unreachable,
        Answer::Refused,
        Answer::Elsewhere,
    ];
    let step = (0..TENANTS.len(), select(actions), select(answers));
    let step = step.prop_map(|(tenant, action, answer)| Step {
        tenant,
        action,
        answer,
    });
    prop::collection::vec(step, 1..40)
}

/// The part of every text that belongs to a tenant at an upstream. `others` have texts too.
fn mark(tenant: &str) -> String {
    match tenant {
        "" | "umbrella-e05" => "others".to_owned(),
        tenant => tenant.to_owned(),
    }
}

/// The texts that belong to a tenant.
fn markers(tenant: &str) -> [String; 3] {
    let mark = mark(tenant);
    [
        format!("{mark}.example"),
        format!("secret-of-{mark}"),
        format!("token-for-{mark}"),
    ]
}

fn proof(proof: Proof, mark: &str) -> String {
    let secret = format!(
        "{{ secret = \"SECRET_{}\" }}",
        mark.replace('-', "_").to_uppercase()
    );
    match proof {
        Proof::None => "headers = {}".to_owned(),
        Proof::Token => format!("token = {secret}"),
        Proof::Basic => format!("username = \"{mark}\"\npassword = {secret}"),
        Proof::Header => format!("headers = {{ X-Key = {secret} }}"),
        Proof::Query => format!("query = {{ key = {secret} }}"),
        Proof::Exchange => format!(
            "authority = {{ type = \"token_exchange\", token_endpoint = \"https://as.{mark}.example/token\", client_id = \"gateway\", \
             client_secret = {secret}, audience = \"https://api.{mark}.example\" }}"
        ),
        Proof::Assertion => format!(
            "authority = {{ type = \"assertion\", signing_key = {{ secret = \"SIGNING_KEY\" }}, signing_algorithm = \"EdDSA\", audience = \"https://api.{mark}.example\" }}"
        ),
    }
}

fn upstream(name: &str, shape: &Shape, lines: &str) -> String {
    let mut text = format!(
        "[upstreams.{name}]\nurl = \"https://{name}.others.example\"\ndocuments = [\"a.yaml\"]\nallow = [\"*\"]\n{}\n{lines}\n",
        proof(Proof::Token, "others")
    );
    let named: Vec<_> = (shape.tenants.iter().zip(TENANTS))
        .filter_map(|(overlay, tenant)| Some((overlay.as_ref()?, tenant)))
        .collect();
    if shape.others && !named.is_empty() {
        text.push_str("other_tenants = true\n");
    }
    for (overlay, tenant) in named {
        text.push_str(&format!("[upstreams.{name}.tenants.{tenant}]\n"));
        if overlay.has_url {
            text.push_str(&format!("url = \"https://{name}.{tenant}.example\"\n"));
        }
        text.push_str(&format!(
            "breaker_failures = {}\n{}\n",
            overlay.breaker_failures,
            proof(overlay.proof, tenant)
        ));
    }
    text
}

/// A gateway before APIs that answer as a step says.
struct World {
    host: TestHost,
    client: Client,
    tokens: Vec<String>,
    answer: Rc<RefCell<Answer>>,
    /// The last cursor, and the tenant whose caller has got it.
    cursor: Option<(usize, String)>,
}

impl World {
    fn start(shapes: &[Shape; 2]) -> Self {
        Self::try_start(shapes, true).unwrap()
    }

    fn try_start(shapes: &[Shape; 2], has_secrets: bool) -> Result<Self, StartError> {
        let configuration = format!(
            r#"
            [gateway]
            name = "com.example/orders"
            [server]
            url = "{SERVER}"
            [limits]
            page_size = 1
            [issuers.company]
            issuer = "{ISSUER}"
            algorithms = ["ES256"]
            tenant = {{ claim = "tenant" }}
            [issuers.machines]
            issuer = "https://machines.example.com"
            algorithms = ["ES256"]
            [[policy]]
            tools = ["*"]
            [[rate_limit]]
            per = ["upstream"]
            calls = 6
            {}
            {}
            "#,
            upstream("orders", &shapes[0], ""),
            upstream("stock", &shapes[1], "expose = \"search\"")
        );
        let host = TestHost::new();
        host.set_variable("SIGNING_KEY", key());
        for tenant in TENANTS.into_iter().filter(|_| has_secrets) {
            let mark = mark(tenant);
            let name = mark.replace('-', "_").to_uppercase();
            host.set_variable(&format!("SECRET_{name}"), format!("secret-of-{mark}"));
        }
        let operations = vec![
            operation("orders", "order"),
            operation("orders", "receipt"),
            operation("stock", "stock_level"),
        ];
        deploy(&host, &configuration, operations);
        let answer = Rc::new(RefCell::new(Answer::Echo));
        let asked = Rc::clone(&answer);
        host.reply_with(move |request| {
            let uri = request.uri.to_string();
            let host = request.uri.host().unwrap_or_default();
            if let Some(mark) = host.strip_prefix("as.") {
                let mark = mark.trim_end_matches(".example");
                return Reply::json(json!({
                    "access_token": format!("token-for-{mark}"),
                    "token_type": "Bearer",
                    "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                    "expires_in": 300,
                }));
            }
            let told = json!({
                "title": format!("{uri} was told"),
                "detail": format!("{:?}", request.header("authorization")),
                "key": request.header("x-key"),
            });
            match *asked.borrow() {
                Answer::Echo => Reply::json(told),
                Answer::Error => Reply::new(400, told.to_string())
                    .header("content-type", "application/problem+json"),
                Answer::Down => Reply::new(503, told.to_string()),
                Answer::Unreachable => Reply::unreachable(),
                Answer::Refused => Reply::new(401, told.to_string()),
                Answer::Elsewhere => Reply::new(302, "").header("location", &uri),
            }
        });
        let company = TestIssuer::new(&host, ISSUER, SERVER, Algorithm::ES256);
        let machines = TestIssuer::new(
            &host,
            "https://machines.example.com",
            SERVER,
            Algorithm::ES256,
        );
        let tokens = TENANTS.map(|tenant| match tenant {
            "" => machines.token(json!({ "sub": "ada" })),
            tenant => company.token(json!({ "sub": "ada", "tenant": tenant })),
        });
        let client = Client::deferred(crate::start).host(&host).try_build()?;
        Ok(Self {
            client,
            host,
            tokens: tokens.into(),
            answer,
            cursor: None,
        })
    }

    /// What the caller of a step gets: a text of it all but of what is random.
    fn take(&mut self, step: &Step) -> String {
        *self.answer.borrow_mut() = step.answer;
        let client = self.client.with_token(&self.tokens[step.tenant]);
        let call = |name: &str, arguments: Value| client.call_tool(name, arguments);
        let seen = match step.action {
            Action::List => {
                let page = client.call("tools/list", json!({}));
                if let Ok(page) = &page
                    && let Some(cursor) = page["nextCursor"].as_str()
                {
                    self.cursor = Some((step.tenant, cursor.to_owned()));
                }
                let all = client.list_tools();
                return format!("{:?} {all:?}", page.map(|page| page["tools"].clone()));
            }
            Action::ListOn => {
                let Some((owner, cursor)) = self.cursor.take() else {
                    return String::new();
                };
                let page = client.call("tools/list", json!({ "cursor": cursor }));
                assert_eq!(page.is_ok(), owner == step.tenant, "{page:?}");
                page
            }
            Action::Call(name) => call(name, json!({})),
            Action::Search => call("stock_search", json!({ "query": "stock" })),
            Action::Describe => call("stock_describe", json!({ "names": ["stock_level"] })),
            Action::CallThrough => call("stock_call", json!({ "name": "stock_level" })),
            Action::Unknown => call("unknown", json!({})),
        };
        shown(&seen)
    }
}

fn shown(seen: &Result<CallResult, CallError>) -> String {
    match seen {
        Ok(result) => result.value().to_string(),
        Err(error) => error.to_string(),
    }
}

impl Shape {
    fn has_tenants(&self) -> bool {
        self.tenants.iter().any(Option::is_some)
    }

    fn overlay(&self, tenant: usize) -> Option<&Overlay> {
        self.tenants.get(tenant)?.as_ref()
    }

    fn is_for(&self, tenant: usize) -> bool {
        !self.has_tenants() || self.others || self.overlay(tenant).is_some()
    }

    /// The marks that requests for a caller may have.
    fn marks(&self, tenant: usize) -> BTreeSet<String> {
        let others = "others".to_owned();
        match self.overlay(tenant) {
            None => [others].into(),
            Some(overlay) if overlay.has_url => [TENANTS[tenant].to_owned()].into(),
            Some(_) => [TENANTS[tenant].to_owned(), others].into(),
        }
    }
}

fn assert_only(text: &str, marks: &BTreeSet<String>, own: &str, what: &str) {
    for tenant in TENANTS {
        if marks.contains(&mark(tenant)) {
            continue;
        }
        for marker in markers(tenant) {
            assert!(!text.contains(&marker), "{what}: {marker} in {text}");
        }
        if !tenant.is_empty() && tenant != own {
            assert!(!text.contains(tenant), "{what}: {tenant} in {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Each answer, request and event has texts of the caller's tenant alone.
    #[test]
    fn no_text_of_a_tenant_reaches_another(shapes in [shape(), shape()], steps in steps()) {
        let mut world = World::start(&shapes);
        world.host.run_after_response();
        for step in &steps {
            let (requests, events) = (world.host.requests().len(), world.host.events().len());
            let seen = world.take(step);
            world.host.run_after_response();
            let tenant = TENANTS[step.tenant];
            let shape = match step.action {
                Action::Call(_) => &shapes[0],
                _ => &shapes[1],
            };
            let marks = shape.marks(step.tenant);
            assert_only(&seen, &marks, tenant, "answer");
            // A credential is in no answer, not even where the API repeats it.
            for tenant in TENANTS {
                let [_, secret, token] = markers(tenant);
                prop_assert!(!seen.contains(&secret) && !seen.contains(&token), "{}", seen);
            }
            for request in &world.host.requests()[requests..] {
                let text = format!("{request:?}");
                assert_only(&text, &marks, tenant, "request");
            }
            for event in &world.host.events()[events..] {
                assert_only(&event.to_string(), &marks, tenant, "event");
                prop_assert!(!event.to_string().contains("secret-of-"), "{}", event);
            }
        }
        let cached = format!("{:?}", world.host.cache_entries());
        assert_only(&cached, &BTreeSet::new(), "", "cache");
    }

    /// What a caller gets is the same as if callers of other tenants had never called: no breaker, rate, token or list tells of
    /// them.
    #[test]
    fn calls_of_a_tenant_change_nothing_for_another(
        shapes in [shape(), shape()],
        steps in steps(),
        own in 0..TENANTS.len(),
    ) {
        // Callers without settings of their own have one upstream.
        let shares = |step: &Step| shapes.iter().any(|shape| shape.overlay(step.tenant).is_none());
        let (mut together, mut alone) = (World::start(&shapes), World::start(&shapes));
        for step in &steps {
            let seen = together.take(step);
            if (step.tenant == own || shares(step)) && !matches!(step.action, Action::ListOn) {
                let again = alone.take(step);
                if step.tenant == own {
                    prop_assert_eq!(again, seen, "{:?}", step);
                }
            }
        }
    }

    /// A tool of an upstream that is not for the caller is a tool that does not exist.
    #[test]
    fn tools_of_others_do_not_exist(shapes in [shape(), shape()]) {
        let world = World::start(&shapes);
        for (tenant, token) in world.tokens.iter().enumerate() {
            let client = world.client.with_token(token);
            let listed = client.list_tools();
            let listed: BTreeSet<_> = listed.into_iter().flatten().map(|tool| tool["name"].to_string()).collect();
            let unknown = client.call_tool("unknown", json!({})).unwrap_err();
            let tools = [("order", 0), ("receipt", 0), ("stock_search", 1), ("stock_describe", 1), ("stock_call", 1)];
            for (tool, shape) in tools {
                let is_there = shapes[shape].is_for(tenant);
                prop_assert_eq!(listed.contains(&format!("\"{tool}\"")), is_there, "{} {}", TENANTS[tenant], tool);
                if !is_there {
                    let refused = client.call_tool(tool, json!({})).unwrap_err();
                    prop_assert_eq!(refused, unknown.clone());
                }
            }
        }
    }
}

#[test]
fn a_start_names_what_is_missing_for_every_tenant() {
    let overlay = |proof, has_url| Overlay {
        has_url,
        proof,
        breaker_failures: 0,
    };
    let tenants = [
        (Proof::Token, true),
        (Proof::Query, false),
        (Proof::Exchange, true),
    ];
    let shape = Shape {
        tenants: tenants
            .map(|(proof, has_url)| Some(overlay(proof, has_url)))
            .into(),
        others: true,
    };
    let shapes = [shape.clone(), shape];
    let mistake = World::try_start(&shapes, false).err().unwrap().to_string();
    for upstream in ["orders", "stock"] {
        for key in [
            "token",
            "tenants.acme-7f3.token",
            "tenants.globex-91c.query.key",
            "tenants.initech-b2d.authority.client_secret",
        ] {
            let key = format!("upstreams.{upstream}.{key}");
            assert!(mistake.contains(&key), "{key}: {mistake}");
        }
    }
}
