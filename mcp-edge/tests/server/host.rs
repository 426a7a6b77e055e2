//! A host for one question: no network, a clock that stands still.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_executor::block_on;
use futures_util::future::{FutureExt, LocalBoxFuture, pending, ready};
use mcp_edge::config::{Access, Configuration, Settings};
use mcp_edge::host::{FetchError, Host, HostError, Timestamp};
use mcp_edge::http::{Body, Incoming};
use mcp_edge::{BuildError, Runtime, Server};
use serde_json::{Value, json};

const REVISION: &str = "2026-07-28";

#[derive(Default)]
pub(crate) struct Still {
    pub(crate) logged: RefCell<Vec<String>>,
    /// What runs alongside a request.
    pub(crate) work: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
    pub(crate) is_stopping: Cell<bool>,
}

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

    fn after_response(&self, work: LocalBoxFuture<'static, ()>) {
        self.work.borrow_mut().push(work);
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let value = match name {
            "MCP_EDGE_KEYS" => {
                Some("k1:sign:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned())
            }
            // "this seed is public and proves 0", in base64.
            "MCP_EDGE_AUDIT_KEYS" => {
                Some("e1:sign:UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s=".to_owned())
            }
            _ => None,
        };
        ready(Ok(value)).boxed_local()
    }

    fn log(&self, line: &str) {
        self.logged.borrow_mut().push(line.to_owned());
    }
}

/// The default settings of a server that anyone may call: this host is not on a loopback address.
pub(crate) const PUBLIC: Settings = Settings {
    access: Access {
        public: true,
        ..Settings::DEFAULT.access
    },
    ..Settings::DEFAULT
};

const CONFIGURATION: Configuration = Configuration {
    base: PUBLIC,
    environments: &[],
};

/// What a server with these settings answers to one request: the `result`, or the whole answer if it is an error.
pub(crate) fn ask(server: Result<Server, BuildError>, method: &str, params: Value) -> Value {
    let runtime = Runtime::new(server, &CONFIGURATION);
    ask_of(&runtime, method, params)
}

/// The same of a server that is there already.
pub(crate) fn ask_of(runtime: &Runtime, method: &str, mut params: Value) -> Value {
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
    let (_, body) = serve(runtime, request);
    let mut answer: Value = serde_json::from_slice(&body).expect("JSON");
    match answer.get_mut("result") {
        Some(result) => result.take(),
        None => answer,
    }
}

/// The status and the body of the answer to a GET of `path`, by a client that accepts any media type.
pub(crate) fn get(runtime: &Runtime, path: &str) -> (u16, String) {
    get_as(runtime, path, "*/*")
}

/// The same, for a client that asks for a media type.
pub(crate) fn get_as(runtime: &Runtime, path: &str, media_type: &str) -> (u16, String) {
    let request = http::Request::get(path)
        .header("host", "mcp.example.com")
        .header("accept", media_type);
    let request = request
        .body(Incoming::from(Bytes::new()))
        .expect("a request");
    let (status, body) = serve(runtime, request);
    (status, String::from_utf8(body.into()).expect("a text"))
}

fn serve(runtime: &Runtime, request: http::Request<Incoming>) -> (u16, Bytes) {
    serve_on(&Rc::default(), runtime, request)
}

/// The status and the body of the answer to a request on `host`.
pub(crate) fn serve_on(
    host: &Rc<Still>,
    runtime: &Runtime,
    request: http::Request<Incoming>,
) -> (u16, Bytes) {
    let response = block_on(runtime.serve(request, Rc::clone(host) as _));
    let status = response.status().as_u16();
    match response.into_body() {
        Body::Whole(body) => (status, body),
        Body::Empty => (status, Bytes::new()),
        Body::Stream(_) => panic!("the answer is a stream"),
    }
}
