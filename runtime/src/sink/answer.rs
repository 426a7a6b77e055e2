//! What an answer says of the events that it answers.

use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
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

impl Verdict {
    /// It may take the batch later.
    pub(crate) fn again(why: String) -> Self {
        Self::Again { after: None, why }
    }

    /// What a status alone says (RFC 9110, 15). Events count as refused only by a status that can mean nothing else:
    /// whatever else is wrong, such as a secret that is being replaced or an address that was mistyped, is not wrong with
    /// them.
    pub(crate) fn by_status(answer: &http::Response<Bytes>) -> Self {
        let status = answer.status();
        let why = format!("it answered {status}");
        if is_about_events(status) {
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
    pub(crate) fn of_each(fates: impl Iterator<Item = Fate>) -> Self {
        let (mut again, mut refused, mut why) = (Vec::new(), Vec::new(), None);
        for (place, fate) in fates.enumerate() {
            match fate {
                Fate::Arrived => {}
                Fate::Again(reason) => {
                    again.push(place);
                    why.get_or_insert(reason);
                }
                Fate::Refused(reason) => {
                    // What was refused for good is what somebody has to hear of.
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

/// What became of one event.
pub(crate) enum Fate {
    Arrived,
    Again(String),
    Refused(String),
}

impl Fate {
    /// What a status of one event says, as [`Verdict::by_status`] of a batch.
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
