//! Requests to a receiver: where they go, and what it knows us by.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Uri, header};

/// A request but for its body.
pub(super) struct RequestTemplate {
    pub(super) uri: Uri,
    pub(super) credential: Option<(HeaderName, HeaderValue)>,
    pub(super) content_type: &'static str,
}

impl RequestTemplate {
    /// The same request with a body.
    pub(super) fn with(&self, body: impl Into<Bytes>) -> Result<http::Request<Bytes>, String> {
        let mut request = http::Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, self.content_type)
            .body(body.into())
            .map_err(|error| error.to_string())?;
        if let Some((name, value)) = self.credential.clone() {
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
