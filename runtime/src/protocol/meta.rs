//! `params._meta` of a request (2026-07-28, basic, `RequestMetaObject`).

use serde_json::{Map, Value};

use super::bounds::{MAX_ID, MAX_REVISION, within};
use super::log::LogLevel;
use crate::jsonrpc::member;
use crate::refusal::Refusal;

pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
pub(crate) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
pub(crate) const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// Whether the parameters are those of the modern era, which alone names its revision in them. A name that is not even text
/// is a mistake of that era.
pub(super) fn is_enveloped(params: &Map<String, Value>) -> bool {
    params
        .get("_meta")
        .and_then(|meta| meta.get(PROTOCOL_VERSION))
        .is_some()
}

/// What every modern request carries.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) version: String,
    pub(super) capabilities: Map<String, Value>,
    pub(super) client: Option<String>,
}

impl Envelope {
    pub(super) fn read(meta: Option<&Map<String, Value>>) -> Result<Self, Refusal> {
        let missing = |key: &str, kind: &str| Refusal::MissingMeta {
            why: format!("params._meta needs `{key}`, {kind}"),
        };
        let find = |key| meta.and_then(|meta| member(meta, key));
        let version = find(PROTOCOL_VERSION)
            .and_then(Value::as_str)
            .ok_or_else(|| missing(PROTOCOL_VERSION, "a string"))?;
        within(PROTOCOL_VERSION, version, MAX_REVISION)
            .map_err(|why| Refusal::MissingMeta { why })?;
        let capabilities = find(CLIENT_CAPABILITIES)
            .and_then(Value::as_object)
            .ok_or_else(|| missing(CLIENT_CAPABILITIES, "an object"))?;
        Ok(Self {
            version: version.to_owned(),
            capabilities: capabilities.clone(),
            client: find(CLIENT_INFO)
                .map(|info| name_of(info, CLIENT_INFO))
                .transpose()?,
        })
    }
}

/// A client's name and version, for the log, from its `Implementation` in `place`.
pub(super) fn name_of(info: &Value, place: &str) -> Result<String, Refusal> {
    let invalid = |what: &str| Refusal::InvalidParams {
        why: format!("`{place}` {what}"),
    };
    let info = info
        .as_object()
        .ok_or_else(|| invalid("must be an object with the client's `name` and `version`"))?;
    for optional in ["title", "description", "websiteUrl"] {
        if member(info, optional).is_some_and(|text| !text.is_string()) {
            return Err(invalid(&format!("has a `{optional}` that is not a string")));
        }
    }
    let text = |name| {
        member(info, name)
            .and_then(Value::as_str)
            .ok_or_else(|| invalid(&format!("needs a `{name}` that is a string")))
    };
    Ok(format!("{}/{}", text("name")?, text("version")?))
}

/// What a client must quote in progress notifications.
pub(super) fn progress_token(meta: Option<&Map<String, Value>>) -> Result<Option<Value>, Refusal> {
    match meta.and_then(|meta| member(meta, "progressToken")) {
        None => Ok(None),
        Some(token) if token.is_i64() || token.is_u64() => Ok(Some(token.clone())),
        Some(Value::String(token)) => within("progressToken", token, MAX_ID)
            .map(|token| Some(Value::from(token)))
            .map_err(|why| Refusal::InvalidParams { why }),
        Some(_) => Err(Refusal::InvalidParams {
            why: "`progressToken` must be a string or an integer".to_owned(),
        }),
    }
}

/// The least serious log message that a modern client wants.
pub(super) fn log_level(meta: Option<&Map<String, Value>>) -> Result<Option<LogLevel>, Refusal> {
    let Some(level) = meta.and_then(|meta| member(meta, LOG_LEVEL)) else {
        return Ok(None);
    };
    level
        .as_str()
        .and_then(LogLevel::parse)
        .map(Some)
        .ok_or_else(|| Refusal::InvalidParams {
            why: format!("`{LOG_LEVEL}` must be debug, info, notice, warning, error, critical, alert or emergency"),
        })
}
