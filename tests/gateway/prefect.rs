//! Prefect behind a gateway natively, with its own document: flows are registered, runs created and read, by official clients.

use std::sync::{Mutex, OnceLock, PoisonError};

use mcp_edge_tests::gateway::{Gateway, Hosting};
use mcp_edge_tests::prefect::{Prefect, installed};
use mcp_edge_tests::suite::Test;
use serde_json::{Value, json};
use xtask::host::Host;

use crate::clients::{CLIENTS, Client};

const SCOPE: &str = "flows:run";

/// A run that no server has.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

const CONFIGURATION: &str = r#"
[gateway]
name = "com.example/flows"

[server]
url = { variable = "MCP_EDGE_URL" }

[issuers.local]
preset = "development"

[[policy]]
name = "operators"
scopes = ["flows:run"]
tools = ["*"]

[upstreams.prefect]
url = { variable = "PREFECT_URL" }
private = true
documents = ["openapi.json"]
allow = ["POST /flows/", "POST /flow_runs/", "POST /flow_runs/filter", "GET /flow_runs/{id}"]

[tools.create_flow]
operation = "POST /flows/"

[tools.create_run]
operation = "POST /flow_runs/"

[tools.find_runs]
operation = "POST /flow_runs/filter"
read_only = true

[tools.read_run]
operation = "GET /flow_runs/{id}"
"#;

const TOOLS: [&str; 4] = ["create_flow", "create_run", "find_runs", "read_run"];

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    let mut tests = vec![Test::on(
        "prefect: each operation of its document is a tool, or unmappable for a reason",
        |hosting: &Hosting| compiles_whole(hosting),
    )];
    tests.extend(CLIENTS.iter().map(|client| {
        let name = format!("prefect: {}, {}", client.name, client.revision);
        Test::on(name, |hosting: &Hosting| runs_flows(hosting, client))
    }));
    // One host is enough for the document; `orthanc` has the others.
    let is_native = Hosting::host_from_environment().is_ok_and(|host| host == Host::Native);
    tests.retain(|_| is_native);
    tests
        .into_iter()
        .map(|test| test.needing(installed))
        .collect()
}

fn prefect() -> &'static Prefect {
    static PREFECT: OnceLock<Prefect> = OnceLock::new();
    PREFECT.get_or_init(|| Prefect::start().unwrap())
}

fn flows(hosting: &Hosting) -> &'static Gateway {
    static GATEWAY: OnceLock<Gateway> = OnceLock::new();
    GATEWAY.get_or_init(|| {
        let document = prefect().document().unwrap();
        let files = [("mcp.toml", CONFIGURATION), ("openapi.json", &document)];
        hosting.deploy(&files, &[("PREFECT_URL", prefect().url())])
    })
}

fn compiles_whole(hosting: &Hosting) {
    let document = prefect().document().unwrap();
    let (base, _) = CONFIGURATION.split_once("allow").unwrap();
    let configuration = format!("{base}allow = [\"*\"]\n");
    let files = [
        ("mcp.toml", configuration.as_str()),
        ("openapi.json", &document),
    ];
    let folder = hosting.folder(&files);
    let built = hosting.build(&folder, None).unwrap();
    let upstream = &built["upstreams"]["prefect"];
    let list = |name: &str| upstream[name].as_array().unwrap();
    let paths: Value = serde_json::from_str(&document).unwrap();
    let paths = paths["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|path| path.as_object().unwrap().len()).sum();
    assert!(operations > 150, "{operations}");
    let (tools, unmappable) = (list("tools"), list("unmappable"));
    assert_eq!(tools.len() + unmappable.len(), operations, "{unmappable:?}");
    assert!(unmappable.len() < operations / 20, "{unmappable:?}");
    assert!(
        unmappable.iter().all(|one| one["reason"].is_string()),
        "{unmappable:?}"
    );
}

fn runs_flows(hosting: &Hosting, client: &Client) {
    // Its database takes one writer at a time, and it answers 503 to others.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let gateway = flows(hosting);
    let token = gateway.token("ada", &[SCOPE]);
    let call = |calls: Value| {
        let mut seen = client.call(gateway.url(), &token, &calls);
        let mut tools: Vec<String> = serde_json::from_value(seen["tools"].take()).unwrap();
        tools.sort_unstable();
        assert_eq!(tools, TOOLS);
        seen["results"].take()
    };
    // Prefect takes no slash in a name.
    let flow = format!("{} {}", client.name, client.revision).replace('/', " ");
    let created =
        call(json!([{ "name": "create_flow", "arguments": { "name": flow, "tags": ["a"] } }]));
    let flow = &created[0]["structuredContent"]["id"];
    assert!(flow.is_string(), "{created}");

    let run = json!({
        "flow_id": flow,
        "name": "nightly",
        "parameters": { "day": "2026-11-30" },
        "state": { "type": "SCHEDULED", "name": "Scheduled" },
    });
    let created = call(json!([{ "name": "create_run", "arguments": run }]));
    let id = &created[0]["structuredContent"]["id"];
    assert!(id.is_string(), "{created}");

    let of_flow = json!({ "flow_runs": { "id": { "any_": [id] } }, "limit": 5 });
    let results = call(json!([
        { "name": "read_run", "arguments": { "id": id } },
        { "name": "find_runs", "arguments": of_flow },
        { "name": "read_run", "arguments": { "id": UNKNOWN } },
        { "name": "create_run", "arguments": {} },
    ]));
    let read = &results[0]["structuredContent"];
    assert_eq!(read["name"], "nightly", "{results}");
    assert_eq!(read["parameters"]["day"], "2026-11-30", "{results}");
    let found = results[1]["structuredContent"]["result"].as_array();
    let found = found.unwrap_or_else(|| panic!("{}", results[1]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(&found[0]["id"], id, "{found:?}");
    let missing = results[2]["content"][0]["text"].as_str().unwrap();
    assert!(missing.contains("404"), "{missing}");
    assert_eq!(results[3]["isError"], true, "{results}");
}
