//! Requests as spans (`opentelemetry.proto.trace.v1`), named as the OpenTelemetry conventions for MCP say.

use mcp_edge_audit::Event;
use mcp_edge_audit::chain::ChainedEvent;
use serde::Serialize;

use super::common::{KeyValue, Resource, SCHEMA, Scope, began, by_instance, ended, scope};
use super::{attributes, json};

/// `SPAN_KIND_SERVER`
const SERVER: i32 = 2;
/// `STATUS_CODE_ERROR`
const ERROR: i32 = 2;

/// `ExportTraceServiceRequest`
#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traces {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    #[serde(serialize_with = "json::hexadecimal")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    #[serde(serialize_with = "json::hexadecimal")]
    span_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    #[serde(
        serialize_with = "json::hexadecimal",
        skip_serializing_if = "Vec::is_empty"
    )]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    /// `SpanKind`
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    #[serde(serialize_with = "json::text")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    #[serde(serialize_with = "json::text")]
    end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
struct Status {
    /// `StatusCode`
    #[prost(int32, tag = "3")]
    #[serde(skip_serializing_if = "json::is_default")]
    code: i32,
}

/// A span of each event, which must be one of a request.
pub fn traces<'a>(events: impl IntoIterator<Item = &'a ChainedEvent>) -> Traces {
    let spans = events.into_iter().map(|linked| (linked, Span::of(linked)));
    let traces = |(resource, spans)| ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![ScopeSpans {
            scope: Some(scope()),
            spans,
            schema_url: SCHEMA.to_owned(),
        }],
        schema_url: SCHEMA.to_owned(),
    };
    Traces {
        resource_spans: by_instance(spans).map(traces).collect(),
    }
}

impl Span {
    fn of(linked: &ChainedEvent) -> Self {
        let event = &linked.event;
        let is_error = attributes::error(event).is_some();
        Self {
            trace_id: json::id(event.trace_id.as_deref()),
            span_id: json::id(event.span_id.as_deref()),
            parent_span_id: json::id(event.parent_span_id.as_deref()),
            name: name(event),
            kind: SERVER,
            start_time_unix_nano: began(linked),
            end_time_unix_nano: ended(linked),
            attributes: attributes::of(linked),
            status: Some(Status {
                code: if is_error { ERROR } else { 0 },
            }),
        }
    }
}

/// Few in number, as the conventions want it: no URI of a resource.
fn name(event: &Event) -> String {
    let method = event.method.as_deref();
    let method = method.unwrap_or_else(|| event.event.as_str());
    match (method, &event.name) {
        ("tools/call" | "prompts/get", Some(name)) => format!("{method} {name}"),
        _ => method.to_owned(),
    }
}
