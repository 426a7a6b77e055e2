//! Whether an HTTP request may be here at all, before anybody asks what is in it.

mod client_address;
mod content_negotiation;
mod cors;
mod host_origin;

pub(crate) use client_address::address;
pub(crate) use cors::{ENDPOINT_METHODS, READ_METHODS, allow, preflight};
pub(crate) use host_origin::{host, origin};

use http::request::Parts;

use crate::config::Limits;
use crate::host::{ConcurrencyPermit, Host};
use crate::http::{BodyError, Incoming};
use crate::jsonrpc::strict::{self, Bounds, Parsed};
use crate::refusal::Refusal;

/// A request to the endpoint whose outside is in order: its media types fit, and its body is JSON of
/// acceptable size and depth.
pub(crate) struct Admitted {
    pub(crate) head: Parts,
    pub(crate) body: Parsed,
    pub(crate) size: usize,
    /// Its place among the requests that are served at once; held until it has been answered.
    pub(crate) place: ConcurrencyPermit,
}

/// The maximum length of a request's target, in bytes. Servers should support at least that many (RFC 9110, 4.1).
const MAX_TARGET: usize = 8_000;

/// Checks the length of the request's target.
pub(crate) fn target(head: &Parts) -> Result<(), Refusal> {
    let target = head.uri.path_and_query();
    match target.is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        true => Err(Refusal::UriTooLong),
        false => Ok(()),
    }
}

pub(crate) async fn admit(
    head: Parts,
    body: Incoming,
    limits: &Limits,
    host: &dyn Host,
) -> Result<Admitted, Refusal> {
    content_negotiation::check(&head.headers)?;
    let bytes = body
        .collect(limits.body_bytes)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge => Refusal::BodyTooLarge {
                limit: limits.body_bytes,
            },
            BodyError::Interrupted => Refusal::IncompleteBody,
            BodyError::TimedOut => Refusal::BodyTimeout,
        })?;
    // Only now: a client that sends its body slowly takes no place from another.
    let place = host
        .acquire_permit(limits.in_flight)
        .ok_or(Refusal::Overloaded)?;
    let bounds = Bounds {
        depth: limits.json_depth,
        values: limits.json_values,
    };
    let body = strict::parse(&bytes, bounds).map_err(|error| match error.is_data() {
        true => Refusal::InvalidRequest {
            why: error.to_string(),
        },
        false => Refusal::ParseError {
            at: error.to_string(),
        },
    })?;
    Ok(Admitted {
        head,
        body,
        size: bytes.len(),
        place,
    })
}
