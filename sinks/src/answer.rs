//! What an answer says of the events that it answers.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use mcp_edge_runtime::audit_trail::sanitize;

/// The result of delivering a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BatchStatus {
    /// The receiver has it.
    Accepted,
    /// It has some: those at the places `again` may be sent again, those at `refused` it will never take.
    Partly {
        again: Vec<usize>,
        refused: Vec<usize>,
        why: String,
    },
    /// It has all but so many, and does not say which. With none refused it has a remark only.
    Mostly { refused: usize, why: String },
    /// It may take the batch later, perhaps after this long.
    Again {
        after: Option<Duration>,
        why: String,
    },
    /// It may take the events, but not so many at once.
    Smaller { why: String },
    /// It will never take it.
    Refused { why: String },
}

impl BatchStatus {
    /// It may take the batch later.
    pub(crate) fn again(why: String) -> Self {
        Self::Again { after: None, why }
    }

    /// A success that the receiver itself does not acknowledge. A proxy or a login page answers like this, and the events
    /// are not where they should be. `expected` is the acknowledgement that is missing.
    pub(crate) fn unacknowledged(answer: &http::Response<Bytes>, expected: &str) -> Self {
        let kind = media_type(answer);
        let kind = match kind.as_str() {
            "" => "without a Content-Type".to_owned(),
            kind => sanitize(kind),
        };
        Self::again(format!(
            "it answered {} ({kind}, {} bytes), and not with {expected}; a proxy may have answered in its place",
            answer.status(),
            answer.body().len()
        ))
    }

    /// The same with the host that answered in the reason.
    pub(crate) fn by(self, host: &str) -> Self {
        let said = |why: String| format!("{host}: {why}");
        match self {
            Self::Accepted => Self::Accepted,
            Self::Partly {
                again,
                refused,
                why,
            } => Self::Partly {
                again,
                refused,
                why: said(why),
            },
            Self::Mostly { refused, why } => Self::Mostly {
                refused,
                why: said(why),
            },
            Self::Again { after, why } => Self::Again {
                after,
                why: said(why),
            },
            Self::Smaller { why } => Self::Smaller { why: said(why) },
            Self::Refused { why } => Self::Refused { why: said(why) },
        }
    }

    /// What a status alone says (RFC 9110, 15). Events count as refused only by a status that can mean nothing else:
    /// whatever else is wrong, such as a secret that is being replaced or an address that was mistyped, is not wrong with
    /// them. No receiver refuses events with a page for people; a proxy does.
    pub(crate) fn by_status(answer: &http::Response<Bytes>) -> Self {
        let status = answer.status();
        let why = format!("it answered {status}");
        if is_about_events(status) && media_type(answer) != "text/html" {
            Self::Refused { why }
        } else {
            Self::unless_accepted(answer, why)
        }
    }

    /// The same for a receiver that does not look at the events.
    pub(crate) fn unless_accepted(answer: &http::Response<Bytes>, why: String) -> Self {
        match answer.status() {
            status if status.is_success() => Self::Accepted,
            StatusCode::PAYLOAD_TOO_LARGE => Self::Smaller { why },
            _ => Self::Again {
                after: retry_after(answer),
                why,
            },
        }
    }

    /// What a receiver says that answers for each event.
    pub(crate) fn of_each(fates: impl Iterator<Item = EventStatus>) -> Self {
        let (mut again, mut refused, mut why) = (Vec::new(), Vec::new(), None);
        for (place, fate) in fates.enumerate() {
            match fate {
                EventStatus::Arrived => {}
                EventStatus::Again(reason) => {
                    again.push(place);
                    why.get_or_insert(reason);
                }
                EventStatus::Refused(reason) => {
                    // What was refused permanently is what an operator must hear of.
                    if refused.is_empty() {
                        why = Some(reason);
                    }
                    refused.push(place);
                }
            }
        }
        match why {
            None => Self::Accepted,
            Some(why) => Self::Partly {
                again,
                refused,
                why,
            },
        }
    }
}

/// The result of delivering one event.
pub(crate) enum EventStatus {
    Arrived,
    Again(String),
    Refused(String),
}

impl EventStatus {
    /// What a status of one event says, as [`BatchStatus::by_status`] of a batch.
    pub(crate) fn by_status(status: u16, why: impl FnOnce() -> String) -> Self {
        match StatusCode::from_u16(status) {
            Ok(status) if status.is_success() => Self::Arrived,
            Ok(status) if is_about_events(status) || status == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::Refused(why())
            }
            _ => Self::Again(why()),
        }
    }
}

/// The body of an answer.
pub(crate) fn read<T: DeserializeOwned>(answer: &http::Response<Bytes>) -> Option<T> {
    serde_json::from_slice(answer.body()).ok()
}

/// The media type of an answer without its parameters (RFC 9110, 8.3.1), in small letters.
pub(crate) fn media_type(answer: &http::Response<Bytes>) -> String {
    let value = answer.headers().get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

fn is_about_events(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
    )
}

/// `Retry-After` in seconds; one with a date counts for nothing, since clocks differ.
fn retry_after(answer: &http::Response<Bytes>) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
