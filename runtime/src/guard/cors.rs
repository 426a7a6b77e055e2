//! What a browser must hear before it lets a page use the endpoint (Fetch, CORS protocol).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::http::{Body, Response};

const EXPOSED: HeaderValue =
    HeaderValue::from_static("Mcp-Session-Id, WWW-Authenticate, Retry-After");
/// The methods that clients send to the endpoint. Those of the `initialize` revisions also send GET and DELETE, and read the
/// 405 (2025-11-25, basic/transports); a browser shows it to them only if the preflight allows the method.
pub(crate) const ENDPOINT_METHODS: &str = "POST, GET, HEAD, DELETE";
/// The methods of what can only be read.
pub(crate) const READ_METHODS: &str = "GET, HEAD";
const A_DAY: HeaderValue = HeaderValue::from_static("86400");

/// Headers that clients of this protocol send, besides those for mirrored arguments.
const KNOWN: [&str; 8] = [
    "authorization",
    "content-type",
    "accept",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
    "last-event-id",
];

/// How many headers a preflight may ask for, and how long the name of one may be, in bytes: the answer repeats them.
const MAX_ASKED: usize = 64;
const MAX_HEADER_NAME: usize = 128;

/// Lets pages of `origin` read the response.
pub(crate) fn allow(response: &mut Response, origin: &str) {
    let headers = response.headers_mut();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// Answers a preflight for a path that knows these methods. `Mcp-Param-*` has no wildcard in this protocol, so the answer repeats
/// those headers that were asked for and that clients may send.
pub(crate) fn preflight(asked: &HeaderMap, methods: &'static str) -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let allowed: Vec<String> = asked
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| {
            KNOWN.contains(&name.as_str())
                || (name.starts_with("mcp-param-") && name.len() <= MAX_HEADER_NAME)
                || ["traceparent", "tracestate", "baggage"].contains(&name.as_str())
        })
        .take(MAX_ASKED)
        .collect();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(methods),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, A_DAY);
    if let Ok(names) = HeaderValue::from_str(&allowed.join(", ")) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preflight_repeats_only_so_much() {
        let long = format!("mcp-param-{}", "x".repeat(MAX_HEADER_NAME));
        let mut names = vec![long.as_str(), "mcp-param-region"];
        names.extend(["mcp-method"; 1000]);
        let mut asked = HeaderMap::new();
        let value = HeaderValue::from_str(&names.join(", ")).unwrap();
        asked.insert(header::ACCESS_CONTROL_REQUEST_HEADERS, value);
        let response = preflight(&asked, "POST");
        let allowed = &response.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS];
        let allowed: Vec<&str> = allowed.to_str().unwrap().split(", ").collect();
        assert_eq!(allowed.len(), MAX_ASKED);
        assert_eq!(allowed[..2], ["mcp-param-region", "mcp-method"]);
    }
}
