//! A request, a response and a result, as they are shown.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use mcp_edge_catalog::request::HIDDEN;
use mcp_edge_catalog::result::{ResultContent, ResultParts};
use mcp_edge_clients::visible::visible_except;
use serde_json::{Map, Value as Json, json};

use super::secrets::Secrets;
use crate::style::{HEADING, LINES, styled};

/// How much of a body is shown, in bytes.
const MAX_SHOWN: usize = 8 * 1024;

/// The headers of a response that say something about a call.
const TELLING: [&str; 12] = [
    "content-type",
    "content-length",
    "content-encoding",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "server",
    "www-authenticate",
    "x-request-id",
];

/// A message without secrets.
pub(super) struct Shown {
    /// Its first line.
    line: String,
    members: Map<String, Json>,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Shown {
    pub(super) fn request(request: &Request<Bytes>, secrets: &Secrets) -> Self {
        let method = request.method().as_str();
        let url = secrets.hidden(&request.uri().to_string());
        Self {
            line: format!("{method} {url}"),
            members: Map::from_iter([
                ("method".to_owned(), json!(method)),
                ("url".to_owned(), json!(url)),
            ]),
            headers: headers(request.headers(), secrets, |_| true),
            body: body(request.headers(), request.body(), secrets),
        }
    }

    pub(super) fn response(response: &Response<Bytes>, secrets: &Secrets) -> Self {
        Self {
            line: response.status().to_string(),
            members: Map::from_iter([
                ("status".to_owned(), json!(response.status().as_u16())),
                ("bytes".to_owned(), json!(response.body().len())),
            ]),
            headers: headers(response.headers(), secrets, |name| TELLING.contains(&name)),
            body: body(response.headers(), response.body(), secrets),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", styled(HEADING, &self.line));
        for (name, value) in &self.headers {
            text.push_str(&format!("{}\n", lines(&format!("{name}: {value}"))));
        }
        if let Some(body) = &self.body {
            text.push_str(&format!("\n{}\n", lines(body)));
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        let mut members = self.members.clone();
        members.insert("headers".to_owned(), json!(self.headers));
        members.insert("body".to_owned(), json!(self.body));
        Json::Object(members)
    }
}

/// Words of a stranger with their line ends.
fn lines(text: &str) -> String {
    visible_except(text, &LINES).into_owned()
}

fn headers(
    headers: &HeaderMap,
    secrets: &Secrets,
    is_shown: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    let headers = headers.iter().filter(|(name, _)| is_shown(name.as_str()));
    headers
        .map(|(name, value)| {
            let value = match value.is_sensitive() {
                true => HIDDEN.to_owned(),
                false => secrets.hidden(&String::from_utf8_lossy(value.as_bytes())),
            };
            (name.to_string(), value)
        })
        .collect()
}

/// The beginning of a body; of one that is not text only its size.
fn body(headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(body) else {
        let media_type = headers.get(http::header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        return Some(format!(
            "[{} bytes of {}]",
            body.len(),
            media_type.unwrap_or("an unknown media type")
        ));
    };
    // Before it is cut, so that no part of a secret is left.
    let hidden = secrets.hidden(text);
    Some(cut(&hidden))
}

fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_SHOWN);
    match text.get(..end) {
        Some(start) if end < text.len() => {
            format!("{start}\n[the first {end} of {} bytes]", text.len())
        }
        _ => text.to_owned(),
    }
}

/// A result (2026-07-28, `CallToolResult`).
pub(super) fn result_json(parts: &ResultParts) -> Json {
    let content = parts.content.iter().map(|content| match content {
        ResultContent::Text(text) => json!({ "type": "text", "text": text }),
        ResultContent::Image { media_type, .. } => {
            json!({ "type": "image", "mimeType": media_type, "data": size(content) })
        }
        ResultContent::Audio { media_type, .. } => {
            json!({ "type": "audio", "mimeType": media_type, "data": size(content) })
        }
        ResultContent::File { media_type, .. } => {
            json!({ "type": "resource", "resource": { "mimeType": media_type, "blob": size(content) } })
        }
    });
    let mut result = Map::from_iter([("content".to_owned(), content.collect())]);
    if let Some(structured) = &parts.structured {
        result.insert("structuredContent".to_owned(), structured.clone());
    }
    if parts.is_error {
        result.insert("isError".to_owned(), Json::Bool(true));
    }
    Json::Object(result)
}

/// In place of the bytes of a file.
fn size(content: &ResultContent) -> String {
    match content {
        ResultContent::Text(_) => String::new(),
        ResultContent::Image { bytes, .. }
        | ResultContent::Audio { bytes, .. }
        | ResultContent::File { bytes, .. } => format!("[{} bytes]", bytes.len()),
    }
}

pub(super) fn result_text(result: &Json) -> String {
    let mut text = String::new();
    for block in result
        .get("content")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let shown = match block.get("text").and_then(Json::as_str) {
            Some(text) => text.to_owned(),
            None => block.to_string(),
        };
        text.push_str(&format!("{}\n", lines(&cut(&shown))));
    }
    if let Some(structured) = result.get("structuredContent") {
        let structured = format!("{structured:#}");
        text.push_str(&format!(
            "structured content: {}\n",
            lines(&cut(&structured))
        ));
    }
    text
}
