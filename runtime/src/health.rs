//! Health probes, at the paths that Kubernetes uses for its own servers.
//!
//! A probe comes from the machine or the cluster, under whatever name, and often. So it is answered before `Host` is checked,
//! leaves no event, and is told a status and nothing else.

use http::{HeaderValue, StatusCode, header};

use crate::http::{Body, Response};

/// Answered as long as requests are.
pub(crate) const LIVE: &str = "/livez";
/// Answered with 503 while requests to the endpoint cannot be served.
pub(crate) const READY: &str = "/readyz";

/// What a probe asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Whether the process answers.
    Live,
    /// Whether it can serve.
    Ready,
}

impl Probe {
    /// The probe at this path.
    pub(crate) fn asked(path: &str) -> Option<Self> {
        match path {
            LIVE => Some(Self::Live),
            READY => Some(Self::Ready),
            _ => None,
        }
    }
}

/// Answers a probe with `status` and without a body.
pub(crate) fn respond(status: StatusCode) -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
