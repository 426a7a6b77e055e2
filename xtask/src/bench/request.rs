//! The requests that every server is asked.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}}"#;

/// What a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    /// A message of revision 2026-07-28.
    Message {
        method: &'static str,
        name: Option<&'static str>,
        params: &'static str,
    },
    /// A document that everybody may read.
    Document {
        label: &'static str,
        path: &'static str,
        media_type: &'static str,
    },
}

/// Calls the tool.
pub(super) const CALL: Request = Request::Message {
    method: "tools/call",
    name: Some("greet"),
    params: r#""name":"greet","arguments":{"name":"Ada"},"#,
};

/// Lists the one tool.
pub(super) const LIST: Request = Request::Message {
    method: "tools/list",
    name: None,
    params: "",
};

/// Reads the Server Card.
pub(super) const CARD: Request = Request::Document {
    label: "the card",
    path: "/mcp/server-card",
    media_type: "application/mcp-server-card+json",
};

impl Request {
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Message { method, .. } => method,
            Self::Document { label, .. } => label,
        }
    }

    pub(super) fn http_method(&self) -> &'static str {
        match self {
            Self::Message { .. } => "POST",
            Self::Document { .. } => "GET",
        }
    }

    pub(super) fn path(&self) -> &'static str {
        match self {
            Self::Message { .. } => "/mcp",
            Self::Document { path, .. } => path,
        }
    }

    /// Empty, if it has none.
    pub(super) fn body(&self) -> String {
        match self {
            Self::Message { method, params, .. } => {
                format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}{META}}}}}"#
                )
            }
            Self::Document { .. } => String::new(),
        }
    }

    /// With the value of the Authorization header, if it has one.
    pub(super) fn headers<'a>(
        &self,
        authorization: Option<&'a str>,
    ) -> Vec<(&'static str, &'a str)> {
        let mut headers = match *self {
            Self::Document { media_type, .. } => vec![("accept", media_type)],
            Self::Message { method, name, .. } => {
                let mut headers = vec![
                    ("content-type", "application/json"),
                    ("accept", "application/json, text/event-stream"),
                    ("mcp-protocol-version", "2026-07-28"),
                    ("mcp-method", method),
                ];
                headers.extend(name.map(|name| ("mcp-name", name)));
                headers
            }
        };
        headers.extend(authorization.map(|value| ("authorization", value)));
        headers
    }

    /// Asks once, on a connection of its own; `None` while no process listens, an error for a refusal.
    pub(super) fn ask(&self, port: u16, authorization: Option<&str>) -> Result<Option<()>> {
        let mut stream = match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Ok(None),
            Err(error) => return Err(error).context("cannot connect"),
        };
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(self.message(port, authorization).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;

        let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
        let body: Value = serde_json::from_str(body)
            .with_context(|| format!("an answer that is not JSON:\n{answer}"))?;
        let is_answered = match self {
            Self::Message { .. } => body["result"].is_object() && body["result"]["isError"] != true,
            Self::Document { .. } => body.is_object(),
        };
        ensure!(
            head.starts_with("HTTP/1.1 200") && is_answered,
            "refused:\n{answer}"
        );
        Ok(Some(()))
    }

    fn message(&self, port: u16, authorization: Option<&str>) -> String {
        let body = self.body();
        let (method, path, length) = (self.http_method(), self.path(), body.len());
        let mut message = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\ncontent-length: {length}\r\n"
        );
        for (name, value) in self.headers(authorization) {
            message.push_str(&format!("{name}: {value}\r\n"));
        }
        message + "\r\n" + &body
    }
}
