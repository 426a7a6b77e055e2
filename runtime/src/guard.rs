//! Whether an HTTP request may be here at all, before anybody asks what is in it.

mod accept;
mod address;
mod cors;
mod names;

pub(crate) use address::address;
pub(crate) use cors::{allow, preflight};
pub(crate) use names::{host, origin};

use http::request::Parts;
use serde_json::Value;

use crate::config::Limits;
use crate::http::{BodyError, Incoming};
use crate::refusal::Refusal;
use crate::wire::json;

/// A request to the endpoint whose outside is in order: its media types fit, and its body is JSON of
/// acceptable size and depth.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) head: Parts,
    pub(crate) body: Value,
    pub(crate) size: usize,
}

pub(crate) async fn admit(
    head: Parts,
    body: Incoming,
    limits: &Limits,
) -> Result<Admitted, Refusal> {
    accept::check(&head.headers)?;
    let bytes = body
        .collect(limits.body_bytes)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge => Refusal::BodyTooLarge {
                limit: limits.body_bytes,
            },
            BodyError::Interrupted => Refusal::BodyInterrupted,
        })?;
    let body = json::parse(&bytes, limits.json_depth)?;
    Ok(Admitted {
        head,
        body,
        size: bytes.len(),
    })
}
