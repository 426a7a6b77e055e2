//! Datadog's logs intake (Datadog API v2, "Send logs").

use bytes::Bytes;
use http::StatusCode;
use mcp_edge_envelope::datadog::Entry;
use mcp_edge_runtime::config::{Format, SinkSettings};
use serde_json::{Map, Value};

use crate::answer::read;
use crate::http_request::RequestTemplate;
use crate::{Batch, BatchStatus, Limits, ReceiverApi, SinkPayload};

/// Datadog takes so many at once.
const EVENTS: usize = 1000;
/// It takes 5 MB at once; a line inside JSON grows to twice its length at most, and has a little around it.
const BYTES: usize = 2_000_000;
/// It cuts what is longer off, and with that the end of an event and its hash.
const MESSAGE_BYTES: usize = 1_000_000;

struct Datadog {
    post: RequestTemplate,
    format: Format,
    server: String,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let credential = setup.credential("DD-API-KEY", "")?;
    Ok(Box::new(Datadog {
        post: RequestTemplate {
            uri: setup.endpoint("/api/v2/logs")?,
            credential: Some(SinkSettings::needs(credential, "token")?),
            content_type: "application/json",
        },
        format: setup.settings.format,
        server: setup.server,
    }))
}

impl ReceiverApi for Datadog {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let mut entries = Vec::new();
        for (event, message) in batch.bodies(self.format) {
            if message.len() > MESSAGE_BYTES {
                return Err(format!(
                    "an event has {} bytes, and Datadog cuts off what is beyond {MESSAGE_BYTES}",
                    message.len()
                ));
            }
            entries.push(Entry::new(event, &self.server, message));
        }
        let body = serde_json::to_vec(&entries).map_err(|error| error.to_string())?;
        self.post.with(body).map(SinkPayload::Http)
    }

    fn verdict(&self, answer: &http::Response<Bytes>, _: usize) -> BatchStatus {
        match BatchStatus::by_status(answer) {
            // "202: Request accepted for processing (always 202 empty JSON)."
            BatchStatus::Accepted => match (answer.status(), read::<Map<String, Value>>(answer)) {
                (StatusCode::ACCEPTED, Some(said)) if said.is_empty() => BatchStatus::Accepted,
                _ => BatchStatus::unacknowledged(answer, "202 and {}"),
            },
            verdict => verdict,
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            events: EVENTS,
            bytes: BYTES,
        }
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_audit::chain::ChainedEvent;
    use mcp_edge_audit::event::Event;
    use mcp_edge_runtime::config::{Sink, TextSetting};
    use serde_json::json;

    use super::*;
    use crate::testing::{answer, body, events, header, http, parcel, start, start_error};

    const DATADOG: Sink = Sink {
        name: "datadog",
        protocol: crate::DATADOG,
        url: Some(TextSetting::Literal(
            "https://http-intake.logs.datadoghq.eu",
        )),
        token: Some("TOKEN"),
        ..Sink::DEFAULT
    };

    #[test]
    fn a_batch_is_what_the_documentation_of_datadog_shows() {
        let events = events(2);
        let request = http(start(DATADOG).as_ref(), &events);
        assert_eq!(
            request.uri(),
            "https://http-intake.logs.datadoghq.eu/api/v2/logs"
        );
        assert_eq!(header(&request, "dd-api-key"), "s3cret");
        let entries: Vec<Value> = serde_json::from_str(&body(&request)).unwrap();
        assert_eq!(
            entries[0],
            json!({
                "ddsource": "mcp-edge",
                "ddtags": "env:production",
                "hostname": events[0].chain(),
                "message": events[0].json,
                "service": "com.example/server",
            })
        );
        assert_eq!(entries[1]["message"], events[1].json.as_str());
    }

    #[test]
    fn the_statuses_are_those_that_the_documentation_of_datadog_lists() {
        let receiver = start(DATADOG);
        let says = |status| receiver.verdict(&answer(status, "{}"), 2);
        assert_eq!(says(202), BatchStatus::Accepted);
        for (status, text) in [(200, "{}"), (202, ""), (202, "<html>"), (202, r#"{"a":1}"#)] {
            let verdict = receiver.verdict(&answer(status, text), 2);
            assert!(
                matches!(verdict, BatchStatus::Again { .. }),
                "{status} {text}"
            );
        }
        assert!(matches!(says(400), BatchStatus::Refused { .. }));
        assert!(matches!(says(413), BatchStatus::Smaller { .. }));
        for status in [401, 403, 408, 429, 500, 503] {
            assert!(
                matches!(says(status), BatchStatus::Again { .. }),
                "{status}"
            );
        }
    }

    #[test]
    fn the_longest_batch_stays_below_what_datadog_takes() {
        let limits = start(DATADOG).limits();
        let event = ChainedEvent::new(Event {
            // What grows most inside JSON.
            detail: Some("\"\\".repeat(1000)),
            ..events(1)[0].event.clone()
        });
        let fit = (limits.bytes / event.json.len()).min(limits.events);
        let batch = vec![event.into(); fit];
        assert!(body(&http(start(DATADOG).as_ref(), &batch)).len() < 5_000_000);
    }

    #[test]
    fn an_event_that_would_be_cut_off_is_not_sent() {
        let long = ChainedEvent::new(Event {
            detail: Some("x".repeat(MESSAGE_BYTES)),
            ..Event::default()
        });
        let why = parcel(start(DATADOG).as_ref(), &[long.into()]).unwrap_err();
        assert!(why.contains("cuts off"), "{why}");
    }

    #[test]
    fn it_needs_a_key() {
        let why = start_error(Sink {
            token: None,
            ..DATADOG
        });
        assert_eq!(why, "`token` is missing; a sink of this type needs it");
    }
}
