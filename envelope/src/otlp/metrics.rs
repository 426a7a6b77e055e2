//! How long requests took (`opentelemetry.proto.metrics.v1`): the histogram of the OpenTelemetry conventions for MCP.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_edge_audit::chain::ChainedEvent;
use serde::Serialize;

use super::common::{KeyValue, Resource, SCHEMA, Scope, began, by_instance, ended, scope};
use super::{attributes, json};

const NAME: &str = "mcp.server.operation.duration";
/// The upper ends of all buckets but the last, in seconds.
const BOUNDS: [f64; 14] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];
/// `AGGREGATION_TEMPORALITY_DELTA`: an instance that lives for a second has no sum that grows.
const DELTA: i32 = 1;

/// `ExportMetricsServiceRequest`
#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    #[prost(message, repeated, tag = "1")]
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_metrics: Vec<ScopeMetrics>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeMetrics {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    metrics: Vec<Metric>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
struct Metric {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    unit: String,
    /// Of the `oneof data` the one that is used.
    #[prost(message, optional, tag = "9")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct Histogram {
    #[prost(message, repeated, tag = "1")]
    data_points: Vec<DataPoint>,
    /// `AggregationTemporality`
    #[prost(int32, tag = "2")]
    aggregation_temporality: i32,
}

/// `HistogramDataPoint`
#[derive(Clone, PartialEq, prost::Message, Serialize)]
#[serde(rename_all = "camelCase")]
struct DataPoint {
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "2")]
    #[serde(serialize_with = "json::text")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "3")]
    #[serde(serialize_with = "json::text")]
    time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(serialize_with = "json::text")]
    count: u64,
    #[prost(double, optional, tag = "5")]
    sum: Option<f64>,
    #[prost(fixed64, repeated, tag = "6")]
    #[serde(serialize_with = "json::texts")]
    bucket_counts: Vec<u64>,
    #[prost(double, repeated, tag = "7")]
    explicit_bounds: Vec<f64>,
}

/// The durations of the requests that these events are of.
pub fn metrics<'a>(events: impl IntoIterator<Item = &'a ChainedEvent>) -> Metrics {
    let events = events.into_iter().map(|linked| (linked, linked));
    let metrics = |(resource, events)| ResourceMetrics {
        resource: Some(resource),
        scope_metrics: vec![ScopeMetrics {
            scope: Some(scope()),
            metrics: vec![durations(events)],
            schema_url: SCHEMA.to_owned(),
        }],
        schema_url: SCHEMA.to_owned(),
    };
    Metrics {
        resource_metrics: by_instance(events).map(metrics).collect(),
    }
}

fn durations(events: Vec<&ChainedEvent>) -> Metric {
    let mut points = BTreeMap::new();
    for linked in events {
        points
            .entry(attributes::dimensions(&linked.event))
            .or_insert_with(DataPoint::new)
            .add(linked);
    }
    let with = |(dimensions, point): (Vec<(&str, String)>, DataPoint)| DataPoint {
        attributes: dimensions
            .into_iter()
            .map(|(key, text)| KeyValue::text(key, text))
            .collect(),
        ..point
    };
    Metric {
        name: NAME.to_owned(),
        description: "How long requests took.".to_owned(),
        unit: "s".to_owned(),
        histogram: Some(Histogram {
            data_points: points.into_iter().map(with).collect(),
            aggregation_temporality: DELTA,
        }),
    }
}

impl DataPoint {
    /// Of no request.
    fn new() -> Self {
        Self {
            attributes: Vec::new(),
            start_time_unix_nano: u64::MAX,
            time_unix_nano: 0,
            count: 0,
            sum: Some(0.0),
            bucket_counts: vec![0; BOUNDS.len().saturating_add(1)],
            explicit_bounds: BOUNDS.to_vec(),
        }
    }

    fn add(&mut self, linked: &ChainedEvent) {
        let seconds = Duration::from_millis(linked.event.duration_ms).as_secs_f64();
        self.start_time_unix_nano = self.start_time_unix_nano.min(began(linked));
        self.time_unix_nano = self.time_unix_nano.max(ended(linked));
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.map(|sum| sum + seconds);
        let bucket = BOUNDS.iter().filter(|&&bound| bound < seconds).count();
        if let Some(count) = self.bucket_counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../docs/reference/metrics.md");

    #[test]
    fn the_page_names_the_metric_its_bounds_and_its_attributes() {
        let rows: Vec<_> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(name, _)| name)
            .collect();
        let mapped = attributes::DIMENSIONS.iter().map(|row| row.theirs);
        let computed = [
            "error.type",
            "gen_ai.operation.name",
            "network.protocol.name",
        ];
        let mut expected: Vec<_> = mapped.chain(computed).chain([NAME]).collect();
        let mut named = rows;
        named.sort_unstable();
        expected.sort_unstable();
        assert_eq!(named, expected);

        let bounds = BOUNDS.map(|bound| bound.to_string());
        let (last, others) = bounds.split_last().unwrap_or_else(|| unreachable!());
        let sentence = format!(
            "The bounds of its buckets are {} and {last} s.",
            others.join(", ")
        );
        assert!(PAGE.contains(&sentence), "{sentence}");
    }
}
