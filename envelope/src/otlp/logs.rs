//! Events as log records (`opentelemetry.proto.logs.v1`): every event, whole.

use mcp_edge_audit::chain::ChainedEvent;
use serde::Serialize;

use super::common::{
    AnyValue, KeyValue, Resource, SCHEMA, Scope, began, by_instance, ended, scope,
};
use super::{attributes, json};
use crate::mapping::Severity;

/// `ExportLogsServiceRequest`
#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    #[prost(message, repeated, tag = "1")]
    resource_logs: Vec<ResourceLogs>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_logs: Vec<ScopeLogs>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    log_records: Vec<LogRecord>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogRecord {
    #[prost(fixed64, tag = "1")]
    #[serde(serialize_with = "json::text")]
    time_unix_nano: u64,
    #[prost(fixed64, tag = "11")]
    #[serde(serialize_with = "json::text")]
    observed_time_unix_nano: u64,
    /// `SeverityNumber`
    #[prost(int32, tag = "2")]
    severity_number: i32,
    #[prost(string, tag = "3")]
    severity_text: String,
    #[prost(string, tag = "12")]
    event_name: String,
    #[prost(message, optional, tag = "5")]
    body: Option<AnyValue>,
    #[prost(message, repeated, tag = "6")]
    attributes: Vec<KeyValue>,
    #[prost(bytes = "vec", tag = "9")]
    #[serde(
        serialize_with = "json::hexadecimal",
        skip_serializing_if = "Vec::is_empty"
    )]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "10")]
    #[serde(
        serialize_with = "json::hexadecimal",
        skip_serializing_if = "Vec::is_empty"
    )]
    span_id: Vec<u8>,
}

/// A log record of each event, with its line as the body.
pub fn logs<'a>(lines: impl IntoIterator<Item = (&'a ChainedEvent, String)>) -> Logs {
    let records = lines
        .into_iter()
        .map(|(linked, line)| (linked, LogRecord::of(linked, line)));
    let logs = |(resource, log_records)| ResourceLogs {
        resource: Some(resource),
        scope_logs: vec![ScopeLogs {
            scope: Some(scope()),
            log_records,
            schema_url: SCHEMA.to_owned(),
        }],
        schema_url: SCHEMA.to_owned(),
    };
    Logs {
        resource_logs: by_instance(records).map(logs).collect(),
    }
}

impl LogRecord {
    /// The line is a text, so that it comes out of any receiver as it went in and its hash can be checked.
    fn of(linked: &ChainedEvent, line: String) -> Self {
        let event = &linked.event;
        let (severity_number, severity_text) = match Severity::of(event) {
            Severity::Usual => (9, "INFO"),
            Severity::Notable => (13, "WARN"),
            Severity::Grave => (17, "ERROR"),
        };
        Self {
            time_unix_nano: began(linked),
            observed_time_unix_nano: ended(linked),
            severity_number,
            severity_text: severity_text.to_owned(),
            event_name: event.event.as_str().to_owned(),
            body: Some(AnyValue::text(line)),
            attributes: attributes::of(linked),
            trace_id: json::id(event.trace_id.as_deref()),
            span_id: json::id(event.span_id.as_deref()),
        }
    }
}
