//! Messages to the endpoint.

use std::borrow::Cow;

use http::{Method, Request};
use serde_json::{Value as Json, json};

/// The newest revision, the first without sessions.
pub(crate) const MODERN: &str = "2026-07-28";
/// The newest of the revisions with `initialize`.
pub(crate) const LEGACY: &str = "2025-11-25";
/// The id of every request.
pub(crate) const ID: &str = "mcp-edge";

/// The error of JSON-RPC for a method that is not there.
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;

const NAME: &str = "mcp-edge";

/// A message, with its headers.
pub(crate) struct Call {
    headers: Vec<(Cow<'static, str>, String)>,
    body: String,
}

/// The `_meta` of a modern request in `revision` (2026-07-28, basic).
pub(crate) fn meta(revision: &str) -> Json {
    json!({
        "io.modelcontextprotocol/protocolVersion": revision,
        "io.modelcontextprotocol/clientInfo": client(),
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

fn client() -> Json {
    json!({ "name": NAME, "version": env!("CARGO_PKG_VERSION") })
}

impl Call {
    /// A message as it stands, with the headers of every message.
    pub(crate) fn raw(body: impl Into<String>) -> Self {
        Self {
            headers: vec![
                (
                    "accept".into(),
                    "application/json, text/event-stream".to_owned(),
                ),
                ("content-type".into(), "application/json".to_owned()),
            ],
            body: body.into(),
        }
    }

    /// A request without a session.
    pub(crate) fn modern(method: &str) -> Self {
        Self::modern_with(method, json!({ "_meta": meta(MODERN) }))
    }

    /// A request without a session, with `params`.
    pub(crate) fn modern_with(method: &str, params: Json) -> Self {
        Self::request(method, &params)
            .with("mcp-protocol-version", MODERN)
            .with("mcp-method", method)
    }

    /// What begins a session (2025-11-25, basic/lifecycle).
    pub(crate) fn initialize() -> Self {
        let params =
            json!({ "protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client() });
        Self::request("initialize", &params)
    }

    /// A request of a session.
    pub(crate) fn legacy(method: &str) -> Self {
        Self::legacy_with(method, &json!({}))
    }

    /// A request of a session, with `params`.
    pub(crate) fn legacy_with(method: &str, params: &Json) -> Self {
        Self::request(method, params)
    }

    /// What ends the beginning of a session.
    pub(crate) fn initialized() -> Self {
        Self::raw(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string())
    }

    fn request(method: &str, params: &Json) -> Self {
        Self::raw(
            json!({ "jsonrpc": "2.0", "id": ID, "method": method, "params": params }).to_string(),
        )
    }

    /// With this header, in place of one of the same name.
    pub(crate) fn with(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let name = name.into();
        let mut call = self.without(&name);
        call.headers.push((name, value.into()));
        call
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(crate) fn request_to(self, url: &str) -> http::Result<Request<String>> {
        let mut request = Request::builder().method(Method::POST).uri(url);
        for (name, value) in self.headers {
            request = request.header(&*name, value);
        }
        request.body(self.body)
    }
}

/// How it presents itself in logs.
pub(crate) fn agent() -> &'static str {
    concat!("mcp-edge/", env!("CARGO_PKG_VERSION"))
}
