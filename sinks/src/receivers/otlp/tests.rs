//! Both encodings, judged by OpenTelemetry's own types, and the effect of answers.

use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_audit::event::{Event, EventType};
use mcp_edge_runtime::config::{Destination as _, Encoding, Protocol, Sink, TextSetting};
use mcp_edge_runtime::host::Timestamp;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use proptest::prelude::*;
use prost::Message;
use serde::de::DeserializeOwned;

use super::media_type_of;
use super::testing::{body, driver, host, request, response, set_up, settings};
use crate::any::any_event;
use crate::delivery::SinkWorker;
use crate::testing::{seals, start_of};
use crate::{BatchStatus, samples};

/// What OpenTelemetry's own types read, the same from either encoding.
#[track_caller]
fn read<T: Message + Default + PartialEq + DeserializeOwned + Debug>(
    protocol: Protocol,
    events: &[Rc<ChainedEvent>],
) -> T {
    let json = body(driver(protocol, Encoding::Json).as_ref(), events);
    let protobuf = body(driver(protocol, Encoding::Protobuf).as_ref(), events);
    let protobuf = T::decode(protobuf).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&json).unwrap(), protobuf);
    protobuf
}

fn logs(events: &[Rc<ChainedEvent>]) -> ExportLogsServiceRequest {
    read(crate::OTLP_LOGS, events)
}

#[test]
fn logs_have_every_event_as_its_line() {
    let events = samples::linked();
    let logs = logs(&events);
    let records = &logs.resource_logs[0].scope_logs[0].log_records;
    let found: Vec<_> = records
        .iter()
        .map(
            |record| match record.body.as_ref().unwrap().value.as_ref() {
                Some(Value::StringValue(line)) => line.clone(),
                other => panic!("{other:?}"),
            },
        )
        .collect();
    let seals = seals(&events).into_iter();
    let lines = events.iter().zip(seals).map(|(event, seal)| match seal {
        Some(seal) => event.sealed(&seal),
        None => event.json.clone(),
    });
    let lines: Vec<_> = lines.collect();
    assert_eq!(found, lines);
}

#[test]
fn instances_stay_apart() {
    let event = samples::events().remove(0).1;
    let mut chains = [Chain::new([1; 16]), Chain::new([2; 16])];
    let events = [0, 1, 0].map(|chain| chains[chain].link(event.clone()));
    let logs = logs(&events);
    let found: Vec<_> = logs
        .resource_logs
        .iter()
        .map(|logs| {
            let attributes = &logs.resource.as_ref().unwrap().attributes;
            let instance = attributes
                .iter()
                .find(|attribute| attribute.key == "service.instance.id");
            let value = instance.unwrap().value.clone().unwrap().value;
            (value, logs.scope_logs[0].log_records.len())
        })
        .collect();
    let text = |byte: &str| Some(Value::StringValue(byte.repeat(16)));
    assert_eq!(found, [(text("01"), 2), (text("02"), 1)]);
}

#[test]
fn traces_have_requests_only() {
    let events = samples::linked();
    let traces: ExportTraceServiceRequest = read(crate::OTLP_TRACES, &events);
    let spans = &traces.resource_spans[0].scope_spans[0].spans;
    let requests = events
        .iter()
        .filter(|linked| linked.event.event == EventType::Request);
    assert_eq!(spans.len(), requests.count());
    let span = &spans[0];
    assert_eq!(span.name, "tools/call evaluate_rule");
    assert_eq!(
        span.end_time_unix_nano - span.start_time_unix_nano,
        10_000_000
    );
    assert_eq!(
        span.parent_span_id,
        [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]
    );
}

#[test]
fn metrics_count_every_request_in_the_bucket_that_its_duration_is_in() {
    let durations = [0, 10, 11, 299_999, 300_000, 300_001];
    let mut chain = Chain::new([1; 16]);
    let events = durations.map(|duration_ms| {
        chain.link(Event {
            duration_ms,
            ..samples::events().remove(0).1
        })
    });
    let metrics: ExportMetricsServiceRequest = read(crate::OTLP_METRICS, &events);
    let metric = &metrics.resource_metrics[0].scope_metrics[0].metrics[0];
    let Some(Data::Histogram(histogram)) = &metric.data else {
        panic!("{metric:?}");
    };
    let [point] = histogram.data_points.as_slice() else {
        panic!("{histogram:?}");
    };
    assert_eq!(
        point.bucket_counts,
        [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]
    );
    assert_eq!(point.count, 6);
    assert!((point.sum.unwrap() - 900.021).abs() < 1e-9);
    assert_eq!(
        point.time_unix_nano - point.start_time_unix_nano,
        300_001_000_000
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_event_reads_the_same_from_either_encoding(event in any_event()) {
        let is_request = event.is_request();
        let events = [Chain::new([1; 16]).link(event)];
        logs(&events);
        if is_request {
            let _: ExportTraceServiceRequest = read(crate::OTLP_TRACES, &events);
            let _: ExportMetricsServiceRequest = read(crate::OTLP_METRICS, &events);
        }
    }
}

#[test]
fn a_request_has_the_path_and_the_encoding_of_the_settings() {
    for (protocol, encoding, path, content_type) in [
        (
            crate::OTLP_LOGS,
            Encoding::Json,
            "/v1/logs",
            "application/json",
        ),
        (
            crate::OTLP_TRACES,
            Encoding::Protobuf,
            "/v1/traces",
            "application/x-protobuf",
        ),
        (
            crate::OTLP_METRICS,
            Encoding::Json,
            "/v1/metrics",
            "application/json",
        ),
    ] {
        let request = request(driver(protocol, encoding).as_ref(), &samples::linked());
        assert_eq!(request.method(), http::Method::POST);
        assert_eq!(
            request.uri().to_string(),
            format!("https://collector.example{path}")
        );
        assert_eq!(request.headers()["content-type"], content_type);
        assert_eq!(request.headers()["authorization"], "Bearer s3cret");
    }
    let own = set_up(Sink {
        url: Some(TextSetting::Literal("https://collector.example/otlp/logs")),
        header: Some("x-api-key"),
        ..settings(crate::OTLP_LOGS, Encoding::Json)
    });
    let own = start_of(own).unwrap();
    let request = request(own.as_ref(), &samples::linked());
    assert_eq!(request.uri(), "https://collector.example/otlp/logs");
    assert_eq!(request.headers()["x-api-key"], "s3cret");
    assert!(!request.headers().contains_key("authorization"));
}

fn verdict(encoding: Encoding, status: u16, body: impl Into<Bytes>) -> BatchStatus {
    let mut answer = response(status, body);
    let kind = media_type_of(encoding).parse().unwrap();
    answer.headers_mut().insert("content-type", kind);
    driver(crate::OTLP_LOGS, encoding).verdict(&answer, 3)
}

fn partial(rejected_log_records: i64, error_message: &str) -> Vec<u8> {
    let partial_success = Some(ExportLogsPartialSuccess {
        rejected_log_records,
        error_message: error_message.to_owned(),
    });
    ExportLogsServiceResponse { partial_success }.encode_to_vec()
}

#[test]
fn what_a_receiver_takes() {
    for (encoding, body) in [
        (Encoding::Json, b"{}".to_vec()),
        (Encoding::Json, br#"{"partialSuccess":{}}"#.to_vec()),
        (Encoding::Json, br#"{"partialSuccess":null}"#.to_vec()),
        (
            Encoding::Json,
            br#"{"partialSuccess":{"rejectedSpans":null,"errorMessage":null}}"#.to_vec(),
        ),
        (Encoding::Protobuf, Vec::new()),
        (Encoding::Protobuf, partial(0, "")),
    ] {
        assert_eq!(verdict(encoding, 200, body), BatchStatus::Accepted);
    }
}

#[test]
fn only_a_response_of_otlp_acknowledges_events() {
    let of = |encoding, status, kind: Option<&str>, body: &'static [u8]| {
        let mut answer = http::Response::new(Bytes::from_static(body));
        *answer.status_mut() = status;
        if let Some(kind) = kind {
            let kind = kind.parse().unwrap();
            answer.headers_mut().insert("content-type", kind);
        }
        driver(crate::OTLP_LOGS, encoding).verdict(&answer, 3)
    };
    let (json, protobuf) = (Some("application/json"), Some("application/x-protobuf"));
    let html = Some("text/html; charset=utf-8");
    let ok = http::StatusCode::OK;
    for (encoding, status, kind, body) in [
        (Encoding::Json, ok, html, &b"<html>"[..]),
        (Encoding::Json, ok, json, b"<html>"),
        (Encoding::Json, ok, json, b""),
        (Encoding::Json, ok, json, b"[]"),
        (Encoding::Json, ok, json, br#"{"message":"please sign in"}"#),
        (Encoding::Json, ok, json, br#"{"partialSuccess":"no"}"#),
        (Encoding::Json, ok, None, b"{}"),
        (Encoding::Json, ok, protobuf, b"{}"),
        (Encoding::Json, http::StatusCode::NO_CONTENT, json, b""),
        (Encoding::Json, http::StatusCode::ACCEPTED, json, b"{}"),
        (Encoding::Protobuf, ok, html, b""),
        (Encoding::Protobuf, ok, None, b""),
        (Encoding::Protobuf, ok, json, b""),
        (Encoding::Protobuf, ok, protobuf, b"<html>"),
    ] {
        let verdict = of(encoding, status, kind, body);
        let is_again = matches!(&verdict, BatchStatus::Again { after: None, .. });
        assert!(is_again, "{status} {kind:?}: {verdict:?}");
    }
    let charset = Some("application/json; charset=utf-8");
    assert_eq!(
        of(Encoding::Json, ok, charset, b"{}"),
        BatchStatus::Accepted
    );
    // A proxy that refuses a request says nothing of the events in it.
    let refused = of(
        Encoding::Json,
        http::StatusCode::BAD_REQUEST,
        html,
        b"<html>",
    );
    assert!(matches!(refused, BatchStatus::Again { .. }), "{refused:?}");
}

#[test]
fn what_a_receiver_rejects() {
    let some = BatchStatus::Mostly {
        refused: 2,
        why: "it rejected 2: too old".to_owned(),
    };
    for member in ["rejectedLogRecords", "rejectedSpans", "rejectedDataPoints"] {
        for number in ["2", "\"2\""] {
            let body =
                format!(r#"{{"partialSuccess":{{"{member}":{number},"errorMessage":"too old"}}}}"#);
            assert_eq!(verdict(Encoding::Json, 200, body), some);
        }
    }
    let silent = br#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":null}}"#.to_vec();
    assert!(matches!(
        verdict(Encoding::Json, 200, silent),
        BatchStatus::Mostly { refused: 2, .. }
    ));
    assert_eq!(
        verdict(Encoding::Protobuf, 200, partial(2, "too old")),
        some
    );
    assert_eq!(
        verdict(
            Encoding::Protobuf,
            200,
            partial(0, "this path will go away")
        ),
        BatchStatus::Mostly {
            refused: 0,
            why: "it rejected 0: this path will go away".to_owned()
        }
    );
    assert_eq!(
        verdict(Encoding::Protobuf, 200, partial(3, "no such index")),
        BatchStatus::Refused {
            why: "it rejected 3: no such index".to_owned()
        }
    );
}

#[test]
fn what_is_sent_again() {
    for status in [429, 502, 503, 504] {
        let again = verdict(Encoding::Json, status, "");
        assert!(
            matches!(again, BatchStatus::Again { after: None, .. }),
            "{status}: {again:?}"
        );
    }
    let smaller = verdict(Encoding::Json, 413, "");
    assert!(
        matches!(smaller, BatchStatus::Smaller { .. }),
        "{smaller:?}"
    );
    for status in [400, 422] {
        let refused = verdict(Encoding::Json, status, "");
        assert!(
            matches!(refused, BatchStatus::Refused { .. }),
            "{status}: {refused:?}"
        );
    }
    for status in [401, 403, 404, 415, 500] {
        let later = verdict(Encoding::Json, status, "");
        let is_later = matches!(
            later,
            BatchStatus::Again {
                after: Some(Duration::MAX),
                ..
            }
        );
        assert!(is_later, "{status}: {later:?}");
    }
}

fn outlet(protocol: Protocol) -> Rc<SinkWorker> {
    crate::testing::outlet(settings(protocol, Encoding::Protobuf), "s3cret")
}

#[test]
fn rejected_events_are_counted_though_not_identified() {
    let host = host(200, partial(2, "too old"));
    let outlet = outlet(crate::OTLP_LOGS);
    for linked in samples::linked().into_iter().take(5) {
        outlet.enqueue(linked, &host);
    }
    let told = std::cell::RefCell::new(Vec::new());
    let shared = host.shared();
    host.run(outlet.flush(&shared, &|report| told.borrow_mut().push(report)));
    let told = told.into_inner();
    let [report] = told.as_slice() else {
        panic!("{} reports", told.len());
    };
    assert_eq!(report.kind, EventType::Loss);
    assert_eq!(report.why, "collector.example: it rejected 2: too old");
    assert_eq!(report.delivery.events, 2);
    assert_eq!(
        report.delivery.oldest,
        Timestamp::from_millis(1_790_000_001_000).to_rfc3339()
    );
    // Two of these five.
    assert_eq!(report.delivery.sequences, [(0, 4)]);
    let log = host.log_lines();
    let [line] = log.as_slice() else {
        panic!("{log:?}");
    };
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        line["message"],
        "the sink `collector` will not get 2 of 5 events: collector.example: it rejected 2: too old"
    );
    assert_eq!(line["level"], "warn");
}

#[test]
fn a_required_event_that_was_rejected_has_not_arrived() {
    let host = host(200, partial(1, "no such index"));
    let first = samples::linked().remove(0);
    let undelivered = host.run(outlet(crate::OTLP_LOGS).deliver(first, host.shared()));
    assert_eq!(
        undelivered.unwrap_err().why,
        "collector.example: it rejected 1: no such index"
    );
}

#[test]
fn only_logs_are_of_everything() {
    for (name, event) in samples::events() {
        assert!(outlet(crate::OTLP_LOGS).admits(&event), "{name}");
        for protocol in [crate::OTLP_TRACES, crate::OTLP_METRICS] {
            let admits = outlet(protocol).admits(&event);
            assert_eq!(admits, event.event == EventType::Request, "{name}");
        }
    }
}
