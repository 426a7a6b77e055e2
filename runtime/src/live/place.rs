//! Where the document is.

use std::cell::RefCell;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Request, StatusCode};

use super::document::MAX_BYTES;
use crate::config::LivePolicyError;
use crate::host::{DocumentPlace, FetchOptions, Host, fetch};

/// The maximum time of a request for the document.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Url(String),
    File(String),
    KeyValue { store: String, key: String },
    Object { bucket: String, key: String },
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, LivePolicyError> {
        let pair = |text: &str| {
            let (name, key) = text.split_once('/')?;
            let is_named = !name.is_empty() && !key.is_empty();
            is_named.then(|| (name.to_owned(), key.to_owned()))
        };
        let place = match text.split_once(':') {
            Some(("https" | "http", _)) => Some(Self::Url(text.to_owned())),
            Some(("file", path)) if path.starts_with('/') => Some(Self::File(path.to_owned())),
            Some(("kv", rest)) => pair(rest).map(|(store, key)| Self::KeyValue { store, key }),
            Some(("r2", rest)) => pair(rest).map(|(bucket, key)| Self::Object { bucket, key }),
            _ => None,
        };
        place.ok_or_else(|| {
            LivePolicyError(
                "must be an https URL, `file:` with an absolute path, `kv:BINDING/KEY` or `r2:BINDING/KEY`"
                    .to_owned(),
            )
        })
    }

    fn of_host(&self) -> Option<DocumentPlace<'_>> {
        match self {
            Self::Url(_) => None,
            Self::File(path) => Some(DocumentPlace::File { path }),
            Self::KeyValue { store, key } => Some(DocumentPlace::KeyValue { store, key }),
            Self::Object { bucket, key } => Some(DocumentPlace::Object { bucket, key }),
        }
    }
}

/// A place with what it last said of itself.
#[derive(Debug)]
pub(super) struct Source {
    place: Place,
    token: Option<HeaderValue>,
    etag: RefCell<Option<HeaderValue>>,
}

/// What is at a place.
pub(super) enum Found {
    Document(Bytes, Option<HeaderValue>),
    Unchanged,
    Nothing,
}

impl Source {
    pub(super) fn new(place: Place, token: Option<HeaderValue>) -> Self {
        Self {
            place,
            token,
            etag: RefCell::default(),
        }
    }

    /// The document at the place now.
    pub(super) async fn read(&self, host: &dyn Host) -> Result<Found, LivePolicyError> {
        let Some(place) = self.place.of_host() else {
            return self.fetch(host).await;
        };
        let read = host.document(place, MAX_BYTES).await;
        let document = read.map_err(|error| LivePolicyError(error.to_string()))?;
        Ok(document.map_or(Found::Nothing, |bytes| Found::Document(bytes, None)))
    }

    /// Remembers that a document was accepted, so that it need not be sent again.
    pub(super) fn accepted(&self, etag: Option<HeaderValue>) {
        self.etag.replace(etag);
    }

    async fn fetch(&self, host: &dyn Host) -> Result<Found, LivePolicyError> {
        let Place::Url(url) = &self.place else {
            return Ok(Found::Nothing);
        };
        let unusable = |why: &dyn std::fmt::Display| LivePolicyError(why.to_string());
        let mut request = Request::get(url);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        if let Some(etag) = &*self.etag.borrow() {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let request = request
            .body(Bytes::new())
            .map_err(|error| unusable(&error))?;
        let options = FetchOptions {
            timeout: Some(TIMEOUT),
            ..FetchOptions::new(MAX_BYTES)
        };
        let response = fetch(host, request, options)
            .await
            .map_err(|error| unusable(&error))?;
        match response.status() {
            StatusCode::OK => {
                let etag = response.headers().get(ETAG).cloned();
                Ok(Found::Document(response.into_body(), etag))
            }
            StatusCode::NOT_MODIFIED => Ok(Found::Unchanged),
            StatusCode::NOT_FOUND => Ok(Found::Nothing),
            status => Err(unusable(&format_args!(
                "the place of the live policy answered with status {}",
                status.as_u16()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_url_a_file_or_an_entry_of_a_binding() {
        let key_value = Place::KeyValue {
            store: "POLICY".to_owned(),
            key: "bank/live".to_owned(),
        };
        for (text, place) in [
            (
                "https://policy.example.com/live",
                Place::Url("https://policy.example.com/live".to_owned()),
            ),
            (
                "file:/etc/live.jws",
                Place::File("/etc/live.jws".to_owned()),
            ),
            ("kv:POLICY/bank/live", key_value),
            (
                "r2:POLICY/live",
                Place::Object {
                    bucket: "POLICY".to_owned(),
                    key: "live".to_owned(),
                },
            ),
        ] {
            assert_eq!(Place::parse(text), Ok(place), "{text}");
        }
        for text in [
            "",
            "live.jws",
            "file:live.jws",
            "kv:POLICY",
            "kv:/live",
            "r2:POLICY/",
            "ftp://example.com/live",
        ] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }
}
