//! Requests, right ones and wrong ones.

use std::fmt;

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};

/// The revision of the modern era.
pub const MODERN: &str = "2026-07-28";

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";

/// An HTTP request whose every byte a test may choose.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: String,
    /// `None`: the endpoint's own.
    pub(crate) path: Option<String>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) message: Value,
    pub(crate) body: Body,
    /// Names the schema that the response is judged by.
    pub(crate) revision: String,
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}",
            self.method,
            self.path.as_deref().unwrap_or("")
        )?;
        for (name, value) in &self.headers {
            write!(formatter, "\n{name}: {}", value.escape_ascii())?;
        }
        match &self.body {
            Body::Message => write!(formatter, "\n\n{}", self.message),
            other => write!(formatter, "\n\n{:.1000}", format!("{other:?}")),
        }
    }
}

/// What is sent after the head.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Nothing,
    /// The message.
    Message,
    Bytes(Vec<u8>),
    /// Chunks of `Transfer-Encoding: chunked`.
    Chunks(Vec<Vec<u8>>),
    /// Fewer bytes than `Content-Length` promises, after which the client says no more.
    Cut {
        promised: usize,
        sent: Vec<u8>,
    },
}

/// A request of the modern era, with everything that one must carry.
pub fn modern(method: &str, params: Value) -> Request {
    let mut params = params;
    params["_meta"][VERSION_KEY] = json!(MODERN);
    params["_meta"][CAPABILITIES_KEY] = json!({});
    params["_meta"][CLIENT_KEY] = json!({ "name": "black-box", "version": "1" });
    let subject = match method {
        "tools/call" | "prompts/get" => params["name"].as_str(),
        "resources/read" => params["uri"].as_str(),
        _ => None,
    }
    .map(str::to_owned);
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = post(message)
        .header("MCP-Protocol-Version", MODERN)
        .header("Mcp-Method", method);
    match subject {
        Some(subject) => request.header("Mcp-Name", subject),
        None => request,
    }
}

/// A request of the legacy era, as a client sends it that was given no session.
pub fn legacy(revision: &str, method: &str, params: Value) -> Request {
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let mut request = post(message);
    request.revision = revision.to_owned();
    if method == "initialize" || revision == "2025-03-26" {
        return request;
    }
    request.header("MCP-Protocol-Version", revision)
}

/// A notification of a legacy client.
pub fn notification(revision: &str, method: &str) -> Request {
    let mut request = legacy(revision, method, json!({}));
    request
        .message
        .as_object_mut()
        .map(|members| members.remove("id"));
    request
}

/// A body with nothing but what every POST of this protocol has.
pub fn post(message: Value) -> Request {
    Request {
        method: "POST".to_owned(),
        path: None,
        headers: Vec::new(),
        message,
        body: Body::Message,
        revision: MODERN.to_owned(),
    }
    .header("Content-Type", "application/json")
    .header("Accept", "application/json, text/event-stream")
}

impl Request {
    /// Sets a header, in place of any of that name.
    #[must_use]
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).also(name, value)
    }

    /// Adds a line to a header that may be there already.
    #[must_use]
    pub fn also(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Removes a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Uses another HTTP method, and no body.
    #[must_use]
    pub fn http_method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self.body = Body::Nothing;
        self
    }

    /// Asks at another path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Sends these bytes in place of the message.
    #[must_use]
    pub fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.body = Body::Bytes(bytes.as_ref().to_owned());
        self
    }

    /// Sends these bytes in place of the message, in chunks of `length`.
    #[must_use]
    pub fn chunked(mut self, bytes: &[u8], length: usize) -> Self {
        self.body = Body::Chunks(bytes.chunks(length).map(<[u8]>::to_vec).collect());
        self
    }

    /// Promises `promised` bytes, sends these, and hangs up its half of the connection.
    #[must_use]
    pub fn cut(mut self, promised: usize, sent: &[u8]) -> Self {
        self.body = Body::Cut {
            promised,
            sent: sent.to_owned(),
        };
        self
    }

    /// Changes the message.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.message);
        self
    }

    /// Sets a member of `params`.
    #[must_use]
    pub fn param(self, name: &str, value: Value) -> Self {
        self.with(|message| message["params"][name] = value)
    }

    /// Sets a member of `params._meta`.
    #[must_use]
    pub fn meta(self, name: &str, value: Value) -> Self {
        self.with(|message| message["params"]["_meta"][name] = value)
    }

    /// Removes a member of `params._meta`.
    #[must_use]
    pub fn without_meta(self, name: &str) -> Self {
        self.with(|message| {
            message["params"]["_meta"]
                .as_object_mut()
                .map(|meta| meta.remove(name));
        })
    }

    /// Declares what the client can be asked.
    #[must_use]
    pub fn capabilities(self, capabilities: Value) -> Self {
        self.meta(CAPABILITIES_KEY, capabilities)
    }

    /// Names the client, for the log.
    #[must_use]
    pub fn client(self, name: &str) -> Self {
        self.meta(CLIENT_KEY, json!({ "name": name, "version": "1" }))
    }

    /// Takes part in a session.
    #[must_use]
    pub fn session(self, token: &str) -> Self {
        self.header("Mcp-Session-Id", token)
    }

    /// Presents an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Sets a header to base64 of this text, as the protocol wraps what headers cannot hold.
    #[must_use]
    pub fn wrapped(self, name: &str, text: &str) -> Self {
        let wrapped = Base64::encode_string(text.as_bytes());
        self.header(name, format!("=?base64?{wrapped}?="))
    }

    /// What `MCP-Protocol-Version` declares; empty without that header, `None` if it cannot be read.
    pub(crate) fn declared_revision(&self) -> Option<String> {
        let mut lines = self
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("MCP-Protocol-Version"));
        match (lines.next(), lines.next()) {
            (None, _) => Some(String::new()),
            (Some((_, value)), None) => String::from_utf8(value.clone()).ok(),
            (Some(_), Some(_)) => None,
        }
    }

    /// The bytes of its body, without the framing of HTTP/1.1.
    pub(crate) fn content(&self) -> Vec<u8> {
        match &self.body {
            Body::Nothing => Vec::new(),
            Body::Message => self.message.to_string().into_bytes(),
            Body::Bytes(bytes) | Body::Cut { sent: bytes, .. } => bytes.clone(),
            Body::Chunks(chunks) => chunks.concat(),
        }
    }

    pub(crate) fn is_longer_than(&self, bytes: usize) -> bool {
        match &self.body {
            Body::Bytes(body) => body.len() > bytes,
            Body::Chunks(chunks) => chunks.iter().map(Vec::len).sum::<usize>() > bytes,
            Body::Nothing | Body::Message | Body::Cut { .. } => false,
        }
    }

    /// Whether each header is text, as Spin demands of what it hands to a component.
    pub fn has_readable_headers(&self) -> bool {
        self.headers
            .iter()
            .all(|(_, value)| std::str::from_utf8(value).is_ok())
    }

    /// The message.
    pub fn message(&self) -> &Value {
        &self.message
    }
}
