//! Kafka by the Confluent REST Proxy (API v2, "POST /topics/(string:topic_name)").
//!
//! The secret is what Basic authentication wants: `user:password` in base64.

use bytes::Bytes;
use mcp_edge_envelope::kafka::record;
use mcp_edge_runtime::config::{Format, SinkSettings};
use serde::Deserialize;

use crate::answer::{EventStatus, read};
use crate::http_request::RequestTemplate;
use crate::{Batch, BatchStatus, ReceiverApi, SinkPayload};

/// The longest name that Kafka takes.
const MAX_TOPIC: usize = 249;

struct Kafka {
    post: RequestTemplate,
    format: Format,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let topic = SinkSettings::needs(setup.settings.topic, "topic")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if topic.is_empty() || topic.len() > MAX_TOPIC || !topic.bytes().all(is_plain) {
        return Err(format!(
            "`topic` must be 1 to {MAX_TOPIC} letters, digits, dots, underscores and hyphens: {topic}"
        ));
    }
    Ok(Box::new(Kafka {
        post: RequestTemplate {
            uri: setup.endpoint(&format!("/topics/{topic}"))?,
            credential: setup.credential("Authorization", "Basic")?,
            content_type: "application/vnd.kafka.json.v2+json",
        },
        format: setup.settings.format,
    }))
}

impl ReceiverApi for Kafka {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let records = batch
            .bodies(self.format)
            .map(|(event, text)| record(event, &text));
        let records: Vec<_> = records.collect();
        let body = format!("{{\"records\":[{}]}}", records.join(","));
        let mut request = self.post.with(body)?;
        let accept = http::HeaderValue::from_static("application/vnd.kafka.v2+json");
        request.headers_mut().insert(http::header::ACCEPT, accept);
        Ok(SinkPayload::Http(request))
    }

    fn verdict(&self, answer: &http::Response<Bytes>, events: usize) -> BatchStatus {
        if !answer.status().is_success() {
            return BatchStatus::by_status(answer);
        }
        match read::<ProduceResponse>(answer) {
            Some(ProduceResponse { offsets }) if offsets.len() == events => {
                BatchStatus::of_each(offsets.into_iter().map(Offset::fate))
            }
            _ => BatchStatus::unacknowledged(answer, "an offset for each event"),
        }
    }
}

#[derive(Deserialize)]
struct ProduceResponse {
    offsets: Vec<Offset>,
}

#[derive(Deserialize)]
struct Offset {
    offset: Option<i64>,
    error_code: Option<i64>,
}

impl Offset {
    fn fate(self) -> EventStatus {
        match self.error_code {
            None if self.offset.is_some() => EventStatus::Arrived,
            None => EventStatus::Again("it answered no offset for an event".to_owned()),
            Some(1) => EventStatus::Refused("it answered error 1 for an event".to_owned()),
            // 2, "the message might be sent successfully if retried", and any that is not documented.
            Some(code) => EventStatus::Again(format!("it answered error {code} for an event")),
        }
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Sink, TextSetting};

    use super::*;
    use crate::testing::{answer, body, events, header, http, partly, start, start_error};

    const KAFKA: Sink = Sink {
        name: "kafka",
        protocol: crate::KAFKA,
        url: Some(TextSetting::Literal("https://kafka.example:8082")),
        token: Some("TOKEN"),
        topic: Some("mcp.events"),
        ..Sink::DEFAULT
    };

    #[test]
    fn a_batch_is_what_the_documentation_of_the_rest_proxy_shows() {
        let events = events(2);
        let request = http(start(KAFKA).as_ref(), &events);
        assert_eq!(
            request.uri(),
            "https://kafka.example:8082/topics/mcp.events"
        );
        assert_eq!(
            header(&request, "content-type"),
            "application/vnd.kafka.json.v2+json"
        );
        assert_eq!(header(&request, "accept"), "application/vnd.kafka.v2+json");
        assert_eq!(header(&request, "authorization"), "Basic s3cret");
        let chain = events[0].chain();
        assert_eq!(
            body(&request),
            format!(
                "{{\"records\":[{{\"key\":\"{chain}\",\"value\":{}}},{{\"key\":\"{chain}\",\"value\":{}}}]}}",
                events[0].json, events[1].json
            )
        );
    }

    #[test]
    fn answers_are_read_as_the_documentation_of_the_rest_proxy_has_them() {
        let receiver = start(KAFKA);
        let says = |status, text| receiver.verdict(&answer(status, text), 3);
        assert_eq!(
            says(
                200,
                r#"{"key_schema_id":null,"value_schema_id":null,"offsets":[{"partition":2,"offset":100},{"partition":1,"offset":101},{"partition":2,"offset":102}]}"#
            ),
            BatchStatus::Accepted
        );
        assert_eq!(
            says(
                200,
                r#"{"offsets":[{"partition":2,"offset":100,"error_code":null,"error":null},{"error_code":1,"error":"Non-retriable Kafka exception"},{"error_code":2,"error":"Retriable Kafka exception"}]}"#
            ),
            partly(&[2], &[1], "it answered error 1 for an event")
        );
        assert_eq!(
            says(
                200,
                r#"{"offsets":[{"error_code":50003},{"offset":1},{"offset":2}]}"#
            ),
            partly(&[0], &[], "it answered error 50003 for an event")
        );
        for other in [r#"{"offsets":[]}"#, "<html>", "", "{}"] {
            let verdict = says(200, other);
            assert!(matches!(verdict, BatchStatus::Again { .. }), "{other}");
        }
        assert_eq!(
            says(200, r#"{"offsets":[{},{},{}]}"#),
            partly(&[0, 1, 2], &[], "it answered no offset for an event")
        );
        assert!(matches!(
            says(404, r#"{"error_code":40401,"message":"Topic not found."}"#),
            BatchStatus::Again { .. }
        ));
        assert!(matches!(
            says(422, r#"{"error_code":42201,"message":"Invalid schema."}"#),
            BatchStatus::Refused { .. }
        ));
    }

    #[test]
    fn a_topic_is_a_name_that_kafka_takes() {
        let why = |topic| start_error(Sink { topic, ..KAFKA });
        assert!(why(Some("a/b")).starts_with("`topic` must be 1 to 249 letters"));
        assert!(why(None).starts_with("`topic` is missing"));
    }
}
