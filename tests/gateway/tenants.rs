//! Tenants: what each one's callers see and reach, and what of it another one can notice.

use mcp_edge_tests::gateway::{Gateway, Hosting};
use mcp_edge_tests::modern;
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::{Reply, Upstream};
use serde_json::{Value, json};

use crate::api::{DOCUMENT, answer};
use crate::authority::{AUDIENCE, bearer, claims, machine, register, world};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        each_tenant_has_its_own_upstream_and_credential,
        tools_of_another_tenant_do_not_exist,
        an_upstream_that_is_down_for_a_tenant_serves_the_others,
        an_event_names_what_is_the_caller_s,
        each_tenant_has_tokens_of_its_own,
        an_approval_covers_every_tenant,
        check_names_who_sees_what_and_what_all_tenants_need,
        a_call_is_tried_as_a_tenant,
    ]
}

const TENANTS: &str = r#"
[gateway]
name = "com.example/tenants-gateway"

[server]
url = { variable = "MCP_EDGE_URL" }

[limits]
page_size = 2

[issuers.local]
preset = "development"

[[policy]]
tools = ["*"]

[upstreams.api]
private = true
documents = ["api.yaml"]
allow = ["getThing", "find", "GET /status/{code}"]
breaker_failures = 2

[upstreams.api.tenants.acme]
url = { variable = "ACME_URL" }
headers = { X-Api-Key = { secret = "ACME_KEY" } }

[upstreams.api.tenants."globex corp"]
url = { variable = "GLOBEX_URL" }
token = { secret = "GLOBEX_KEY" }

[upstreams.shared]
url = { variable = "SHARED_URL" }
private = true
documents = ["api.yaml"]
allow = ["find"]
prefix = "shared"
expose = "search"
token = { secret = "SHARED_KEY" }
other_tenants = true

[upstreams.shared.tenants.acme]
token = { secret = "ACME_KEY" }
"#;

const ACME: &str = "acme";
const GLOBEX: &str = "globex corp";
/// No upstream names it.
const INITECH: &str = "initech";

/// A gateway and the APIs behind it.
struct World {
    gateway: Gateway,
    acme: Upstream,
    globex: Upstream,
    shared: Upstream,
}

impl World {
    fn start(hosting: &Hosting) -> Self {
        let [acme, globex, shared] = [(); 3].map(|()| Upstream::start(answer));
        let variables = variables(&acme, &globex, &shared);
        let files = [("mcp.toml", TENANTS), ("api.yaml", DOCUMENT)];
        Self {
            gateway: hosting.deploy(&files, &variables),
            acme,
            globex,
            shared,
        }
    }

    fn token(&self, tenant: &str) -> String {
        self.gateway.token_of(tenant)
    }

    fn get(&self, tenant: &str) -> Value {
        let arguments = json!({ "id": "7" });
        self.gateway
            .call("getThing", arguments, Some(&self.token(tenant)))
    }

    fn find(&self, tenant: &str) -> Value {
        let arguments = json!({ "name": "shared_find", "arguments": { "q": "x", "format": "y" } });
        self.gateway
            .call("shared_call", arguments, Some(&self.token(tenant)))
    }
}

fn variables(acme: &Upstream, globex: &Upstream, shared: &Upstream) -> Vec<(&'static str, String)> {
    vec![
        ("ACME_URL", format!("{}/acme", acme.url())),
        ("ACME_KEY", "planted-key-of-acme".to_owned()),
        ("GLOBEX_URL", format!("{}/globex", globex.url())),
        ("GLOBEX_KEY", "planted-key-of-globex".to_owned()),
        ("SHARED_URL", format!("{}/shared", shared.url())),
        ("SHARED_KEY", "planted-key-of-all".to_owned()),
    ]
}

/// The target and the two credentials of the only request.
#[track_caller]
fn only(received: &[Received]) -> (&str, Option<&str>, Option<&str>) {
    let [request] = received else {
        panic!("{received:?}");
    };
    let header = |name| request.header(name);
    (
        &request.target,
        header("authorization"),
        header("x-api-key"),
    )
}

fn each_tenant_has_its_own_upstream_and_credential(hosting: &Hosting) {
    let world = World::start(hosting);
    for tenant in [ACME, GLOBEX] {
        let result = world.get(tenant);
        assert!(result.get("isError").is_none(), "{result}");
    }
    let received = world.acme.received();
    let expected = ("/acme/things/7", None, Some("planted-key-of-acme"));
    assert_eq!(only(&received), expected);
    let received = world.globex.received();
    let expected = (
        "/globex/things/7",
        Some("Bearer planted-key-of-globex"),
        None,
    );
    assert_eq!(only(&received), expected);
    // A URL for all, with a credential for one.
    for (tenant, key) in [(INITECH, "all"), (ACME, "acme"), (GLOBEX, "all")] {
        let result = world.find(tenant);
        assert!(result.get("isError").is_none(), "{result}");
        let received = world.shared.received();
        let (_, authorization, _) = only(&received[received.len() - 1..]);
        assert_eq!(
            authorization,
            Some(format!("Bearer planted-key-of-{key}").as_str())
        );
    }
}

/// The answer to a request, without its headers.
fn send(world: &World, method: &str, params: Value, token: &str) -> (u16, Value) {
    let request = modern(method, params).header("Authorization", format!("Bearer {token}"));
    let answer = world.gateway.endpoint.send(&request);
    (answer.status, answer.response().clone())
}

fn tools_of_another_tenant_do_not_exist(hosting: &Hosting) {
    let world = World::start(hosting);
    let brokers = ["shared_search", "shared_describe", "shared_call"];
    let own = ["getThing", "find", "status"];
    for (tenant, count) in [(ACME, 6), (GLOBEX, 6), (INITECH, 3)] {
        let token = world.token(tenant);
        let mut names = Vec::new();
        let mut params = json!({});
        let mut cursor = None;
        while let (_, Value::Object(page)) = send(&world, "tools/list", params, &token) {
            let page = &page["result"];
            let tools = page["tools"].as_array().unwrap();
            names.extend(tools.iter().map(|tool| tool["name"].clone()));
            let Some(next) = page["nextCursor"].as_str() else {
                break;
            };
            cursor = Some(next.to_owned());
            params = json!({ "cursor": next });
        }
        assert_eq!(names.len(), count, "{tenant}: {names:?}");
        assert!(brokers.iter().all(|name| names.contains(&json!(name))));
        // A place in a list is the caller's who got it.
        if let Some(cursor) = cursor {
            for other in [ACME, GLOBEX, INITECH] {
                let params = json!({ "cursor": cursor });
                let (_, page) = send(&world, "tools/list", params, &world.token(other));
                let is_read = page.get("result").is_some();
                assert_eq!(is_read, other == tenant, "{tenant} {other}: {page}");
            }
        }
    }
    // As if there were none.
    let token = world.token(INITECH);
    let mut refusals = Vec::new();
    for tool in ["getThing", "unknown"] {
        let params = json!({ "name": tool, "arguments": { "id": "7" } });
        let (status, mut answer) = send(&world, "tools/call", params, &token);
        answer["id"].take();
        refusals.push((status, answer.to_string().replace(tool, "TOOL")));
    }
    assert_eq!(refusals[0], refusals[1]);
    let described = |tenant: &str, name: &str| {
        let arguments = json!({ "names": [name] });
        let token = world.token(tenant);
        let result = world
            .gateway
            .call("shared_describe", arguments, Some(&token));
        result.to_string().replace(name, "TOOL")
    };
    for name in own {
        assert_eq!(described(INITECH, name), described(INITECH, "unknown"));
    }
    assert!(world.acme.received().is_empty() && world.globex.received().is_empty());
}

fn an_upstream_that_is_down_for_a_tenant_serves_the_others(hosting: &Hosting) {
    let down = Upstream::start(|_| Reply::of(503, "text/plain", "planted-answer"));
    let (globex, shared) = (Upstream::start(answer), Upstream::start(answer));
    let variables = variables(&down, &globex, &shared);
    let files = [("mcp.toml", TENANTS), ("api.yaml", DOCUMENT)];
    let world = World {
        gateway: hosting.deploy(&files, &variables),
        acme: down,
        globex,
        shared,
    };
    for _ in 0..16 {
        assert_eq!(world.get(ACME)["isError"], true);
        let result = world.get(GLOBEX);
        assert!(result.get("isError").is_none(), "{result}");
    }
    assert_eq!(world.globex.received().len(), 16);
}

fn an_event_names_what_is_the_caller_s(hosting: &Hosting) {
    let world = World::start(hosting);
    world.get(ACME);
    let event = world
        .gateway
        .events
        .of_tool("getThing", |event| event["outcome"] == "ok");
    assert_eq!(event["principal"]["tenant"], ACME, "{event}");
    assert_eq!(event["upstream"]["name"], "api", "{event}");
    world.get(GLOBEX);
    let event = world.gateway.events.of_tool("getThing", |event| {
        event["principal"]["tenant"] == GLOBEX && event["outcome"] == "ok"
    });
    assert!(!event.to_string().contains(ACME), "{event}");
    for planted in ["planted-key-of", &world.acme.url(), &world.globex.url()] {
        assert!(!world.gateway.events.text().contains(planted), "{planted}");
    }
}

/// Two tenants at one authorization server, each as another client, with callers whose subject is the same.
fn each_tenant_has_tokens_of_its_own(hosting: &Hosting) {
    let overlay = |tenant: &str, name: &str| {
        format!(
            r#"
[upstreams.api.tenants.{tenant}.authority]
type = "token_exchange"
issuer = {{ variable = "ISSUER" }}
client_id = {{ variable = "{name}_CLIENT" }}
client_secret = {{ secret = "{name}_SECRET" }}
audience = "{AUDIENCE}"
actor = true
"#
        )
    };
    let configuration = format!(
        r#"
[gateway]
name = "com.example/tenant-tokens"

[server]
url = {{ variable = "MCP_EDGE_URL" }}

[issuers.company]
issuer = {{ variable = "ISSUER" }}
algorithms = ["RS256"]
tenant = {{ claim = "tenant" }}

[[policy]]
tools = ["*"]

[upstreams.api]
url = {{ variable = "API_URL" }}
private = true
documents = ["api.yaml"]
allow = ["getThing"]
{}{}"#,
        overlay("acme", "ACME"),
        overlay("globex", "GLOBEX")
    );
    let (acme, globex) = (
        register(&machine("client_secret_basic")),
        register(&machine("client_secret_basic")),
    );
    let api = Upstream::start(answer);
    let variables = [
        ("API_URL", format!("{}/base", api.url())),
        ("ISSUER", world().provider.issuer().to_owned()),
        ("ACME_CLIENT", acme.0.clone()),
        ("ACME_SECRET", acme.1),
        ("GLOBEX_CLIENT", globex.0.clone()),
        ("GLOBEX_SECRET", globex.1),
    ];
    let files = [("mcp.toml", configuration.as_str()), ("api.yaml", DOCUMENT)];
    let gateway = hosting.deploy(&files, &variables);
    // The second time from memory, where it is the same instance.
    for (tenant, client) in [("acme", &acme.0), ("globex", &globex.0)].repeat(2) {
        let token = world().provider.mint(&json!({
            "claims": { "sub": "ada", "tenant": tenant, "aud": gateway.url(), "scope": "mcp:read" },
        }));
        let result = gateway.call("getThing", json!({ "id": "7" }), Some(&token));
        assert!(result.get("isError").is_none(), "{result}");
        let received = api.received();
        let sent = bearer(received.last().unwrap());
        let claims = claims(sent);
        assert_eq!(claims["act"]["sub"], **client, "{claims}");
        assert!(!gateway.events.text().contains(sent));
    }
}

fn an_approval_covers_every_tenant(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", TENANTS), ("api.yaml", DOCUMENT)]);
    let approve = ["manifest", "approve", "--write"];
    let output = hosting.program(&folder, &approve).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let built = hosting.build(&folder, None).unwrap();
    assert_eq!(built["quarantined"], json!([]));
    let approved = std::fs::read_to_string(folder.join("mcp.toml")).unwrap();
    let all = json!(["find", "getThing", "status"]);
    for (from, to, tenants) in [
        ("GLOBEX_URL", "OTHER_URL", json!({ GLOBEX: all })),
        ("GLOBEX_KEY", "OTHER_KEY", json!({ GLOBEX: all })),
        (
            "[upstreams.shared]",
            "[upstreams.api.tenants.initech]\nurl = \"https://initech.example\"\n[upstreams.shared]",
            json!({ INITECH: all }),
        ),
        (
            "breaker_failures = 2",
            "breaker_failures = 3\nmax_redirects = 1",
            json!({ ACME: all, GLOBEX: all }),
        ),
    ] {
        std::fs::write(folder.join("mcp.toml"), &approved).unwrap();
        hosting.build(&folder, None).unwrap();
        std::fs::write(folder.join("mcp.toml"), approved.replacen(from, to, 1)).unwrap();
        let built = hosting.build(&folder, None).unwrap();
        assert_eq!(built["quarantined"], all, "{to}");
        assert_eq!(built["changes"]["tenants"], tenants, "{to}");
    }
}

fn check_names_who_sees_what_and_what_all_tenants_need(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", TENANTS), ("api.yaml", DOCUMENT)]);
    let check = ["--json", "check", "--host", "workers"];
    let output = hosting.program(&folder, &check).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let needs = report["needs"].to_string();
    for name in [
        "ACME_URL",
        "ACME_KEY",
        "GLOBEX_URL",
        "GLOBEX_KEY",
        "SHARED_URL",
        "SHARED_KEY",
    ] {
        assert!(needs.contains(name), "{name}: {needs}");
    }
    let tenants = json!({ "tenants": [ACME, GLOBEX], "others": false });
    assert_eq!(report["tenants"]["api"], tenants);
    let tenants = json!({ "tenants": [ACME], "others": true });
    assert_eq!(report["tenants"]["shared"], tenants);
}

fn a_call_is_tried_as_a_tenant(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", TENANTS), ("api.yaml", DOCUMENT)]);
    let attempt = |tenant: &[&str]| {
        let call = [
            "--json",
            "gateway",
            "try",
            "getThing",
            "{\"id\": \"7\"}",
            "--dry-run",
        ];
        let mut command = hosting.program(&folder, &[&call, tenant].concat());
        command.env("ACME_URL", "http://127.0.0.1:9/acme");
        let output = command.env("ACME_KEY", "planted").output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let tried = attempt(&["--tenant", ACME]);
    let url = "http://127.0.0.1:9/acme/things/7";
    assert_eq!(tried["request"]["url"], url, "{tried}");
    // The sentence names the tenants that there are.
    let refused = attempt(&["--tenant", INITECH])["error"].to_string();
    assert!(refused.contains(GLOBEX), "{refused}");
}
