//! OpenTelemetry: OTLP/HTTP 1.x, in JSON and in protobuf.
//!
//! `mcp_edge_envelope` has the types of each signal.

mod answer;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use mcp_edge_audit::Event;
use mcp_edge_envelope::otlp;
use mcp_edge_runtime::config::{Encoding, SinkSettings};
use serde::Serialize;

use crate::{Batch, BatchStatus, ReceiverApi, SinkPayload};

/// What OTLP carries apart.
pub(crate) trait Signal: 'static {
    /// Where a receiver takes it, if its URL says nothing else.
    const PATH: &'static str;
    /// The body of a request.
    type Message: prost::Message + Serialize;

    /// Whether it has anything to say of such an event.
    fn takes(event: &Event) -> bool;

    fn message(batch: &Batch<'_>) -> Self::Message;
}

/// `type = "otlp"`: every event, whole.
pub(crate) struct Logs;

impl Signal for Logs {
    const PATH: &'static str = "/v1/logs";
    type Message = otlp::Logs;

    fn takes(_: &Event) -> bool {
        true
    }

    fn message(batch: &Batch<'_>) -> otlp::Logs {
        otlp::logs(batch.lines())
    }
}

/// `type = "otlp-traces"`: a span for each request.
pub(crate) struct Traces;

impl Signal for Traces {
    const PATH: &'static str = "/v1/traces";
    type Message = otlp::Traces;

    fn takes(event: &Event) -> bool {
        event.is_request()
    }

    fn message(batch: &Batch<'_>) -> otlp::Traces {
        otlp::traces(batch.events.iter().map(Rc::as_ref))
    }
}

/// `type = "otlp-metrics"`: how long requests took.
pub(crate) struct Metrics;

impl Signal for Metrics {
    const PATH: &'static str = "/v1/metrics";
    type Message = otlp::Metrics;

    fn takes(event: &Event) -> bool {
        event.is_request()
    }

    fn message(batch: &Batch<'_>) -> otlp::Metrics {
        otlp::metrics(batch.events.iter().map(Rc::as_ref))
    }
}

struct Otlp<S> {
    endpoint: http::Uri,
    credential: Option<(HeaderName, HeaderValue)>,
    encoding: Encoding,
    signal: PhantomData<S>,
}

pub(crate) fn start<S: Signal>(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    Ok(Box::new(Otlp::<S> {
        endpoint: setup.endpoint(S::PATH)?,
        credential: setup.credential("authorization", "Bearer")?,
        encoding: setup.settings.encoding,
        signal: PhantomData,
    }))
}

/// The media type of requests and of their responses.
fn media_type_of(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => "application/x-protobuf",
    }
}

impl<S: Signal> ReceiverApi for Otlp<S> {
    fn takes(&self, event: &Event) -> bool {
        S::takes(event)
    }

    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let message = S::message(batch);
        let body = match self.encoding {
            Encoding::Json => serde_json::to_vec(&message).map_err(|error| error.to_string())?,
            Encoding::Protobuf => prost::Message::encode_to_vec(&message),
        };
        let content_type = media_type_of(self.encoding);
        let mut request =
            http::Request::post(self.endpoint.clone()).header(header::CONTENT_TYPE, content_type);
        if let Some((name, value)) = &self.credential {
            request = request.header(name, value);
        }
        request
            .body(Bytes::from(body))
            .map(SinkPayload::Http)
            .map_err(|error| error.to_string())
    }

    fn verdict(&self, answer: &http::Response<Bytes>, events: usize) -> BatchStatus {
        answer::verdict(answer, events, self.encoding)
    }
}
