//! What clients discover (RFC 8414).

use serde_json::{Value as Json, json};

/// Where clients look for the metadata of an authorization server (RFC 8414, 3).
pub(super) const PATH: &str = "/.well-known/oauth-authorization-server";
/// Where clients look that know OpenID Connect (RFC 8414, 5).
pub(super) const OPENID_PATH: &str = "/.well-known/openid-configuration";

pub(super) fn document(issuer: &str, scopes: &[String]) -> Json {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
        "scopes_supported": scopes,
    })
}
