//! A sink of OTLP and a host for tests.

use std::rc::Rc;

use bytes::Bytes;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::config::{Encoding, Protocol, Sink, SinkSettings, TextSetting};
use mcp_edge_runtime::testing::TestHost;

use crate::testing::{seals, start_of};
use crate::{Batch, ReceiverApi, SinkPayload, samples};

/// A response with this status and body, which is protobuf.
pub(crate) fn response(status: u16, body: impl Into<Bytes>) -> http::Response<Bytes> {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    let kind = http::HeaderValue::from_static("application/x-protobuf");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    response
}

/// A host with one secret, on which every request is answered alike.
pub(crate) fn host(status: u16, body: impl Into<Bytes>) -> TestHost {
    let host = TestHost::new();
    host.set_now(samples::NOW);
    host.set_variable("TOKEN", "s3cret");
    let response = response(status, body);
    host.reply_with(move |_| response.clone().into());
    host
}

pub(crate) fn set_up(settings: Sink) -> SinkSettings {
    let settings = Box::leak(Box::new(settings));
    let host = host(200, "");
    host.run(SinkSettings::resolve(
        settings,
        "com.example/fraud-rules",
        &host,
    ))
    .unwrap()
}

pub(crate) fn settings(protocol: Protocol, encoding: Encoding) -> Sink {
    Sink {
        name: "collector",
        protocol,
        url: Some(TextSetting::Literal("https://collector.example")),
        token: Some("TOKEN"),
        encoding,
        ..Sink::DEFAULT
    }
}

pub(crate) fn driver(protocol: Protocol, encoding: Encoding) -> Box<dyn ReceiverApi> {
    start_of(set_up(settings(protocol, encoding))).unwrap()
}

/// The request that hands over those of the events that the receiver takes.
pub(crate) fn request(
    receiver: &dyn ReceiverApi,
    events: &[Rc<ChainedEvent>],
) -> http::Request<Bytes> {
    let taken = events.iter().filter(|linked| receiver.takes(&linked.event));
    let events: Vec<_> = taken.cloned().collect();
    let batch = Batch {
        seals: seals(&events),
        events: &events,
        now: samples::NOW,
    };
    match receiver.parcel(&batch).unwrap() {
        SinkPayload::Http(request) => request,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn body(receiver: &dyn ReceiverApi, events: &[Rc<ChainedEvent>]) -> Bytes {
    request(receiver, events).into_body()
}
