//! Official clients of both eras before the gateway of `examples/cohort-data`.

use std::process::Command;

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::orthanc::installed;
use mcp_edge_tests::suite::Test;
use serde_json::{Value, json};

use crate::orthanc::{TOOLS, UNKNOWN, cohort};

/// A client that calls the tools of a gateway and prints what it gets.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    command: fn() -> anyhow::Result<Command>,
    pub(crate) revision: &'static str,
}

pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: "TypeScript, @modelcontextprotocol/client",
        command: || xtask::clients::typescript("gateway.mjs"),
        revision: "2026-07-28",
    },
    Client {
        name: "TypeScript, @modelcontextprotocol/sdk",
        command: || xtask::clients::typescript("gateway.mjs"),
        revision: "2025-11-25",
    },
    Client {
        name: "Python, mcp",
        command: || xtask::clients::python("gateway.py"),
        revision: "2026-07-28",
    },
];

impl Client {
    /// The names of the tools, and the result of each of `calls`.
    #[track_caller]
    pub(crate) fn call(&self, url: &str, token: &str, calls: &Value) -> Value {
        let mut command = (self.command)().unwrap();
        command.args([url, self.revision, token, &calls.to_string()]);
        let output = xtask::process::output(&mut command).unwrap();
        serde_json::from_str(&output).unwrap()
    }
}

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    let tests = CLIENTS.iter().map(|client| {
        let name = format!("clients: {}, {}", client.name, client.revision);
        Test::on(name, |hosting| uses_the_archive(hosting, client)).needing(installed)
    });
    tests.collect()
}

fn uses_the_archive(hosting: &Hosting, client: &Client) {
    let cohort = cohort(hosting);
    let stored = &cohort.archive.first;
    let tags = json!({ "PatientID": "NT-1" });
    let calls = json!([
        { "name": "find_studies", "arguments": { "level": "Study", "tags": tags } },
        { "name": "getStudy", "arguments": { "id": stored.study } },
        { "name": "getPreview", "arguments": { "id": stored.instance } },
        { "name": "getStudy", "arguments": { "id": UNKNOWN } },
    ]);
    let seen = client.call(cohort.gateway.url(), &cohort.researcher, &calls);
    let tools = seen["tools"].as_array().unwrap().iter();
    let mut tools: Vec<_> = tools.map(|name| name.as_str().unwrap()).collect();
    tools.sort_unstable();
    assert_eq!(tools, TOOLS);
    let results = seen["results"].as_array().unwrap();
    let found = &results[0]["structuredContent"]["result"];
    assert_eq!(found[0]["ID"], stored.study, "{seen}");
    let study = &results[1]["structuredContent"];
    assert_eq!(study["ParentPatient"], stored.patient, "{seen}");
    assert_eq!(results[2]["content"][0]["mimeType"], "image/png", "{seen}");
    assert_eq!(results[3]["isError"], true, "{seen}");
}
