//! What a receiver says of a request (OTLP, "OTLP/HTTP Response").

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use mcp_edge_runtime::audit_trail::sanitize;
use mcp_edge_runtime::config::Encoding;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::media_type_of;

use crate::BatchStatus;
use crate::answer::media_type;

/// The statuses after which the same request may be sent again ("Retryable Response Codes").
const RETRYABLE: [u16; 4] = [429, 502, 503, 504];

/// `Export*ServiceResponse`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

/// `Export*PartialSuccess`
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PartialSuccess {
    /// Of records, spans or data points. A data point has at least one event.
    #[prost(int64, tag = "1")]
    #[serde(
        rename = "rejectedLogRecords",
        alias = "rejectedSpans",
        alias = "rejectedDataPoints",
        deserialize_with = "integer"
    )]
    rejected: i64,
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "text")]
    error_message: String,
}

/// 64 bits are a text, or a number, in the JSON of protobuf, and null is the default.
fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Integer {
        Number(i64),
        Text(String),
    }
    match Option::deserialize(deserializer)? {
        None => Ok(0),
        Some(Integer::Number(number)) => Ok(number),
        Some(Integer::Text(text)) => text.parse().map_err(serde::de::Error::custom),
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// The result for so many events.
pub(super) fn verdict(
    answer: &http::Response<Bytes>,
    events: usize,
    encoding: Encoding,
) -> BatchStatus {
    match BatchStatus::by_status(answer) {
        BatchStatus::Accepted => match Response::read(answer, encoding) {
            Some(response) => partial_success(response, events),
            None => BatchStatus::unacknowledged(
                answer,
                "a response of OTLP in the encoding of the request",
            ),
        },
        // The same request must not be sent again, but nothing is wrong with the events: they go with the next.
        BatchStatus::Again { why, .. } if !RETRYABLE.contains(&answer.status().as_u16()) => {
            BatchStatus::Again {
                after: Some(Duration::MAX),
                why,
            }
        }
        verdict => verdict,
    }
}

impl Response {
    /// The receiver's own response: 200, the media type of the request, and a message of this type. `None` is an answer of
    /// something else.
    fn read(answer: &http::Response<Bytes>, encoding: Encoding) -> Option<Self> {
        let body = answer.body();
        if answer.status() != StatusCode::OK || media_type(answer) != media_type_of(encoding) {
            return None;
        }
        match encoding {
            Encoding::Json => {
                let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
                // Any object could be read as one without members.
                let is_one = members.is_empty() || members.contains_key("partialSuccess");
                let response = serde_json::from_value(Value::Object(members));
                response.ok().filter(|_| is_one)
            }
            Encoding::Protobuf => prost::Message::decode(body.clone()).ok(),
        }
    }
}

fn partial_success(response: Response, events: usize) -> BatchStatus {
    let said = response
        .partial_success
        .filter(|said| *said != PartialSuccess::default());
    let Some(PartialSuccess {
        rejected,
        error_message,
    }) = said
    else {
        return BatchStatus::Accepted;
    };
    let rejected = usize::try_from(rejected).unwrap_or(0);
    let why = format!("it rejected {rejected}: {}", sanitize(&error_message));
    if rejected >= events {
        BatchStatus::Refused { why }
    } else {
        BatchStatus::Mostly {
            refused: rejected,
            why,
        }
    }
}
