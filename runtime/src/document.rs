//! Documents that anybody may read without asking the MCP endpoint.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::audit::evidence::Sign;
use crate::auth::Identity;
use crate::config::Settings;
use crate::http::{Body, Response};
use crate::location::Location;
use crate::refusal::Refusal;
use crate::route::JWKS;
use crate::server::Parts;

/// A document as it is sent, made once for an instance.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    bytes: Bytes,
    cache_control: Option<HeaderValue>,
}

impl Document {
    /// The protected resource metadata (RFC 9728, 2), where a client could sign in anywhere.
    pub(crate) fn resource_metadata(
        server: &Parts,
        settings: &Settings,
        location: &Location,
        identity: &Identity,
    ) -> Option<Self> {
        let servers = identity.authorization_servers();
        let resource = location.url().filter(|_| !servers.is_empty())?;
        let jwks = settings.audit.keys.and_then(|_| location.at(JWKS));
        let mut metadata = json!({
            "resource": resource,
            "authorization_servers": servers,
            "scopes_supported": identity.scopes(),
            "bearer_methods_supported": ["header"],
            "resource_name": server.identity.display_name(),
        });
        if let (Some(jwks), Some(members)) = (jwks, metadata.as_object_mut()) {
            members.insert("jwks_uri".to_owned(), jwks.into());
        }
        Some(Self::new(&metadata, settings))
    }

    /// The public keys of the server (RFC 7517), which RFC 9728, 2 calls its `jwks_uri`.
    pub(crate) fn jwks(evidence: &dyn Sign, settings: &Settings) -> Self {
        Self::new(&evidence.jwks(), settings)
    }

    fn new(document: &Value, settings: &Settings) -> Self {
        Self {
            bytes: Bytes::from(document.to_string()),
            cache_control: HeaderValue::from_str(&format!(
                "public, max-age={}",
                settings.lists.ttl.as_secs()
            ))
            .ok(),
        }
    }

    /// Answers a request for it. Pages of every origin may read what everybody may read.
    pub(crate) fn respond(&self, method: &Method) -> Result<Response, Refusal> {
        let body = match *method {
            Method::GET => Body::Whole(self.bytes.clone()),
            Method::HEAD | Method::OPTIONS => Body::Empty,
            _ => return Err(Refusal::DocumentMethodNotAllowed),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any.clone());
        if *method == Method::OPTIONS {
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, HEAD"),
            );
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, any);
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(cache_control) = &self.cache_control {
            headers.insert(header::CACHE_CONTROL, cache_control.clone());
        }
        Ok(response)
    }
}
