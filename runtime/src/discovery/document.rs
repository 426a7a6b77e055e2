//! A document as it is sent.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request};
use mcp_edge_audit::digest::sha256;
use serde_json::Value;

use crate::config::Settings;
use crate::guard::READ_METHODS;
use crate::http::{Body, Response};
use crate::refusal::Refusal;

/// What pages of every origin may do with what everybody may read. SEP-2127 (`discovery.md`) names two headers; clients send
/// others as well.
const CORS: [(header::HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, READ_METHODS),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Content-Type, If-None-Match, *",
    ),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"),
];

/// A document for everybody, made once for an instance.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    bytes: Bytes,
    media_type: &'static str,
    cache_control: Option<HeaderValue>,
    etag: Option<HeaderValue>,
}

impl Document {
    pub(super) fn new(content: &Value, media_type: &'static str, settings: &Settings) -> Self {
        let bytes = Bytes::from(content.to_string());
        let age = format!("public, max-age={}", settings.lists.ttl.as_secs());
        Self {
            etag: etag(&sha256(&bytes)),
            bytes,
            media_type,
            cache_control: HeaderValue::from_str(&age).ok(),
        }
    }

    /// Answers a request for it.
    pub(crate) fn respond(&self, head: &request::Parts) -> Result<Response, Refusal> {
        let mut response = match head.method {
            Method::GET | Method::HEAD => self.whole(head),
            Method::OPTIONS => empty(StatusCode::NO_CONTENT),
            _ => return Err(Refusal::DocumentMethodNotAllowed),
        };
        Self::allow(&mut response);
        Ok(response)
    }

    /// Lets pages of every origin read an answer about a document, a refusal too.
    pub(crate) fn allow(response: &mut Response) {
        for (name, value) in CORS {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
    }

    fn whole(&self, head: &request::Parts) -> Response {
        let mut response = answer(head, &self.bytes, self.media_type, self.etag.clone());
        if let Some(cache_control) = &self.cache_control {
            let cache_control = cache_control.clone();
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, cache_control);
        }
        response
    }
}

/// The strong validator (RFC 9110, 8.8.3) of content that has this digest.
pub(super) fn etag(digest: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{digest}\"")).ok()
}

/// Answers GET or HEAD, without what the client has already (RFC 9110, 13.1.2).
pub(super) fn answer(
    head: &request::Parts,
    bytes: &Bytes,
    media_type: &'static str,
    etag: Option<HeaderValue>,
) -> Response {
    let is_known = etag
        .as_ref()
        .is_some_and(|etag| has(&head.headers, etag.as_bytes()));
    let mut response = match head.method {
        _ if is_known => empty(StatusCode::NOT_MODIFIED),
        Method::HEAD => empty(StatusCode::OK),
        _ => Response::new(Body::Whole(bytes.clone())),
    };
    let headers = response.headers_mut();
    if !is_known {
        let media_type = HeaderValue::from_static(media_type);
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response
}

/// Whether `If-None-Match` names `etag`. A cache may have made it weak on the way, which does not matter here.
fn has(headers: &HeaderMap, etag: &[u8]) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut named = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    named.any(|tag| {
        let tag = tag.trim_ascii();
        tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    fn respond(method: Method, tags: &[&str]) -> Result<Response, Refusal> {
        let document = Document::new(&json!({}), "application/json", &Settings::DEFAULT);
        let mut request = Request::builder().method(method).uri("/card");
        for tag in tags {
            request = request.header(header::IF_NONE_MATCH, *tag);
        }
        document.respond(&request.body(()).unwrap().into_parts().0)
    }

    fn tag() -> String {
        let response = respond(Method::GET, &[]).unwrap();
        response.headers()[header::ETAG]
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let tag = tag();
        let weak = format!("W/{tag}");
        let among = format!("\"other\", {tag}");
        for known in [
            &[tag.as_str()][..],
            &[&weak],
            &[&among],
            &["\"other\"", &tag],
            &["*"],
        ] {
            for method in [Method::GET, Method::HEAD] {
                let response = respond(method, known).unwrap();
                assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known:?}");
                assert!(matches!(response.body(), Body::Empty));
                assert_eq!(response.headers()[header::ETAG], tag.as_str());
                assert!(response.headers().contains_key(header::CACHE_CONTROL));
            }
        }
        for unknown in [
            &["\"other\""][..],
            &["W/\"other\""],
            &[tag.trim_matches('"')],
            &[],
        ] {
            let response = respond(Method::GET, unknown).unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{unknown:?}");
            assert!(matches!(response.body(), Body::Whole(_)));
        }
    }

    #[test]
    fn every_page_may_read_it() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let response = respond(method, &[]).unwrap();
            for (name, value) in CORS {
                assert_eq!(response.headers()[name], value);
            }
        }
        assert!(respond(Method::POST, &[]).is_err());
    }
}
