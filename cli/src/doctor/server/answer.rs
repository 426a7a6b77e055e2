//! What a server answers to one request.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value as Json;

use crate::style::shown;

/// An answer. Nowhere in it stands the access token.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The whole body; of a stream of events, the first that answers.
    pub(crate) body: String,
    /// When its head was here.
    pub(crate) at: SystemTime,
    /// Whether the access token was in it.
    pub(crate) repeats_token: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers
            .get(name.into())
            .and_then(|value| value.to_str().ok())
    }

    /// The media type without its parameters, in lower case; empty where there is none.
    pub(crate) fn media_type(&self) -> String {
        let stated = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let kind = stated.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    pub(crate) fn json(&self) -> Option<Json> {
        serde_json::from_str(&self.body).ok()
    }

    /// The `result` of the JSON-RPC message.
    pub(crate) fn result(&self) -> Option<Json> {
        self.json()?.get_mut("result").map(Json::take)
    }

    /// The code of the JSON-RPC error.
    pub(crate) fn code(&self) -> Option<i64> {
        self.json()?.pointer("/error/code")?.as_i64()
    }

    /// The sentence of the JSON-RPC error, to follow the status; empty where there is none.
    pub(crate) fn sentence(&self) -> String {
        let answer = self.json();
        let message = answer
            .as_ref()
            .and_then(|answer| answer.pointer("/error/message"));
        let message = message.and_then(Json::as_str).map(shown);
        message.map_or_else(String::new, |message| format!(": {message}"))
    }

    /// Whether pages of every origin may read it.
    pub(crate) fn is_for_every_origin(&self) -> bool {
        self.header(header::ACCESS_CONTROL_ALLOW_ORIGIN) == Some("*")
    }

    /// Whether the lists in the headers called `name` have `item`, in any case.
    pub(crate) fn lists(&self, name: &HeaderName, item: &str) -> bool {
        self.headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|listed| listed.trim().eq_ignore_ascii_case(item))
    }

    /// Its status and, where that says too little, where it leads or which error of the protocol it is.
    pub(crate) fn described(&self) -> String {
        let status = self.status.to_string();
        let status = status.trim_end_matches(" <unknown status code>");
        match (self.header(header::LOCATION), self.code()) {
            (Some(place), _) if self.status.is_redirection() => {
                format!("{status}, to {}", shown(place))
            }
            (_, Some(code))
                if matches!(
                    self.status,
                    StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND
                ) =>
            {
                format!("{status} with the error {code}")
            }
            _ => status.to_owned(),
        }
    }
}
