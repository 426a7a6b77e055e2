//! Every way in which a request can end without being served.
//!
//! No other place builds an error response. A refusal has an HTTP status, a JSON-RPC error, a reason for
//! the audit event, and a fault: client or server; the table in docs/reference/refusals.md is made from this file.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::http::{Body, Response};
use crate::jsonrpc::Id;
use crate::revision::{Era, Revision};

/// A request that is answered with an error.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is not HTTP that the host's HTTP library reads (RFC 9112, RFC 9113). The library answers with the status
    /// alone.
    NotHttp,
    /// The request's target is longer than 8,000 bytes (RFC 9110, 15.5.15). The host's library answers with the status alone
    /// where it is longer than the library reads.
    UriTooLong,
    /// The request's head is too long, or has too many headers. The host's library answers with the status alone.
    HeadTooLarge,
    /// The server cannot serve anything: it was put together or configured wrongly. The host's log has
    /// the sentence; the caller learns nothing from it.
    Misconfigured,
    /// The server is open (it has neither an issuer nor a policy rule), the host is reachable from other machines, and
    /// `access.public` is not set.
    NotPublic,
    /// The server has a live policy (`live.enabled`), and there is none that verifies and has not expired.
    PolicyUnavailable,
    /// Nothing is served at this path.
    NotFound {
        /// The path of the endpoint, where this one differs from it only by a slash at the end.
        endpoint: Option<String>,
    },
    /// The endpoint takes POST only (2026-07-28, basic/transports).
    MethodNotAllowed,
    /// A document can be read and nothing else.
    DocumentMethodNotAllowed,
    /// The request does not name one host: `Host` is missing, doubled, malformed, or differs from the request target (RFC 9112,
    /// 3.2; RFC 9113, 8.3.1).
    BadHost {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The `Host` header names a host that `access.allowed_hosts` does not allow.
    HostNotAllowed,
    /// The `Origin` header names an origin that `access.allowed_origins` does not allow.
    OriginNotAllowed,
    /// The client does not accept both `application/json` and `text/event-stream`.
    NotAcceptable,
    /// The body is not declared as `application/json`.
    UnsupportedMediaType,
    /// The body has a content coding (RFC 9110, 8.4).
    UnsupportedContentEncoding,
    /// The body has a transfer coding other than `chunked` (RFC 9112, 6.1).
    UnsupportedTransferEncoding,
    /// The body is longer than `limits.body_bytes`.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body ended before its declared length.
    IncompleteBody,
    /// The body did not arrive within the host's time for it.
    BodyTimeout,
    /// As many requests as `limits.in_flight` allows are being served.
    Overloaded,
    /// The body is not JSON.
    ParseError {
        /// Where and why, in the parser's words.
        at: String,
    },
    /// The body is JSON that is not one acceptable JSON-RPC message.
    InvalidRequest {
        /// What is wrong with it.
        why: String,
    },
    /// A header is missing, doubled, unreadable or unlike the body.
    HeaderMismatch {
        /// Which one, and how.
        why: String,
    },
    /// `params._meta` lacks something that every modern request carries.
    MissingMeta {
        /// Which key, and what is wrong with it.
        why: String,
    },
    /// A revision that is not served.
    UnsupportedProtocolVersion {
        /// What was asked for.
        requested: String,
    },
    /// Serving this needs a capability that the client did not declare.
    MissingCapability {
        /// The missing part, as a `ClientCapabilities` object.
        required: Value,
    },
    /// The handler asks the user something, and clients of the `initialize` revisions cannot be asked: their answer comes in
    /// a request of its own, which a server without storage cannot join to the first.
    InputUnsupported,
    /// The session token is expired, revoked or not ours; the client has to initialize again.
    SessionNotFound,
    /// A method that this server does not have in this revision.
    MethodNotFound,
    /// Parameters of the wrong shape, or a name that does not exist.
    InvalidParams {
        /// What is wrong with them.
        why: String,
    },
    /// A list cursor that this server did not issue, or that has expired.
    InvalidCursor,
    /// A request state that this server did not issue for this request, or that has expired.
    InvalidRequestState,
    /// No resource has this URI.
    ResourceNotFound {
        /// The URI that was asked for.
        uri: String,
    },
    /// The request carries no access token, and what it asks for needs one (RFC 6750, 3).
    AuthenticationRequired(Challenge),
    /// The access token is not accepted; the event says why.
    InvalidToken(Challenge),
    /// The credentials are not in the form that RFC 6750, 2.1 gives them.
    MalformedCredentials {
        /// What is wrong with them.
        why: &'static str,
    },
    /// The access token was not granted what this operation needs; with it, a client can ask for more.
    InsufficientScope(Challenge),
    /// No rule allows the caller anything. The answer depends on what the caller may see alone, so it reveals nothing else.
    AccessDenied,
    /// The token cannot be verified because its issuer's keys are not available.
    IssuerUnavailable,
    /// The caller may use this, but not with these arguments.
    ArgumentsNotPermitted,
    /// There were too many calls.
    RateLimited {
        /// The rate, by its name.
        rate: &'static str,
        /// When trying again makes sense, in whole seconds.
        retry_after: u64,
    },
    /// The call must be on record before it runs, and a sink that is required did not take its event.
    AuditUnavailable,
    /// The call ran, and a sink that is required did not take its event.
    ResultWithheld,
    /// A handler failed in a way that is not the caller's business.
    InternalError,
}

/// What a client needs to know to get a token that serves (RFC 6750, 3; RFC 9728, 5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scopes to ask for, with spaces between.
    pub scope: String,
    /// The URL of this server's resource metadata.
    pub metadata: Option<Rc<str>>,
}

/// Who has to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The client.
    Client,
    /// The people who run the server.
    Server,
}

impl Refusal {
    /// The HTTP status of a response that has nothing else to say (digest of basic/transports: errors of
    /// a method's own are answered with 200).
    pub fn status(&self, era: Era) -> StatusCode {
        match self {
            Self::Misconfigured => StatusCode::INTERNAL_SERVER_ERROR,
            // To a legacy client 404 means that its session is gone.
            Self::MethodNotFound if era == Era::Legacy => StatusCode::OK,
            Self::NotFound { .. } | Self::SessionNotFound | Self::MethodNotFound => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed | Self::DocumentMethodNotAllowed => {
                StatusCode::METHOD_NOT_ALLOWED
            }
            Self::AuthenticationRequired(_) | Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) | Self::AccessDenied => StatusCode::FORBIDDEN,
            Self::NotPublic
            | Self::PolicyUnavailable
            | Self::Overloaded
            | Self::IssuerUnavailable
            | Self::AuditUnavailable
            | Self::ResultWithheld => StatusCode::SERVICE_UNAVAILABLE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::HostNotAllowed | Self::OriginNotAllowed => StatusCode::FORBIDDEN,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::UnsupportedMediaType | Self::UnsupportedContentEncoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::UnsupportedTransferEncoding => StatusCode::NOT_IMPLEMENTED,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotHttp
            | Self::BadHost { .. }
            | Self::IncompleteBody
            | Self::ParseError { .. }
            | Self::InvalidRequest { .. }
            | Self::HeaderMismatch { .. }
            | Self::MissingMeta { .. }
            | Self::UnsupportedProtocolVersion { .. }
            | Self::MissingCapability { .. }
            | Self::MalformedCredentials { .. } => StatusCode::BAD_REQUEST,
            Self::InputUnsupported
            | Self::InvalidParams { .. }
            | Self::InvalidCursor
            | Self::InvalidRequestState
            | Self::ResourceNotFound { .. }
            | Self::ArgumentsNotPermitted
            | Self::InternalError => StatusCode::OK,
        }
    }

    /// The JSON-RPC error code (2026-07-28, basic): -32020 and below are of the modern era, -32002 is of the legacy era.
    pub fn code(&self, era: Era) -> i32 {
        match self {
            Self::ParseError { .. } => -32700,
            Self::NotHttp
            | Self::UriTooLong
            | Self::HeadTooLarge
            | Self::NotFound { .. }
            | Self::MethodNotAllowed
            | Self::DocumentMethodNotAllowed
            | Self::BadHost { .. }
            | Self::HostNotAllowed
            | Self::OriginNotAllowed
            | Self::NotAcceptable
            | Self::UnsupportedMediaType
            | Self::UnsupportedContentEncoding
            | Self::UnsupportedTransferEncoding
            | Self::BodyTooLarge { .. }
            | Self::IncompleteBody
            | Self::BodyTimeout
            | Self::InvalidRequest { .. }
            | Self::AuthenticationRequired(_)
            | Self::InvalidToken(_)
            | Self::MalformedCredentials { .. }
            | Self::InsufficientScope(_)
            | Self::AccessDenied
            | Self::RateLimited { .. }
            | Self::InputUnsupported
            | Self::SessionNotFound => -32600,
            Self::HeaderMismatch { .. } | Self::MissingCapability { .. } if era == Era::Legacy => {
                -32600
            }
            Self::HeaderMismatch { .. } => -32020,
            Self::MissingCapability { .. } => -32021,
            // As the example of 2025-11-25, basic/lifecycle has it.
            Self::UnsupportedProtocolVersion { .. } if era == Era::Legacy => -32602,
            Self::UnsupportedProtocolVersion { .. } => -32022,
            Self::MethodNotFound => -32601,
            Self::ResourceNotFound { .. } if era == Era::Legacy => -32002,
            Self::MissingMeta { .. }
            | Self::InvalidParams { .. }
            | Self::InvalidCursor
            | Self::InvalidRequestState
            | Self::ArgumentsNotPermitted
            | Self::ResourceNotFound { .. } => -32602,
            Self::Misconfigured
            | Self::NotPublic
            | Self::PolicyUnavailable
            | Self::Overloaded
            | Self::IssuerUnavailable
            | Self::AuditUnavailable
            | Self::ResultWithheld
            | Self::InternalError => -32603,
        }
    }

    /// The word for it in the audit event.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotHttp => "not_http",
            Self::UriTooLong => "uri_too_long",
            Self::HeadTooLarge => "head_too_large",
            Self::Misconfigured => "misconfigured",
            Self::NotPublic => "not_public",
            Self::PolicyUnavailable => "policy_unavailable",
            Self::NotFound { .. } => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::DocumentMethodNotAllowed => "document_method_not_allowed",
            Self::BadHost { .. } => "bad_host",
            Self::HostNotAllowed => "host_not_allowed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::NotAcceptable => "not_acceptable",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::UnsupportedTransferEncoding => "unsupported_transfer_encoding",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::IncompleteBody => "incomplete_body",
            Self::BodyTimeout => "body_timeout",
            Self::Overloaded => "overloaded",
            Self::ParseError { .. } => "parse_error",
            Self::InvalidRequest { .. } => "invalid_request",
            Self::HeaderMismatch { .. } => "header_mismatch",
            Self::MissingMeta { .. } => "missing_meta",
            Self::UnsupportedProtocolVersion { .. } => "unsupported_protocol_version",
            Self::MissingCapability { .. } => "missing_capability",
            Self::InputUnsupported => "input_unsupported",
            Self::SessionNotFound => "session_not_found",
            Self::MethodNotFound => "method_not_found",
            Self::InvalidParams { .. } => "invalid_params",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidRequestState => "invalid_request_state",
            Self::ResourceNotFound { .. } => "resource_not_found",
            Self::AuthenticationRequired(_) => "authentication_required",
            Self::InvalidToken(_) => "invalid_token",
            Self::MalformedCredentials { .. } => "malformed_credentials",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::AccessDenied => "access_denied",
            Self::IssuerUnavailable => "issuer_unavailable",
            Self::ArgumentsNotPermitted => "arguments_not_permitted",
            Self::RateLimited { .. } => "rate_limited",
            Self::AuditUnavailable => "audit_unavailable",
            Self::ResultWithheld => "result_withheld",
            Self::InternalError => "internal_error",
        }
    }

    /// Who has to change something.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Misconfigured
            | Self::NotPublic
            | Self::PolicyUnavailable
            | Self::Overloaded
            | Self::IssuerUnavailable
            | Self::AuditUnavailable
            | Self::ResultWithheld
            | Self::InternalError => Fault::Server,
            _ => Fault::Client,
        }
    }

    /// Whether the request was one that can be served, only not for this caller or not now.
    pub(crate) fn is_denial(&self) -> bool {
        matches!(
            self,
            Self::HostNotAllowed
                | Self::OriginNotAllowed
                | Self::AuthenticationRequired(_)
                | Self::InvalidToken(_)
                | Self::MalformedCredentials { .. }
                | Self::InsufficientScope(_)
                | Self::AccessDenied
                | Self::ArgumentsNotPermitted
                | Self::RateLimited { .. }
        )
    }

    fn data(&self, era: Era) -> Option<Value> {
        match self {
            Self::UnsupportedProtocolVersion { requested } => Some(json!({
                "supported": Revision::ALL.map(Revision::as_str),
                "requested": requested,
            })),
            Self::MissingCapability { required } if era == Era::Modern => {
                Some(json!({ "requiredCapabilities": required }))
            }
            Self::ResourceNotFound { uri } => Some(json!({ "uri": uri })),
            Self::InvalidRequestState => Some(json!({ "reason": "invalid_request_state" })),
            Self::RateLimited { retry_after, .. } => {
                Some(json!({ "reason": "rate_limited", "retryAfter": retry_after }))
            }
            Self::Overloaded => {
                Some(json!({ "reason": self.reason(), "retryAfter": OVERLOADED_RETRY.as_secs() }))
            }
            Self::AuditUnavailable | Self::ResultWithheld => {
                Some(json!({ "reason": self.reason() }))
            }
            _ => None,
        }
    }

    /// The JSON-RPC error object.
    pub(crate) fn error(&self, era: Era) -> Value {
        let mut message = self.to_string();
        // What a handler says may repeat what the caller sent.
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE));
            message.push('…');
        }
        let mut error = json!({ "code": self.code(era), "message": message });
        if let (Some(data), Some(members)) = (self.data(era), error.as_object_mut()) {
            members.insert("data".to_owned(), data);
        }
        error
    }

    /// The whole message, for the request with this id.
    pub(crate) fn message(&self, id: &Id, era: Era) -> Bytes {
        self.message_with(Some(id.to_value()), era)
    }

    /// The whole message; without an id it has no member `id`.
    fn message_with(&self, id: Option<Value>, era: Era) -> Bytes {
        let mut message = json!({ "jsonrpc": "2.0", "error": self.error(era) });
        if let (Some(id), Some(members)) = (id, message.as_object_mut()) {
            members.insert("id".to_owned(), id);
        }
        Bytes::from(message.to_string())
    }

    /// The response to a request that gets nothing but this refusal.
    fn respond(&self, id: Option<Value>, era: Era) -> Response {
        let mut response = Response::new(Body::Whole(self.message_with(id, era)));
        *response.status_mut() = self.status(era);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        response
    }

    /// The header that goes with it.
    pub(crate) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::MethodNotAllowed => {
                Some((header::ALLOW, HeaderValue::from_static("POST, OPTIONS")))
            }
            Self::DocumentMethodNotAllowed => Some((
                header::ALLOW,
                HeaderValue::from_static("GET, HEAD, OPTIONS"),
            )),
            // What would have been accepted (RFC 9110, 15.5.16).
            Self::UnsupportedMediaType => {
                Some((header::ACCEPT, HeaderValue::from_static("application/json")))
            }
            Self::UnsupportedContentEncoding => Some((
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            )),
            Self::AuthenticationRequired(challenge) => challenge.header(None),
            Self::InvalidToken(challenge) => {
                challenge.header(Some(("invalid_token", &self.to_string())))
            }
            Self::InsufficientScope(challenge) => {
                challenge.header(Some(("insufficient_scope", &self.to_string())))
            }
            Self::MalformedCredentials { .. } => {
                Challenge::default().header(Some(("invalid_request", &self.to_string())))
            }
            Self::IssuerUnavailable => Some((
                header::RETRY_AFTER,
                HeaderValue::from(ISSUER_RETRY.as_secs()),
            )),
            Self::Overloaded => Some((
                header::RETRY_AFTER,
                HeaderValue::from(OVERLOADED_RETRY.as_secs()),
            )),
            Self::RateLimited { retry_after, .. } => {
                Some((header::RETRY_AFTER, HeaderValue::from(*retry_after)))
            }
            _ => None,
        }
    }
}

/// When to try again if an issuer's keys are not available.
pub(crate) const ISSUER_RETRY: Duration = Duration::from_secs(5);

/// When to try again if too many requests are being served: how long they take is unknown.
const OVERLOADED_RETRY: Duration = Duration::from_secs(1);

/// The longest sentence of a refusal, in bytes.
const MAX_MESSAGE: usize = 4 << 10;

impl Challenge {
    /// `WWW-Authenticate`, with an error and its description. Nothing in it holds quotes or backslashes.
    fn header(&self, error: Option<(&str, &str)>) -> Option<(HeaderName, HeaderValue)> {
        let mut parts = Vec::new();
        if let Some((error, description)) = error {
            parts.push(format!("error=\"{error}\""));
            parts.push(format!("error_description=\"{description}\""));
        }
        if !self.scope.is_empty() {
            parts.push(format!("scope=\"{}\"", self.scope));
        }
        if let Some(metadata) = &self.metadata {
            parts.push(format!("resource_metadata=\"{metadata}\""));
        }
        let value = match parts.as_slice() {
            [] => "Bearer".to_owned(),
            parts => format!("Bearer {}", parts.join(", ")),
        };
        let value = HeaderValue::from_str(&value).ok()?;
        Some((header::WWW_AUTHENTICATE, value))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("The request is not HTTP"),
            Self::UriTooLong => f.write_str("The URI is longer than 8000 bytes"),
            Self::HeadTooLarge => f.write_str("The headers are too long or too many"),
            Self::Misconfigured => f.write_str("The server is not configured correctly; its log says how"),
            Self::NotPublic => f.write_str(
                "This server has neither an issuer nor a policy rule. Configure an issuer, or set access.public = true in the environment of mcp.toml that it runs in",
            ),
            Self::PolicyUnavailable => f.write_str("The policy of this server is not available; its log says why"),
            Self::NotFound { endpoint: None } => f.write_str("Not found"),
            Self::NotFound { endpoint: Some(path) } => {
                write!(f, "Not found; the path of the MCP endpoint is {path}")
            }
            Self::MethodNotAllowed => {
                f.write_str("Method not allowed: use POST; this server has no stream to GET and no session to DELETE")
            }
            Self::DocumentMethodNotAllowed => f.write_str("This document takes GET and HEAD only"),
            Self::BadHost { why } => write!(f, "Bad Host header: {why}"),
            Self::HostNotAllowed => {
                f.write_str("The Host header is not allowed; add it to access.allowed_hosts in mcp.toml")
            }
            Self::OriginNotAllowed => {
                f.write_str("The Origin header is not allowed; add it to access.allowed_origins in mcp.toml")
            }
            Self::NotAcceptable => {
                f.write_str("Accept must allow both application/json and text/event-stream")
            }
            Self::UnsupportedMediaType => f.write_str("Content-Type must be application/json"),
            Self::UnsupportedContentEncoding => f.write_str(
                "The body must have no content coding such as gzip; send it without Content-Encoding",
            ),
            Self::UnsupportedTransferEncoding => {
                f.write_str("The body must have no transfer coding but chunked")
            }
            Self::BodyTooLarge { limit } => write!(f, "The body is longer than {limit} bytes"),
            Self::IncompleteBody => f.write_str("The body ended early"),
            Self::BodyTimeout => f.write_str("The body did not arrive in time; send the request again"),
            Self::Overloaded => f.write_str(
                "Too many requests in flight (limits.in_flight); retry in a second",
            ),
            Self::ParseError { at } => write!(f, "The body is not JSON: {at}"),
            Self::InvalidRequest { why } => write!(f, "Invalid request: {why}"),
            Self::HeaderMismatch { why } => write!(f, "Header mismatch: {why}"),
            Self::MissingMeta { why } => write!(f, "Invalid params: {why}"),
            Self::UnsupportedProtocolVersion { .. } => f.write_str("Unsupported protocol version"),
            Self::MissingCapability { .. } => f.write_str("Missing required client capability"),
            Self::InputUnsupported => f.write_str(
                "This needs input from the user, which only clients of protocol revision 2026-07-28 or later can give; use such a client",
            ),
            Self::SessionNotFound => {
                f.write_str("The session has ended or is not one of this server's; initialize again")
            }
            Self::MethodNotFound => f.write_str("Method not found"),
            Self::InvalidParams { why } => write!(f, "Invalid params: {why}"),
            Self::InvalidCursor => {
                f.write_str("Invalid params: the cursor has expired or is not one of this server's; list again from the start")
            }
            Self::InvalidRequestState => {
                f.write_str("Invalid params: the requestState has expired or does not belong to this request; send the request again without it")
            }
            Self::ResourceNotFound { .. } => f.write_str("Resource not found"),
            Self::AuthenticationRequired(_) => f.write_str("Authentication required: send an access token"),
            Self::InvalidToken(_) => {
                f.write_str("The access token is not accepted; get a new one. The server's log says why")
            }
            Self::MalformedCredentials { why } => write!(f, "Malformed credentials: {why}"),
            Self::InsufficientScope(challenge) => {
                write!(f, "This needs an access token with these scopes: {}", challenge.scope)
            }
            Self::AccessDenied => f.write_str(
                "No policy rule of this server allows you anything; ask its operator for access",
            ),
            Self::AuditUnavailable => f.write_str(
                "The audit log is unavailable, so the call was not executed; retry later",
            ),
            Self::ResultWithheld => f.write_str(
                "The call was executed, but its audit event could not be stored, so its result is withheld; check the outcome before you retry",
            ),
            Self::IssuerUnavailable => {
                f.write_str("The access token cannot be verified now; retry in a few seconds")
            }
            Self::ArgumentsNotPermitted => {
                f.write_str("Invalid params: the policy does not allow these arguments")
            }
            Self::RateLimited { rate, retry_after } => write!(
                f,
                "Too many calls (rate `{rate}`); wait {retry_after} seconds before the next"
            ),
            Self::InternalError => f.write_str("Internal error"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A refusal, and the id of the request it answers where that was read before it was refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RefusedRequest {
    pub(crate) refusal: Refusal,
    pub(crate) id: Option<Id>,
    /// `None` where the request was refused before anything in it said one.
    pub(crate) era: Option<Era>,
}

/// What the response to a request says in `id` when the request was refused before its id was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnreadId {
    /// `null` (JSON-RPC 2.0, 5): `JSONRPCError` of 2025-03-26 and 2025-06-18 requires `id`.
    Null,
    /// Nothing (2025-11-25 and later, `JSONRPCErrorResponse`).
    Omitted,
}

impl RefusedRequest {
    pub(crate) fn message(&self, unread: UnreadId) -> Bytes {
        self.refusal.message_with(self.id(unread), self.spoken())
    }

    pub(crate) fn respond(&self, unread: UnreadId) -> Response {
        self.refusal.respond(self.id(unread), self.spoken())
    }

    fn id(&self, unread: UnreadId) -> Option<Value> {
        match (&self.id, unread) {
            (Some(id), _) => Some(id.to_value()),
            (None, UnreadId::Null) => Some(Value::Null),
            (None, UnreadId::Omitted) => None,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.refusal.status(self.spoken())
    }

    /// The era to answer in: the newest, where none is known.
    fn spoken(&self) -> Era {
        self.era.unwrap_or(Era::Modern)
    }
}

impl From<Refusal> for RefusedRequest {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            id: None,
            era: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Refusal> {
        let text = String::new;
        vec![
            Refusal::NotHttp,
            Refusal::UriTooLong,
            Refusal::HeadTooLarge,
            Refusal::Misconfigured,
            Refusal::NotPublic,
            Refusal::PolicyUnavailable,
            Refusal::NotFound { endpoint: None },
            Refusal::MethodNotAllowed,
            Refusal::DocumentMethodNotAllowed,
            Refusal::BadHost { why: "" },
            Refusal::HostNotAllowed,
            Refusal::OriginNotAllowed,
            Refusal::NotAcceptable,
            Refusal::UnsupportedMediaType,
            Refusal::UnsupportedContentEncoding,
            Refusal::UnsupportedTransferEncoding,
            Refusal::BodyTooLarge { limit: 1_048_576 },
            Refusal::IncompleteBody,
            Refusal::BodyTimeout,
            Refusal::Overloaded,
            Refusal::ParseError { at: text() },
            Refusal::InvalidRequest { why: text() },
            Refusal::HeaderMismatch { why: text() },
            Refusal::MissingMeta { why: text() },
            Refusal::UnsupportedProtocolVersion { requested: text() },
            Refusal::MissingCapability {
                required: json!({}),
            },
            Refusal::InputUnsupported,
            Refusal::SessionNotFound,
            Refusal::MethodNotFound,
            Refusal::InvalidParams { why: text() },
            Refusal::InvalidCursor,
            Refusal::InvalidRequestState,
            Refusal::ResourceNotFound { uri: text() },
            Refusal::AuthenticationRequired(Challenge::default()),
            Refusal::InvalidToken(Challenge::default()),
            Refusal::MalformedCredentials {
                why: "only the Bearer scheme is accepted",
            },
            Refusal::InsufficientScope(Challenge {
                scope: "fraud:read".to_owned(),
                metadata: None,
            }),
            Refusal::AccessDenied,
            Refusal::IssuerUnavailable,
            Refusal::ArgumentsNotPermitted,
            Refusal::RateLimited {
                rate: "per analyst",
                retry_after: 12,
            },
            Refusal::AuditUnavailable,
            Refusal::ResultWithheld,
            Refusal::InternalError,
        ]
    }

    /// The table as it is on the page.
    fn table() -> String {
        let mut table = String::from(
            "| reason | HTTP | code | legacy code | fault | what the caller reads |\n|---|---|---|---|---|---|\n",
        );
        for refusal in samples() {
            let fault = match refusal.fault() {
                Fault::Client => "client",
                Fault::Server => "server",
            };
            let status = match (refusal.status(Era::Modern), refusal.status(Era::Legacy)) {
                (modern, legacy) if modern == legacy => modern.as_u16().to_string(),
                (modern, legacy) => format!("{}, legacy {}", modern.as_u16(), legacy.as_u16()),
            };
            table.push_str(&format!(
                "| `{}` | {} | {} | {} | {fault} | {} |\n",
                refusal.reason(),
                status,
                refusal.code(Era::Modern),
                refusal.code(Era::Legacy),
                refusal.to_string().trim_end_matches([':', ' ']),
            ));
        }
        table
    }

    #[test]
    fn the_page_has_the_table() {
        let page = include_str!("../../docs/reference/refusals.md");
        assert!(
            page.contains(&table()),
            "docs/reference/refusals.md should have this table:\n\n{}",
            table()
        );
    }

    #[test]
    fn every_reason_is_its_own() {
        let mut reasons: Vec<_> = samples().iter().map(Refusal::reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), samples().len());
    }

    /// -32700 and -32600 to -32603 are JSON-RPC's; the others belong to one era (2026-07-28, basic; 2025-11-25,
    /// server/resources).
    #[test]
    fn no_era_gets_the_codes_or_members_of_another() {
        let shared = [-32700, -32600, -32601, -32602, -32603];
        for (era, own) in [
            (Era::Legacy, &[-32002][..]),
            (Era::Modern, &[-32020, -32021, -32022][..]),
        ] {
            for refusal in samples() {
                let error = refusal.error(era);
                let code = refusal.code(era);
                assert!(
                    shared.contains(&code) || own.contains(&code),
                    "{era}: {error}"
                );
                let required = error.pointer("/data/requiredCapabilities");
                assert!(era == Era::Modern || required.is_none(), "{era}: {error}");
            }
        }
    }

    #[test]
    fn a_long_message_is_truncated() {
        let refusal = Refusal::InvalidParams {
            why: "ä".repeat(100_000),
        };
        let error = refusal.error(Era::Modern);
        let message = error["message"].as_str().unwrap();
        assert!(message.len() <= MAX_MESSAGE + '…'.len_utf8());
        assert!(message.ends_with("ä…"), "{message}");
    }

    #[test]
    fn an_id_that_was_not_read_is_null_or_omitted() {
        let refused = RefusedRequest::from(Refusal::NotAcceptable);
        let id = |unread| -> Option<Value> {
            let message: Value = serde_json::from_slice(&refused.message(unread)).unwrap();
            message.get("id").cloned()
        };
        assert_eq!(id(UnreadId::Null), Some(Value::Null));
        assert_eq!(id(UnreadId::Omitted), None);
    }
}
