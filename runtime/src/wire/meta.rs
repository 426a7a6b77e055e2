//! `params._meta` of a request (2026-07-28, basic, `RequestMetaObject`).

use serde_json::{Map, Value};

use super::log::Level;
use crate::refusal::Refusal;

pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_INFO: &str = "io.modelcontextprotocol/clientInfo";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
pub(crate) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
pub(crate) const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// What every modern request carries.
/// Whether the parameters are those of the modern era, which alone names its revision in them. A name that is not even text
/// is a mistake of that era.
pub(super) fn is_enveloped(params: &Map<String, Value>) -> bool {
    params
        .get("_meta")
        .and_then(|meta| meta.get(PROTOCOL_VERSION))
        .is_some()
}

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
        let member = |key| meta.and_then(|meta| meta.get(key));
        let version = member(PROTOCOL_VERSION)
            .and_then(Value::as_str)
            .ok_or_else(|| missing(PROTOCOL_VERSION, "a string"))?;
        let capabilities = member(CLIENT_CAPABILITIES)
            .and_then(Value::as_object)
            .ok_or_else(|| missing(CLIENT_CAPABILITIES, "an object"))?;
        Ok(Self {
            version: version.to_owned(),
            capabilities: capabilities.clone(),
            client: member(CLIENT_INFO).and_then(name_of),
        })
    }
}

/// A client's name and version, for the log.
pub(super) fn name_of(info: &Value) -> Option<String> {
    let name = info.get("name")?.as_str()?;
    Some(match info.get("version").and_then(Value::as_str) {
        Some(version) => format!("{name}/{version}"),
        None => name.to_owned(),
    })
}

/// What a client must quote in progress notifications.
pub(super) fn progress_token(meta: Option<&Map<String, Value>>) -> Result<Option<Value>, Refusal> {
    match meta.and_then(|meta| meta.get("progressToken")) {
        None => Ok(None),
        Some(token) if token.is_string() || token.is_i64() || token.is_u64() => {
            Ok(Some(token.clone()))
        }
        Some(_) => Err(Refusal::InvalidParams {
            why: "`progressToken` must be a string or an integer".to_owned(),
        }),
    }
}

/// The least serious log message that a modern client wants.
pub(super) fn log_level(meta: Option<&Map<String, Value>>) -> Result<Option<Level>, Refusal> {
    let Some(level) = meta.and_then(|meta| meta.get(LOG_LEVEL)) else {
        return Ok(None);
    };
    level
        .as_str()
        .and_then(Level::parse)
        .map(Some)
        .ok_or_else(|| Refusal::InvalidParams {
            why: format!("`{LOG_LEVEL}` must be debug, info, notice, warning, error, critical, alert or emergency"),
        })
}
