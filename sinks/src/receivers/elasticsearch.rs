//! Elasticsearch's and OpenSearch's bulk interface (Elasticsearch, "Bulk API").
//!
//! An event's id is its document's, so that a repetition is recognised. A document is exactly the event, or else its hash
//! would not fit; an index that wants an `@timestamp`, as a data stream does, gets it from `time` by an ingest pipeline.

use bytes::Bytes;
use mcp_edge_runtime::config::{Format, SinkSettings};
use serde::Deserialize;

use crate::answer::{EventStatus, read};
use crate::http_request::{RequestTemplate, quoted};
use crate::{Batch, BatchStatus, ReceiverApi, SinkPayload};

/// Without it the answer could be longer than what it answers.
const FILTER: &str = "filter_path=items.*.status,items.*.error.type";
/// A document of that id is there already.
const CONFLICT: u16 = 409;

struct Elasticsearch {
    post: RequestTemplate,
    format: Format,
    index: String,
}

pub(crate) fn start(setup: SinkSettings) -> Result<Box<dyn ReceiverApi>, String> {
    let endpoint = setup.endpoint("/_bulk")?;
    let filtered = match endpoint.query() {
        Some(_) => format!("{endpoint}&{FILTER}"),
        None => format!("{endpoint}?{FILTER}"),
    };
    Ok(Box::new(Elasticsearch {
        post: RequestTemplate {
            uri: filtered
                .parse()
                .map_err(|_| "`url` is not a valid URL; use https://HOST/PATH".to_owned())?,
            credential: setup.credential("Authorization", "ApiKey")?,
            content_type: "application/x-ndjson",
        },
        format: setup.settings.format,
        index: quoted(SinkSettings::needs(setup.settings.index, "index")?),
    }))
}

impl ReceiverApi for Elasticsearch {
    fn parcel(&self, batch: &Batch<'_>) -> Result<SinkPayload, String> {
        let mut body = String::new();
        for (event, text) in batch.bodies(self.format) {
            body.push_str(&format!(
                "{{\"create\":{{\"_index\":{},\"_id\":{}}}}}\n{text}\n",
                self.index,
                quoted(&event.event.id)
            ));
        }
        self.post.with(body).map(SinkPayload::Http)
    }

    fn verdict(&self, answer: &http::Response<Bytes>, events: usize) -> BatchStatus {
        if !answer.status().is_success() {
            return BatchStatus::by_status(answer);
        }
        match read::<BulkResponse>(answer) {
            Some(BulkResponse { items }) if items.len() == events => {
                BatchStatus::of_each(items.into_iter().map(|item| item.create.fate()))
            }
            _ => BatchStatus::unacknowledged(answer, "a bulk response for each event"),
        }
    }
}

#[derive(Deserialize)]
struct BulkResponse {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    create: Created,
}

#[derive(Deserialize)]
struct Created {
    status: u16,
    error: Option<Mistake>,
}

#[derive(Deserialize)]
struct Mistake {
    #[serde(rename = "type")]
    kind: String,
}

impl Created {
    fn fate(self) -> EventStatus {
        let status = self.status;
        if status == CONFLICT {
            return EventStatus::Arrived;
        }
        EventStatus::by_status(status, || match self.error {
            Some(Mistake { kind }) => format!("it answered {status} ({kind}) for an event"),
            None => format!("it answered {status} for an event"),
        })
    }
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::{Sink, TextSetting};

    use super::*;
    use crate::testing::{answer, body, events, header, http, partly, start, start_error};

    const ELASTIC: Sink = Sink {
        name: "elastic",
        protocol: crate::ELASTICSEARCH,
        url: Some(TextSetting::Literal("https://elastic.example:9200")),
        token: Some("TOKEN"),
        index: Some("mcp-events"),
        ..Sink::DEFAULT
    };

    #[test]
    fn a_batch_is_what_the_documentation_of_elasticsearch_shows() {
        let events = events(2);
        let request = http(start(ELASTIC).as_ref(), &events);
        assert_eq!(
            request.uri(),
            "https://elastic.example:9200/_bulk?filter_path=items.*.status,items.*.error.type"
        );
        assert_eq!(header(&request, "authorization"), "ApiKey s3cret");
        assert_eq!(header(&request, "content-type"), "application/x-ndjson");
        let [first, second] = [0, 1].map(|place: usize| &events[place]);
        assert_eq!(
            body(&request),
            format!(
                "{{\"create\":{{\"_index\":\"mcp-events\",\"_id\":\"{}\"}}}}\n{}\n{{\"create\":{{\"_index\":\"mcp-events\",\"_id\":\"{}\"}}}}\n{}\n",
                first.event.id, first.json, second.event.id, second.json
            )
        );
    }

    #[test]
    fn a_path_of_ones_own_keeps_its_query() {
        let receiver = start(Sink {
            url: Some(TextSetting::Literal(
                "https://proxy.example/es/_bulk?pipeline=mcp",
            )),
            ..ELASTIC
        });
        let request = http(receiver.as_ref(), &events(1));
        assert_eq!(
            request.uri(),
            "https://proxy.example/es/_bulk?pipeline=mcp&filter_path=items.*.status,items.*.error.type"
        );
    }

    #[test]
    fn answers_are_read_as_the_documentation_of_elasticsearch_has_them() {
        let receiver = start(ELASTIC);
        let says = |status, text| receiver.verdict(&answer(status, text), 4);
        assert_eq!(
            says(
                200,
                r#"{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}"#
            ),
            BatchStatus::Accepted
        );
        let mixed = r#"{"errors":true,"items":[
            {"create":{"status":201}},
            {"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}},
            {"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}},
            {"create":{"status":400,"error":{"type":"document_parsing_exception"}}}]}"#;
        assert_eq!(
            says(200, mixed),
            partly(
                &[2],
                &[3],
                "it answered 400 (document_parsing_exception) for an event"
            )
        );
        let absent = r#"{"errors":true,"items":[
            {"create":{"status":404,"error":{"type":"index_not_found_exception"}}},
            {"create":{"status":503}},
            {"create":{"status":409}},
            {"create":{"status":201}}]}"#;
        assert_eq!(
            says(200, absent),
            partly(
                &[0, 1],
                &[],
                "it answered 404 (index_not_found_exception) for an event"
            )
        );
        let repeated = r#"{"errors":true,"items":[{"create":{"status":409}},{"create":{"status":409}},{"create":{"status":409}},{"create":{"status":409}}]}"#;
        assert_eq!(says(200, repeated), BatchStatus::Accepted);
        let short = r#"{"errors":true,"items":[]}"#;
        assert!(matches!(says(200, short), BatchStatus::Again { .. }));
        for other in [
            "<html>",
            "",
            "{}",
            r#"{"errors":false}"#,
            r#"{"errors":false,"items":[]}"#,
        ] {
            let verdict = says(200, other);
            assert!(matches!(verdict, BatchStatus::Again { .. }), "{other}");
        }
        assert!(matches!(says(429, ""), BatchStatus::Again { .. }));
        assert!(matches!(says(401, ""), BatchStatus::Again { .. }));
        assert!(matches!(says(413, ""), BatchStatus::Smaller { .. }));
        assert!(matches!(says(400, ""), BatchStatus::Refused { .. }));
    }

    #[test]
    fn it_needs_an_index() {
        let why = start_error(Sink {
            index: None,
            ..ELASTIC
        });
        assert_eq!(why, "`index` is missing; a sink of this type needs it");
    }
}
