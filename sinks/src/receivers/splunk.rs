//! Splunk's HTTP Event Collector (Splunk Enterprise, "Format events for HTTP Event Collector" and "Troubleshoot HTTP Event
//! Collector").

use bytes::Bytes;
use http::StatusCode;
use mcp_edge_envelope::splunk;
use mcp_edge_runtime::config::{Format, SinkSettings};
use serde::Deserialize;

use crate::answer::{EventStatus, read};
use crate::http_request::RequestTemplate;
use crate::{Batch, BatchStatus, ReceiverApi, SinkPayload};

/// How Splunk says that it has the events.
const ACKNOWLEDGEMENT: &str = "{\"text\":\"Success\",\"code\":0}";

struct Splunk {
    post: RequestTemplate,
    format: Format,
    /// What every event has around it, but for its own part.
    metadata: String,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let credential = setup.credential("Authorization", "Splunk")?;
    let index = setup.settings.index;
    Ok(Box::new(Splunk {
        post: RequestTemplate {
            uri: setup.endpoint("/services/collector/event")?,
            credential: Some(SinkSettings::needs(credential, "token")?),
            content_type: "application/json",
        },
        format: setup.settings.format,
        metadata: splunk::metadata(&setup.server, index),
    }))
}

impl ReceiverApi for Splunk {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let mut body = String::new();
        for (event, text) in batch.bodies(self.format) {
            body.push_str(&splunk::event(event, &self.metadata, &text));
        }
        self.post.with(body).map(SinkPayload::Http)
    }

    fn verdict(&self, answer: &http::Response<Bytes>, events: usize) -> BatchStatus {
        let Some(said) = read::<HecResponse>(answer) else {
            return match BatchStatus::by_status(answer) {
                BatchStatus::Accepted => BatchStatus::unacknowledged(answer, ACKNOWLEDGEMENT),
                // Splunk itself says what it refuses.
                BatchStatus::Refused { why } => BatchStatus::again(why),
                verdict => verdict,
            };
        };
        let why = format!("it answered {}, code {}", answer.status(), said.code);
        match (said.code, said.invalid) {
            (0, _) if answer.status() == StatusCode::OK => BatchStatus::Accepted,
            // No data, invalid data format, and what is wrong with `event` or `fields`. Splunk stops there, and does not say
            // whether the others arrived; a reader of the log tells a repetition by its id.
            (5 | 6 | 12 | 13 | 15, Some(invalid)) if invalid < events => {
                BatchStatus::of_each((0..events).map(|place| {
                    if place == invalid {
                        EventStatus::Refused(why.clone())
                    } else {
                        EventStatus::Again(why.clone())
                    }
                }))
            }
            (5 | 6 | 12 | 13 | 15, _) => BatchStatus::Refused { why },
            // Tokens, indexes, channels, queues: nothing is wrong with the events.
            _ => match BatchStatus::unless_accepted(answer, why) {
                BatchStatus::Accepted => BatchStatus::unacknowledged(answer, ACKNOWLEDGEMENT),
                verdict => verdict,
            },
        }
    }
}

#[derive(Deserialize)]
struct HecResponse {
    /// `Success`, or what is wrong.
    #[serde(rename = "text")]
    _text: String,
    code: u32,
    #[serde(rename = "invalid-event-number")]
    invalid: Option<usize>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mcp_edge_runtime::config::{Sink, TextSetting};
    use mcp_edge_runtime::host::Timestamp;

    use super::*;
    use crate::testing::{answer, body, events, header, http, partly, start, start_error};

    const SPLUNK: Sink = Sink {
        name: "siem",
        protocol: crate::SPLUNK,
        url: Some(TextSetting::Literal("https://splunk.example:8088")),
        token: Some("TOKEN"),
        ..Sink::DEFAULT
    };

    #[test]
    fn a_batch_is_what_the_documentation_of_splunk_shows() {
        let receiver = start(Sink {
            index: Some("mcp"),
            ..SPLUNK
        });
        let events = events(2);
        let request = http(receiver.as_ref(), &events);
        assert_eq!(
            request.uri(),
            "https://splunk.example:8088/services/collector/event"
        );
        assert_eq!(header(&request, "authorization"), "Splunk s3cret");
        let objects: Vec<serde_json::Value> = serde_json::Deserializer::from_str(&body(&request))
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0]["time"], serde_json::json!(1_790_000_000.5));
        assert_eq!(objects[0]["host"], events[0].chain());
        assert_eq!(objects[0]["source"], "com.example/server");
        assert_eq!(objects[0]["sourcetype"], "mcp-edge");
        assert_eq!(objects[0]["index"], "mcp");
        assert_eq!(objects[0]["event"]["id"], events[0].event.id.as_str());
        assert_eq!(objects[1]["event"]["hash"], events[1].hash.as_str());
    }

    #[test]
    fn milliseconds_keep_their_zeros() {
        let mut event = (*events(1)[0]).clone();
        event.event.time = Timestamp::from_millis(1_790_000_000_007).to_rfc3339();
        let request = http(start(SPLUNK).as_ref(), &[event.into()]);
        assert!(body(&request).starts_with("{\"time\":1790000000.007,"));
    }

    #[test]
    fn answers_are_read_as_the_documentation_of_splunk_has_them() {
        let receiver = start(SPLUNK);
        let says = |status, text| receiver.verdict(&answer(status, text), 3);
        assert_eq!(
            says(200, r#"{"text":"Success","code":0}"#),
            BatchStatus::Accepted
        );
        assert_eq!(
            says(
                400,
                r#"{"text":"Invalid data format","code":6,"invalid-event-number":1}"#
            ),
            partly(&[0, 2], &[1], "it answered 400 Bad Request, code 6")
        );
        assert_eq!(
            says(400, r#"{"text":"No data","code":5}"#),
            BatchStatus::Refused {
                why: "it answered 400 Bad Request, code 5".to_owned()
            }
        );
        for (status, text) in [
            (403, r#"{"text":"Token is disabled","code":1}"#),
            (401, r#"{"text":"Invalid authorization","code":3}"#),
            (403, r#"{"text":"Invalid token","code":4}"#),
            (
                400,
                r#"{"text":"Incorrect index","code":7,"invalid-event-number":1}"#,
            ),
            (500, r#"{"text":"Internal server error","code":8}"#),
            (503, r#"{"text":"Server is busy","code":9}"#),
            (400, r#"{"text":"Data channel is missing","code":10}"#),
        ] {
            let verdict = says(status, text);
            assert!(matches!(verdict, BatchStatus::Again { .. }), "{text}");
        }
        assert_eq!(
            says(413, r#"{"text":"Content-Length too large","code":27}"#),
            BatchStatus::Smaller {
                why: "it answered 413 Payload Too Large, code 27".to_owned()
            }
        );
    }

    #[test]
    fn only_splunk_itself_acknowledges_or_refuses_events() {
        let receiver = start(SPLUNK);
        for (status, text) in [
            (200, "<html><title>Sign in</title></html>"),
            (200, ""),
            (200, "{}"),
            (200, r#"{"code":0}"#),
            (200, r#"{"text":"Success"}"#),
            (200, r#"{"text":"ACK is disabled","code":14}"#),
            (201, r#"{"text":"Success","code":0}"#),
            (204, ""),
            (302, r#"{"text":"Success","code":0}"#),
            (400, "<html>"),
        ] {
            let verdict = receiver.verdict(&answer(status, text), 3);
            assert!(
                matches!(verdict, BatchStatus::Again { .. }),
                "{status} {text}"
            );
        }
        let mut page = answer(200, "<html>");
        let kind = "text/html; charset=utf-8".parse().unwrap();
        page.headers_mut().insert("content-type", kind);
        assert_eq!(
            receiver.verdict(&page, 3).by("splunk.example:8088"),
            BatchStatus::again(
                "splunk.example:8088: it answered 200 OK (text/html, 6 bytes), and not with \
                 {\"text\":\"Success\",\"code\":0}; a proxy may have answered in its place"
                    .to_owned()
            )
        );
    }

    #[test]
    fn something_before_splunk_answers_by_its_status() {
        let receiver = start(SPLUNK);
        let mut busy = answer(503, "<html>");
        busy.headers_mut()
            .insert("retry-after", "7".parse().unwrap());
        assert_eq!(
            receiver.verdict(&busy, 1),
            BatchStatus::Again {
                after: Some(Duration::from_secs(7)),
                why: format!("it answered {}", StatusCode::SERVICE_UNAVAILABLE)
            }
        );
    }

    #[test]
    fn it_needs_a_token() {
        let why = start_error(Sink {
            token: None,
            ..SPLUNK
        });
        assert_eq!(why, "`token` is missing; a sink of this type needs it");
    }
}
