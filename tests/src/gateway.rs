//! Gateways that tests deploy: a folder that `mcp-edge gateway build` writes, on one host.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use anyhow::Result;
use mcp_edge_cli::development::{Grant, Issuer, KEYS_VARIABLE};
use serde_json::{Value, json};
use xtask::host::{GATEWAY as PROGRAM, Host, Launch, Running, endpoint, free_port};
use xtask::workspace;

use crate::events::Events;
use crate::http::Endpoint;
use crate::request::{Request, modern};
use crate::tokens;
use crate::upstream::Upstream;

/// The variable with the host that gateways run on.
const HOST: &str = "MCP_EDGE_HOST";

/// What the tests of the gateway share.
pub struct Hosting {
    /// What runs the gateways.
    pub host: Host,
    /// The folder with their programs.
    prebuilt: PathBuf,
    /// What tests share that do not disturb each other; it stops with the suite.
    pub shared: OnceLock<Deployed>,
}

impl Hosting {
    /// Takes what `cargo xtask test` has built for the host in `MCP_EDGE_HOST`; without that variable, builds natively.
    pub fn from_environment() -> Result<Self> {
        let host = Self::host_from_environment()?;
        if std::env::var_os(HOST).is_none() {
            xtask::gateway::build_for_tests(host)?;
        }
        Ok(Self {
            host,
            prebuilt: workspace::target_folder("gateway")?,
            shared: OnceLock::new(),
        })
    }

    /// The host in `MCP_EDGE_HOST`, or the native one.
    pub fn host_from_environment() -> Result<Host> {
        match std::env::var(HOST) {
            Ok(name) => name.parse(),
            Err(_) => Ok(Host::Native),
        }
    }

    /// The command `mcp-edge` with these arguments, in `folder`, where it finds neither cargo nor rustc.
    pub fn program(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(folder)
            .env_remove("MCP_EDGE_ENV")
            .env("PATH", "/usr/bin:/bin");
        command
    }

    /// A folder with these files.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[track_caller]
    pub fn folder(&self, files: &[(&str, &str)]) -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tmp/gateway-{}-{}-{number}", self.host, std::process::id());
        let folder = workspace::target_folder(name).unwrap();
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Folder(folder)
    }

    /// Runs `mcp-edge gateway build` for the host in `folder`, and gives what it prints as JSON, or its error.
    ///
    /// # Panics
    ///
    /// When the program cannot be run.
    #[track_caller]
    pub fn build(&self, folder: &Path, environment: Option<&str>) -> Result<Value, String> {
        let prebuilt = self.prebuilt.display().to_string();
        let host = self.host.to_string();
        let mut arguments = vec![
            "--json",
            "gateway",
            "build",
            "--host",
            &host,
            "--prebuilt",
            &prebuilt,
        ];
        if let Some(name) = environment {
            arguments.extend(["--env", name]);
        }
        let output = self.program(folder, &arguments).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    /// Starts what was built in `folder`, with these variables.
    pub fn start(&self, folder: &Path, variables: &[(&str, String)]) -> Result<Gateway> {
        self.start_with(folder, variables, &[])
    }

    /// The same, with what Spin's key-value store has at the start.
    pub fn start_with(
        &self,
        folder: &Path,
        variables: &[(&str, String)],
        key_values: &[(&str, String)],
    ) -> Result<Gateway> {
        let port = free_port()?;
        let issuer = Issuer::new()?;
        let mut all = vec![
            (KEYS_VARIABLE, issuer.jwks().to_string()),
            ("MCP_EDGE_URL", endpoint(port)),
        ];
        all.retain(|(name, _)| !variables.iter().any(|(known, _)| known == name));
        all.extend(variables.iter().cloned());
        // Spin allows origins, and the variables of these tests are URLs with paths.
        let origins: Vec<_> = variables
            .iter()
            .filter(|_| self.host == Host::Spin)
            .filter_map(|(name, url)| Some((format!("{name}_ORIGIN"), origin(url)?)))
            .collect();
        all.extend(
            origins
                .iter()
                .map(|(name, origin)| (name.as_str(), origin.clone())),
        );
        let running = self.host.start(&Launch {
            example: PROGRAM,
            port,
            keys: tokens::KEYS,
            variables: all,
            descriptors: None,
            key_values,
            deployment: Some(&folder.join("deploy")),
        })?;
        Ok(Gateway {
            endpoint: Endpoint::new(running.url())?,
            events: Events::new(running.log().to_owned()),
            issuer,
            running,
            folder: None,
        })
    }

    /// Builds and starts a gateway of these files.
    ///
    /// # Panics
    ///
    /// When it cannot be built, or does not start.
    #[track_caller]
    pub fn deploy(&self, files: &[(&str, &str)], variables: &[(&str, String)]) -> Gateway {
        let folder = self.folder(files);
        let environment = variables.iter().find(|(name, _)| *name == "MCP_EDGE_ENV");
        self.build(&folder, environment.map(|(_, name)| name.as_str()))
            .unwrap();
        let gateway = self.start(&folder, variables).unwrap();
        Gateway {
            folder: Some(folder),
            ..gateway
        }
    }
}

/// The scheme, host and port of a URL.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(format!("{scheme}://{authority}"))
}

/// The program, as `cargo xtask test` has built it.
///
/// # Panics
///
/// When it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let path = workspace::target().join("debug/mcp-edge");
        if !path.is_file() {
            let mut build =
                workspace::cargo(&["build", "--package", "mcp-edge-cli", "--bin", "mcp-edge"]);
            xtask::process::run(&mut build).unwrap();
        }
        path
    })
}

/// A gateway that runs. Dropping it stops it.
pub struct Gateway {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// What it logged.
    pub events: Events,
    issuer: Issuer,
    // Before its folder goes.
    running: Running,
    #[expect(dead_code, reason = "it is there until the gateway has stopped")]
    folder: Option<Folder>,
}

/// A folder that goes with its last user: it has a program of a hundred megabytes.
pub struct Folder(PathBuf);

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is removed with `target`.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A gateway and the API behind it.
pub struct Deployed {
    /// The gateway.
    pub gateway: Gateway,
    /// The API.
    pub upstream: Upstream,
}

impl Gateway {
    /// Its public URL.
    pub fn url(&self) -> &str {
        self.running.url()
    }

    /// A token of the development issuer, for a caller of this name with these scopes.
    ///
    /// # Panics
    ///
    /// When the issuer does not make one.
    #[track_caller]
    pub fn token(&self, subject: &str, scopes: &[&str]) -> String {
        self.issue(scopes, |grant| grant.subject = subject.to_owned())
    }

    /// The same for a caller of a tenant, without scopes.
    ///
    /// # Panics
    ///
    /// When the issuer does not make one.
    #[track_caller]
    pub fn token_of(&self, tenant: &str) -> String {
        self.issue(&[], |grant| grant.tenant = tenant.to_owned())
    }

    fn issue(&self, scopes: &[&str], change: impl FnOnce(&mut Grant)) -> String {
        let mut grant = Grant {
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Grant::to(self.url())
        };
        change(&mut grant);
        self.issuer.issue(&grant, SystemTime::now()).unwrap()
    }

    /// The names of its tools, for a caller with this token.
    ///
    /// # Panics
    ///
    /// When the list is refused.
    #[track_caller]
    pub fn tools(&self, token: Option<&str>) -> Vec<Value> {
        let answer = self.endpoint.send(&list(token));
        let result = answer.result();
        result["tools"].as_array().unwrap().clone()
    }

    /// The result of a call.
    ///
    /// # Panics
    ///
    /// When the call is refused.
    #[track_caller]
    pub fn call(&self, tool: &str, arguments: Value, token: Option<&str>) -> Value {
        let answer = self.endpoint.send(&call(tool, arguments, token));
        answer.result().clone()
    }

    /// The text of the first content of a call that is a tool error.
    ///
    /// # Panics
    ///
    /// When the call is refused, or is no error.
    #[track_caller]
    pub fn tool_error(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments, None);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

/// A request for the list of tools.
pub fn list(token: Option<&str>) -> Request {
    with(modern("tools/list", json!({})), token)
}

/// A call of a tool.
pub fn call(tool: &str, arguments: Value, token: Option<&str>) -> Request {
    let params = json!({ "name": tool, "arguments": arguments });
    with(modern("tools/call", params), token)
}

fn with(request: Request, token: Option<&str>) -> Request {
    match token {
        Some(token) => request.header("Authorization", format!("Bearer {token}")),
        None => request,
    }
}
