//! What all signals are made of (`opentelemetry.proto.common.v1`, `opentelemetry.proto.resource.v1`).

use std::collections::BTreeMap;

use mcp_edge_audit::Timestamp;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::Event;
use serde::Serialize;
use serde_json::Value as Json;

use super::json;

/// The conventions that names are of; those of MCP are among them since 1.39.
pub(super) const SCHEMA: &str = "https://opentelemetry.io/schemas/1.40.0";

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(transparent)]
pub(super) struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 5")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Oneof, Serialize)]
enum Value {
    #[prost(string, tag = "1")]
    #[serde(rename = "stringValue")]
    Text(String),
    #[prost(bool, tag = "2")]
    #[serde(rename = "boolValue")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    #[serde(rename = "intValue", serialize_with = "json::text")]
    Int(i64),
    #[prost(message, tag = "5")]
    #[serde(rename = "arrayValue")]
    Array(ArrayValue),
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    values: Vec<AnyValue>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(super) struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
pub(super) struct Scope {
    #[prost(string, tag = "1")]
    name: String,
}

impl AnyValue {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            value: Some(Value::Text(text.into())),
        }
    }

    /// `None` for what events have no members of: objects, null and numbers that are not whole.
    pub(super) fn of(json: &Json) -> Option<Self> {
        let value = match json {
            Json::String(text) => Value::Text(text.clone()),
            Json::Bool(is) => Value::Bool(*is),
            Json::Number(number) => Value::Int(number.as_i64()?),
            Json::Array(items) => Value::Array(ArrayValue {
                values: items.iter().filter_map(Self::of).collect(),
            }),
            Json::Null | Json::Object(_) => return None,
        };
        Some(Self { value: Some(value) })
    }
}

impl KeyValue {
    pub(super) fn new(key: &str, value: AnyValue) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(value),
        }
    }

    pub(super) fn text(key: &str, text: impl Into<String>) -> Self {
        Self::new(key, AnyValue::text(text))
    }
}

impl Resource {
    /// The instance that an event is of.
    fn of(event: &Event) -> Self {
        // What the conventions call one without a name.
        let server = event.server.as_deref().unwrap_or("unknown_service");
        let chain = event.chain.as_ref().map(|chain| chain.id.as_str());
        let known = [
            ("service.name", Some(server)),
            ("service.instance.id", chain),
            ("deployment.environment.name", event.environment.as_deref()),
            ("mcp_edge.host", Some(event.host.as_ref())),
        ];
        Self {
            attributes: known
                .into_iter()
                .filter_map(|(key, text)| Some(KeyValue::text(key, text?)))
                .collect(),
        }
    }
}

/// Who says all this.
pub(super) fn scope() -> Scope {
    Scope {
        name: "mcp-edge".to_owned(),
    }
}

/// What is said of the events of each instance, in the order in which they come.
pub(super) fn by_instance<'a, T>(
    said: impl Iterator<Item = (&'a ChainedEvent, T)>,
) -> impl Iterator<Item = (Resource, Vec<T>)> {
    let mut instances: BTreeMap<Option<&str>, (Resource, Vec<_>)> = BTreeMap::new();
    for (linked, said) in said {
        let chain = linked.event.chain.as_ref().map(|chain| chain.id.as_str());
        let (_, all) = instances
            .entry(chain)
            .or_insert_with(|| (Resource::of(&linked.event), Vec::new()));
        all.push(said);
    }
    instances.into_values()
}

/// When the request of an event arrived, in nanoseconds since the Unix epoch.
pub(super) fn began(linked: &ChainedEvent) -> u64 {
    nanoseconds(linked.at())
}

/// When it had ended.
pub(super) fn ended(linked: &ChainedEvent) -> u64 {
    let millis = linked
        .at()
        .as_millis()
        .saturating_add(linked.event.duration_ms);
    nanoseconds(Timestamp::from_millis(millis))
}

fn nanoseconds(at: Timestamp) -> u64 {
    at.as_millis().saturating_mul(1_000_000)
}
