//! A host for one question: no network, a clock that stands still.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_executor::block_on;
use futures_util::future::{FutureExt, LocalBoxFuture, pending, ready};
use mcp_edge::config::Configuration;
use mcp_edge::host::{FetchError, Host, HostError, Timestamp};
use mcp_edge::http::{Body, Incoming};
use mcp_edge::{BuildError, Runtime, Server};
use serde_json::{Value, json};

const REVISION: &str = "2026-07-28";

struct Still;

impl Host for Still {
    fn name(&self) -> &'static str {
        "test"
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000)
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        buffer.fill(7);
        Ok(())
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn fetch(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        ready(Err(FetchError::NotAllowed("anything".to_owned()))).boxed_local()
    }

    fn after_response(&self, _: LocalBoxFuture<'static, ()>) {}

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let keys = || format!("k1:sign:{}", "c2VjcmV0".repeat(6));
        ready(Ok((name == "MCP_EDGE_KEYS").then(keys))).boxed_local()
    }

    fn log(&self, _: &str) {}
}

/// What `server` answers to one request: the `result`, or the whole answer if it is an error.
pub(crate) fn ask(server: Result<Server, BuildError>, method: &str, mut params: Value) -> Value {
    let name = params["name"]
        .as_str()
        .or(params["uri"].as_str())
        .map(str::to_owned);
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut request = http::Request::post("/mcp")
        .header("host", "mcp.example.com")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", REVISION)
        .header("mcp-method", method);
    if let Some(name) = name {
        request = request.header("mcp-name", name);
    }
    let body = Incoming::from(Bytes::from(message.to_string()));
    let request = request.body(body).expect("a request");

    let runtime = Runtime::new(server, &Configuration::DEFAULT);
    let response = block_on(runtime.serve(request, Rc::new(Still)));
    let Body::Whole(body) = response.into_body() else {
        panic!("the answer to {method} is no JSON");
    };
    let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
    match answer.get_mut("result") {
        Some(result) => result.take(),
        None => answer,
    }
}
