//! A reverse proxy in front of an API, which verifies access tokens with a library of others.

use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::host::free_port;
use xtask::process::Group;
use xtask::setup::python::{Group as Packages, install};
use xtask::workspace;

use crate::http::{Endpoint, Raw};
use crate::recorder::wait_for;
use crate::request::post;

/// The proxy in `tests/authority`. It ends when it is dropped, or with the suite.
#[derive(Debug)]
pub struct VerifyingProxy {
    endpoint: Endpoint,
    _group: Group,
}

impl VerifyingProxy {
    /// Starts one before `upstream`, for tokens of `issuer` that are meant for `audience`.
    pub fn start(issuer: &str, audience: &str, upstream: &str) -> Result<Self> {
        let port = free_port()?;
        let log = workspace::target_folder("logs")?.join(format!("verifying-proxy-{port}.log"));
        let log = File::create(&log).with_context(|| format!("cannot open {}", log.display()))?;
        let mut command = Command::new(install(Packages::Assertions)?.join("python"));
        command
            .arg(workspace::root().join("tests/authority/proxy.py"))
            .args([&port.to_string(), issuer, audience, upstream])
            .stdout(Stdio::null())
            .stderr(Stdio::from(log));
        let group = Group::start(&mut command)?;
        let endpoint = Endpoint::new(&format!("http://127.0.0.1:{port}"))?;
        let proxy = Self {
            endpoint,
            _group: group,
        };
        wait_for("the proxy", || proxy.get("/", None).ok());
        Ok(proxy)
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.endpoint.authority())
    }

    /// What it answers to a GET with this token.
    pub fn get(&self, target: &str, token: Option<&str>) -> Result<Raw> {
        let mut request = post(Value::Null).http_method("GET").path(target);
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        self.endpoint.raw(&request)
    }
}
