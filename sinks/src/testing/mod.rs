//! Events, and receivers that take them, for the tests of this folder.

pub(super) mod world;

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use mcp_edge_audit::Event;
use mcp_edge_audit::chain::{Chain, ChainedEvent};
use mcp_edge_runtime::config::{Sink, SinkContext, SinkSettings};
use mcp_edge_runtime::host::Timestamp;

use self::world::World;
use super::{Batch, BatchStatus, ReceiverApi, SinkPayload, Start, samples};
use crate::delivery::SinkWorker;
use crate::receivers::{datadog, elasticsearch, kafka, otlp, queue, r2, s3, splunk, webhook};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_500);

/// So many events of one chain.
pub(super) fn events(number: u8) -> Vec<Rc<ChainedEvent>> {
    let mut chain = Chain::new([0xc4; 16]);
    let events = (0..number).map(|place| {
        chain.link(Event {
            id: format!("{place:032x}"),
            time: NOW.to_rfc3339(),
            server: Some("com.example/server".to_owned()),
            environment: Some("production".to_owned()),
            method: Some("tools/call".into()),
            name: Some("move \"money\"".to_owned()),
            ..Event::default()
        })
    });
    events.collect()
}

pub(super) fn setup_with(sink: Sink, token: &str) -> SinkSettings {
    let world = World::new();
    world.host.set_variable("TOKEN", token);
    let sink = Box::leak(Box::new(sink));
    world
        .host
        .run(SinkSettings::resolve(
            sink,
            "com.example/server",
            &world.host,
        ))
        .unwrap()
}

/// What speaks to the receiver of a sink.
pub(super) fn start_of(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let start: Start = match setup.settings.protocol.name() {
        "datadog" => datadog::start,
        "elasticsearch" => elasticsearch::start,
        "kafka" => kafka::start,
        "otlp" => otlp::start::<otlp::Logs>,
        "otlp-metrics" => otlp::start::<otlp::Metrics>,
        "otlp-traces" => otlp::start::<otlp::Traces>,
        "queue" => queue::start,
        "r2" => r2::start,
        "s3" => s3::start,
        "splunk" => splunk::start,
        "webhook" => webhook::start,
        other => panic!("there is no receiver `{other}`"),
    };
    start(setup)
}

/// A sink of an instance that signs nothing.
pub(super) fn outlet(sink: Sink, token: &str) -> Rc<SinkWorker> {
    let setup = setup_with(sink, token);
    let settings = setup.settings;
    let receiver = start_of(setup).unwrap_or_else(|why| panic!("{why}"));
    let ties = SinkContext {
        evidence: None,
        late: Duration::from_secs(300),
    };
    Rc::new(SinkWorker::new(receiver, settings, ties))
}

pub(super) fn start_with(sink: Sink, token: &str) -> Box<dyn ReceiverApi> {
    start_of(setup_with(sink, token)).unwrap_or_else(|why| panic!("{why}"))
}

pub(super) fn start_error_with(sink: Sink, token: &str) -> String {
    let started = start_of(setup_with(sink, token));
    started.err().expect("a reason not to start")
}

pub(super) fn start(sink: Sink) -> Box<dyn ReceiverApi> {
    start_with(sink, "s3cret")
}

pub(super) fn start_error(sink: Sink) -> String {
    start_error_with(sink, "s3cret")
}

/// The seal of each of these events that gets one when they leave together.
pub(super) fn seals(events: &[Rc<ChainedEvent>]) -> Vec<Option<String>> {
    let next = events.iter().skip(1).map(|next| Some(next.as_ref()));
    let pairs = events.iter().zip(next.chain([None]));
    pairs
        .map(|(event, next)| event.needs_seal(next).then(|| samples::seal(event)))
        .collect()
}

pub(super) fn parcel(
    receiver: &dyn ReceiverApi,
    events: &[Rc<ChainedEvent>],
) -> Result<SinkPayload, String> {
    receiver.parcel(&Batch {
        events,
        seals: Vec::new(),
        now: NOW,
    })
}

pub(super) fn http(
    receiver: &dyn ReceiverApi,
    events: &[Rc<ChainedEvent>],
) -> http::Request<Bytes> {
    match parcel(receiver, events) {
        Ok(SinkPayload::Http(request)) => request,
        other => panic!("{other:?} is no request"),
    }
}

pub(super) fn header<'a>(request: &'a http::Request<Bytes>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

pub(super) fn body(request: &http::Request<Bytes>) -> String {
    String::from_utf8(request.body().to_vec()).unwrap()
}

pub(super) fn answer(status: u16, body: &'static str) -> http::Response<Bytes> {
    let mut answer = http::Response::new(Bytes::from(body));
    *answer.status_mut() = status.try_into().unwrap();
    answer
}

pub(super) fn partly(again: &[usize], refused: &[usize], why: &str) -> BatchStatus {
    BatchStatus::Partly {
        again: again.to_vec(),
        refused: refused.to_vec(),
        why: why.to_owned(),
    }
}
