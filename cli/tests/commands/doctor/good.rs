//! A server with which nothing is wrong: the real runtime, and the documents of its issuer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use mcp_edge_runtime::config::Configuration;
use mcp_edge_runtime::host::Timestamp;
use mcp_edge_runtime::http::{Body, Incoming};
use mcp_edge_runtime::server::{Tool, ToolResult};
use mcp_edge_runtime::testing::TestHost;
use mcp_edge_runtime::{BuildError, Runtime, Server};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::server::{Asked, Reply, serve};
use crate::commands::run::{Ended, Folder};

static CONFIGURATION: Configuration = mcp_edge_macros::config!("tests/doctor.toml");

const NAME: &str = "com.example/fraud-rules";
const VERSION: &str = "0.1.0";

/// Where the metadata of the issuer stand.
pub(super) const ISSUER: &str = "/.well-known/oauth-authorization-server/issuer";

/// A server, and what it was asked.
pub(crate) struct Good {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Good {
    /// The server itself.
    pub(crate) fn start() -> Self {
        Self::changed(|_| (), |_, _| ())
    }

    /// The server with something between it and its callers, that changes requests and answers.
    pub(crate) fn changed(
        before: impl Fn(&mut Asked) + Send + 'static,
        after: impl Fn(&Asked, &mut Reply) + Send + 'static,
    ) -> Self {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let kept = Arc::clone(&asked);
        let address = serve(move |address| {
            let mut answer = answers(address);
            move |original: Asked| {
                let mut asked = original.clone();
                before(&mut asked);
                let mut reply = answer(&asked);
                after(&original, &mut reply);
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(original);
                reply
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What the program says about it, with a word in place of its address.
    pub(crate) fn look(&self, options: &[&str]) -> Ended {
        let folder = Folder::new();
        std::fs::remove_file(folder.path("mcp.toml")).expect("it was there");
        let mut ended = folder.run(&[&["doctor", &self.url()], options].concat());
        ended.stdout = ended.stdout.replace(&self.address.to_string(), "<address>");
        ended
    }
}

fn server() -> Result<Server, BuildError> {
    let tool = Tool::untyped("evaluate_rule", json!({ "type": "object" }), |_, _| async {
        Ok(ToolResult::text("evaluated"))
    });
    Server::builder(NAME, VERSION)
        .tool(tool.description("Evaluates one rule"))
        .build()
}

fn answers(address: SocketAddr) -> impl FnMut(&Asked) -> Reply {
    let runtime = Runtime::new(server(), &CONFIGURATION);
    let host = host(address);
    move |asked| match asked.path.as_str() {
        ISSUER => issuer(address),
        _ => served(&runtime, &host, asked),
    }
}

fn served(runtime: &Runtime, host: &TestHost, asked: &Asked) -> Reply {
    let mut request = http::Request::builder()
        .method(asked.method.as_str())
        .uri(&asked.path);
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    let body = Incoming::from(Bytes::from(asked.body.clone()));
    let request = request.body(body).expect("a request");
    host.set_now(now());
    let response = host.run(runtime.serve(request, host.shared()));
    let (head, body) = response.into_parts();
    let body = match body {
        Body::Whole(body) => String::from_utf8(body.to_vec()).expect("text"),
        _ => String::new(),
    };
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
    Reply {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body,
    }
}

/// The metadata of the issuer.
fn issuer(address: SocketAddr) -> Reply {
    let issuer = format!("http://{address}/issuer");
    Reply::json(
        200,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

/// The host of the server at `address`.
fn host(address: SocketAddr) -> TestHost {
    let key = |word: &str| Base64::encode_string(&Sha256::digest(word));
    let host = TestHost::new();
    host.set_variable("MCP_EDGE_KEYS", format!("k1:sign:{}", key("k1")));
    host.set_variable("MCP_EDGE_AUDIT_KEYS", format!("e1:sign:{}", key("e1")));
    host.set_variable("MCP_EDGE_URL", format!("http://{address}/mcp"));
    host.set_variable("TEST_ISSUER", format!("http://{address}/issuer"));
    host
}

/// The time of this machine, which the program compares with the server's.
fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later");
    Timestamp::from_secs(since.as_secs())
}

#[test]
fn a_server_without_faults_passes_every_check() {
    let good = Good::start();
    let ended = good.look(&["--strict"]);
    ended.says(
        0,
        &[
            "ok        modern-tools            1 tool",
            "errors: 0, warnings: 0",
        ],
    );
    good.look(&["--json"]).is_golden("doctor-good-json");
}
