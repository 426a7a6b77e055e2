//! A sink of OTLP and a host for tests.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_executor::block_on;
use futures_util::future::{LocalBoxFuture, ready};
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_runtime::config::{Encoding, Protocol, Sink, SinkSettings, TextSetting};
use mcp_edge_runtime::host::{FetchError, Host, HostError, Timestamp};

use crate::testing::{seals, start_of};
use crate::{Batch, ReceiverApi, SinkPayload, samples};

/// A host with one secret, on which no time passes and every request is answered alike.
pub(crate) struct Still {
    pub(crate) answer: http::Response<Bytes>,
    pub(crate) log: RefCell<Vec<String>>,
}

impl Host for Still {
    fn name(&self) -> &'static str {
        "test"
    }

    fn now(&self) -> Timestamp {
        samples::NOW
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), HostError> {
        buffer.fill(7);
        Ok(())
    }

    fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }

    fn fetch(
        &self,
        _: http::Request<Bytes>,
        _: usize,
    ) -> LocalBoxFuture<'static, Result<http::Response<Bytes>, FetchError>> {
        Box::pin(ready(Ok(self.answer.clone())))
    }

    fn after_response(&self, _: LocalBoxFuture<'static, ()>) {}

    fn variable(&self, name: &str) -> LocalBoxFuture<'static, Result<Option<String>, HostError>> {
        let secret = (name == "TOKEN").then(|| "s3cret".to_owned());
        Box::pin(ready(Ok(secret)))
    }

    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}

/// A host whose answers all have this status and body, which is protobuf.
pub(crate) fn still(status: u16, body: impl Into<Bytes>) -> Rc<Still> {
    let mut answer = http::Response::new(body.into());
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    let kind = http::HeaderValue::from_static("application/x-protobuf");
    answer
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    Rc::new(Still {
        answer,
        log: RefCell::default(),
    })
}

pub(crate) fn set_up(settings: Sink) -> SinkSettings {
    let settings = Box::leak(Box::new(settings));
    let host = still(200, "");
    block_on(SinkSettings::resolve(
        settings,
        "com.example/fraud-rules",
        host.as_ref(),
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
