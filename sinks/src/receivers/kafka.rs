//! Kafka by the Confluent REST Proxy (API v2, "POST /topics/(string:topic_name)").
//!
//! The key of a record is its chain, so that a chain stays in one partition and in order. The secret is what Basic
//! authentication wants: `user:password` in base64.

use bytes::Bytes;
use mcp_edge_audit::chain::Linked;
use mcp_edge_runtime::config::{Format, Setup};
use serde::Deserialize;

use crate::answer::{Fate, read};
use crate::post::{Post, quoted};
use crate::{Batch, Parcel, Speak, Verdict};

/// The longest name that Kafka takes.
const MAX_TOPIC: usize = 249;

struct Kafka {
    post: Post,
    format: Format,
}

pub(crate) fn start(setup: Setup) -> Result<Box<dyn Speak>, String> {
    let topic = Setup::needs(setup.settings.topic, "topic")?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if topic.is_empty() || topic.len() > MAX_TOPIC || !topic.bytes().all(is_plain) {
        return Err(format!(
            "`topic` must be 1 to {MAX_TOPIC} letters, digits, dots, underscores and hyphens: {topic}"
        ));
    }
    Ok(Box::new(Kafka {
        post: Post {
            uri: setup.endpoint(&format!("/topics/{topic}"))?,
            credential: setup.credential("Authorization", "Basic")?,
            content_type: "application/vnd.kafka.json.v2+json",
        },
        format: setup.settings.format,
    }))
}

/// A record; `text` is the event itself.
pub(crate) fn record(event: &Linked, text: &str) -> String {
    format!("{{\"key\":{},\"value\":{text}}}", quoted(event.chain()))
}

impl Speak for Kafka {
    fn parcel(&self, batch: &Batch<'_>) -> Result<Parcel, String> {
        let records = batch
            .bodies(self.format)
            .map(|(event, text)| record(event, &text));
        let records: Vec<_> = records.collect();
        let body = format!("{{\"records\":[{}]}}", records.join(","));
        let mut request = self.post.with(body)?;
        let accept = http::HeaderValue::from_static("application/vnd.kafka.v2+json");
        request.headers_mut().insert(http::header::ACCEPT, accept);
        Ok(Parcel::Http(request))
    }

    fn verdict(&self, answer: &http::Response<Bytes>, events: usize) -> Verdict {
        if !answer.status().is_success() {
            return Verdict::by_status(answer);
        }
        match read::<Said>(answer) {
            Some(Said { offsets }) if offsets.len() == events => {
                Verdict::of_each(offsets.into_iter().map(Offset::fate))
            }
            _ => Verdict::unacknowledged(answer, "an offset for each event"),
        }
    }
}

#[derive(Deserialize)]
struct Said {
    offsets: Vec<Offset>,
}

#[derive(Deserialize)]
struct Offset {
    offset: Option<i64>,
    error_code: Option<i64>,
}

impl Offset {
    fn fate(self) -> Fate {
        match self.error_code {
            None if self.offset.is_some() => Fate::Arrived,
            None => Fate::Again("it answered no offset for an event".to_owned()),
            Some(1) => Fate::Refused("it answered error 1 for an event".to_owned()),
            // 2, "the message might be sent successfully if retried", and any that is not documented.
            Some(code) => Fate::Again(format!("it answered error {code} for an event")),
        }
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Sink, Text};

    use super::*;
    use crate::testing::{answer, body, events, header, http, partly, start, start_error};

    const KAFKA: Sink = Sink {
        name: "kafka",
        protocol: crate::KAFKA,
        url: Some(Text::Literal("https://kafka.example:8082")),
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
        let speak = start(KAFKA);
        let says = |status, text| speak.verdict(&answer(status, text), 3);
        assert_eq!(
            says(
                200,
                r#"{"key_schema_id":null,"value_schema_id":null,"offsets":[{"partition":2,"offset":100},{"partition":1,"offset":101},{"partition":2,"offset":102}]}"#
            ),
            Verdict::Accepted
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
            assert!(matches!(verdict, Verdict::Again { .. }), "{other}");
        }
        assert_eq!(
            says(200, r#"{"offsets":[{},{},{}]}"#),
            partly(&[0, 1, 2], &[], "it answered no offset for an event")
        );
        assert!(matches!(
            says(404, r#"{"error_code":40401,"message":"Topic not found."}"#),
            Verdict::Again { .. }
        ));
        assert!(matches!(
            says(422, r#"{"error_code":42201,"message":"Invalid schema."}"#),
            Verdict::Refused { .. }
        ));
    }

    #[test]
    fn a_topic_is_a_name_that_kafka_takes() {
        let why = |topic| start_error(Sink { topic, ..KAFKA });
        assert!(why(Some("a/b")).starts_with("`topic` must be 1 to 249 letters"));
        assert!(why(None).starts_with("`topic` is missing"));
    }
}
