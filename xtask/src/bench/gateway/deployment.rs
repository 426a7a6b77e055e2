//! Gateways to measure: a generated document, and the folder that `mcp-edge gateway build` makes of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use toml::Table;

use super::super::build;
use super::super::bundle::{self, Bundle};
use super::super::server::Server;
use super::super::workerd;
use crate::host::{GATEWAY, Host};
use crate::{gateway, keys, process, workspace};

/// The hosts that are measured.
const HOSTS: [Host; 2] = [Host::Native, Host::Workers];

/// Where the issuer, whose tokens the load sends, is configured.
const ISSUER: &str = "benches/one-algorithm/mcp.toml";

/// A folder that both hosts can run.
pub(super) struct Deployment {
    name: &'static str,
    folder: PathBuf,
    upstream: u16,
    authorization: String,
}

/// What a gateway is made of.
pub(super) struct Kind {
    /// Its name in the results.
    pub(super) name: &'static str,
    /// How many operations its catalog has.
    pub(super) operations: usize,
    /// How it differs from others.
    pub(super) variant: Variant,
}

/// What a gateway has besides an issuer, a policy and an API with a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// Events that are signed, and not only chained.
    Signed,
    /// Nothing.
    Unsigned,
    /// Signed events, and for the API a token of the caller in place of the secret.
    Exchanged,
}

/// The programs of the gateway, and the command that makes folders of them.
pub(super) struct Programs {
    prebuilt: PathBuf,
    command: PathBuf,
}

impl Programs {
    /// Compiles them as they are released.
    pub(super) fn build() -> Result<Self> {
        build::for_gateway()?;
        Ok(Self {
            prebuilt: gateway::build_for_release(&HOSTS)?,
            command: workspace::target().join("debug/mcp-edge"),
        })
    }

    /// A gateway of this kind before the upstream, which has an issuer and a policy.
    pub(super) fn deployment(
        &self,
        kind: &Kind,
        upstream: u16,
        authorization: &str,
    ) -> Result<Deployment> {
        let Kind {
            name,
            operations,
            variant,
        } = *kind;
        let suffix = match variant {
            Variant::Signed => "",
            Variant::Unsigned => "-unsigned",
            Variant::Exchanged => "-exchanged",
        };
        let source = workspace::target_folder(format!("bench/gateway/{operations}{suffix}"))?;
        workspace::write(&source.join("api.json"), &document(operations).to_string())?;
        workspace::write(&source.join("mcp.toml"), &configuration(variant)?)?;
        let folder = source.join("deploy");
        let mut build = Command::new(&self.command);
        build
            .args(["--json", "gateway", "build", "--prebuilt"])
            .arg(&self.prebuilt)
            .current_dir(&source);
        for host in HOSTS {
            build.args(["--host", &host.to_string()]);
        }
        process::output(&mut build)?;
        Ok(Deployment {
            name,
            folder,
            upstream,
            authorization: authorization.to_owned(),
        })
    }
}

impl Deployment {
    /// As a process.
    pub(super) fn natively(&self) -> Result<Server> {
        let (folder, variables) = (self.folder.clone(), self.variables()?);
        let keys = keys::fresh("bench")?;
        Ok(self.server(Box::new(move |port| {
            let mut command = Command::new(folder.join(GATEWAY));
            command
                .current_dir(&folder)
                .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{port}"))
                .env(keys::SETTING, &keys)
                .envs(variables.iter().map(|(name, value)| (*name, value)));
            command
        })))
    }

    /// As what `wrangler deploy` would upload.
    pub(super) fn bundle(&self) -> Result<Bundle> {
        bundle::deployment(self.name, &self.folder, &self.variables()?)
    }

    /// On workerd.
    pub(super) fn on_workerd(&self, bundle: &Bundle, workerd: &Path) -> Server {
        self.server(workerd::command(bundle, workerd))
    }

    fn server(&self, command: Box<dyn Fn(u16) -> Command>) -> Server {
        Server {
            name: self.name,
            command,
            authorization: Some(self.authorization.clone()),
            authorizations: None,
        }
    }

    fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let api = format!("http://127.0.0.1:{}", self.upstream);
        Ok(vec![
            ("TOKEN_ENDPOINT", format!("{api}/token")),
            ("API_URL", api),
            ("API_KEY", "not-a-secret".to_owned()),
            ("MCP_EDGE_AUDIT_KEYS", keys::fresh("evidence")?),
        ])
    }
}

/// The operation that is called is the last; the others are as long as those of a real API.
fn document(operations: usize) -> Value {
    let parameter = |name: &str, place: &str, schema: Value| {
        json!({
            "name": name,
            "in": place,
            "required": place == "path",
            "description": format!("The {name} of the thing that is asked for, as the API knows it."),
            "schema": schema,
        })
    };
    let response = json!({
        "200": {
            "description": "It.",
            "content": { "application/json": { "schema": { "type": "object" } } },
        },
    });
    let mut paths = serde_json::Map::new();
    for number in 1..operations {
        let operation = json!({
            "operationId": format!("getThing{number}"),
            "summary": format!("Returns a thing of kind {number}"),
            "description": "Returns one thing with all that it consists of, in the state that it has now.",
            "parameters": [
                parameter("id", "path", json!({ "type": "string", "pattern": "^[a-z0-9-]+$" })),
                parameter("state", "query", json!({ "type": "string", "enum": ["open", "paid", "closed"] })),
                parameter("fields", "query", json!({ "type": "array", "items": { "type": "string" } })),
                parameter("limit", "query", json!({ "type": "integer", "minimum": 1, "maximum": 100 })),
            ],
            "responses": response,
        });
        paths.insert(
            format!("/things-{number}/{{id}}"),
            json!({ "get": operation }),
        );
    }
    let greet = json!({
        "operationId": "greet",
        "summary": "Greets by name",
        "parameters": [parameter("name", "path", json!({ "type": "string", "maxLength": 100 }))],
        "responses": response,
    });
    paths.insert("/greetings/{name}".to_owned(), json!({ "get": greet }));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Things", "version": "1" },
        "paths": paths,
    })
}

/// The issuer of other measurements, and one rule that asks for a scope of its tokens.
fn configuration(variant: Variant) -> Result<String> {
    let mut known = workspace::table(&workspace::root().join(ISSUER))?;
    let mut configuration: Table = CONFIGURATION.parse()?;
    for table in ["server", "issuers"] {
        let value = known.remove(table);
        let value = value.with_context(|| format!("{ISSUER} has no [{table}]"))?;
        configuration.insert(table.to_owned(), value);
    }
    match variant {
        Variant::Signed => {}
        Variant::Unsigned => {
            configuration.remove("audit");
        }
        Variant::Exchanged => {
            let api = configuration
                .get_mut("upstreams")
                .and_then(|upstreams| upstreams.get_mut("api")?.as_table_mut())
                .context("no API")?;
            api.remove("headers");
            let authority: Table = AUTHORITY.parse()?;
            api.insert("authority".to_owned(), authority.into());
        }
    }
    Ok(configuration.to_string())
}

const AUTHORITY: &str = r#"
type = "token_exchange"
token_endpoint = { variable = "TOKEN_ENDPOINT" }
client_id = "gateway"
client_secret = { secret = "API_KEY" }
audience = "https://api.example.com"
"#;

const CONFIGURATION: &str = r#"
[gateway]
name = "com.example/things"

[[policy]]
name = "readers"
scopes = ["fraud:read"]
tools = ["*"]
read_only = true

[upstreams.api]
url = { variable = "API_URL" }
private = true
documents = ["api.json"]
allow = ["GET *"]
headers = { X-Api-Key = { secret = "API_KEY" } }

[audit]
signing_keys = { secret = "MCP_EDGE_AUDIT_KEYS" }
"#;
