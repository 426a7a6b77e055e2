//! Where the document is.

use std::cell::RefCell;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Request, StatusCode};

use super::document::MAX_BYTES;
use crate::config::LivePolicyError;
use crate::host::{DocumentPlace, FetchOptions, Host, fetch};
use crate::url::is_secure_url;

/// The maximum time of a request for the document.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where a live policy is, as `live.source` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LivePolicyPlace<'a> {
    /// At a URL.
    Url(&'a str),
    /// At a place that the host has.
    Host(DocumentPlace<'a>),
}

impl<'a> LivePolicyPlace<'a> {
    /// The place that a text names; `None` if it is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let pair = |text: &'a str| {
            let (name, key) = text.split_once('/')?;
            (!name.is_empty() && !key.is_empty()).then_some((name, key))
        };
        let place = match text.split_once(':')? {
            ("https" | "http", _) => return Some(Self::Url(text)),
            ("file", path) if path.starts_with('/') => DocumentPlace::File { path },
            ("kv", rest) => {
                let (store, key) = pair(rest)?;
                DocumentPlace::KeyValue { store, key }
            }
            ("r2", rest) => {
                let (bucket, key) = pair(rest)?;
                DocumentPlace::Object { bucket, key }
            }
            _ => return None,
        };
        Some(Self::Host(place))
    }
}

/// A place with what it last said of itself.
#[derive(Debug)]
pub(super) struct Source {
    text: String,
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
    /// The place that `text` names, which is asked with `token`.
    pub(super) fn new(text: String, token: Option<HeaderValue>) -> Result<Self, LivePolicyError> {
        let source = Self {
            text,
            token,
            etag: RefCell::default(),
        };
        match source.place()? {
            LivePolicyPlace::Url(url) if !is_secure_url(url) => Err(LivePolicyError(format!(
                "{url} must begin with https://, except on this machine"
            ))),
            _ => Ok(source),
        }
    }

    fn place(&self) -> Result<LivePolicyPlace<'_>, LivePolicyError> {
        LivePolicyPlace::parse(&self.text).ok_or_else(|| {
            LivePolicyError(
                "must be an https URL, `file:` with an absolute path, `kv:BINDING/KEY` or `r2:BINDING/KEY`"
                    .to_owned(),
            )
        })
    }

    /// The document at the place now.
    pub(super) async fn read(&self, host: &dyn Host) -> Result<Found, LivePolicyError> {
        let place = match self.place()? {
            LivePolicyPlace::Url(url) => return self.fetch(url, host).await,
            LivePolicyPlace::Host(place) => place,
        };
        let read = host.document(place, MAX_BYTES).await;
        let document = read.map_err(|error| LivePolicyError(error.to_string()))?;
        Ok(document.map_or(Found::Nothing, |bytes| Found::Document(bytes, None)))
    }

    /// Remembers that a document was accepted, so that it need not be sent again.
    pub(super) fn accepted(&self, etag: Option<HeaderValue>) {
        self.etag.replace(etag);
    }

    async fn fetch(&self, url: &str, host: &dyn Host) -> Result<Found, LivePolicyError> {
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
        for (text, place) in [
            (
                "https://policy.example.com/live",
                LivePolicyPlace::Url("https://policy.example.com/live"),
            ),
            (
                "file:/etc/live.jws",
                LivePolicyPlace::Host(DocumentPlace::File {
                    path: "/etc/live.jws",
                }),
            ),
            (
                "kv:POLICY/bank/live",
                LivePolicyPlace::Host(DocumentPlace::KeyValue {
                    store: "POLICY",
                    key: "bank/live",
                }),
            ),
            (
                "r2:POLICY/live",
                LivePolicyPlace::Host(DocumentPlace::Object {
                    bucket: "POLICY",
                    key: "live",
                }),
            ),
        ] {
            assert_eq!(LivePolicyPlace::parse(text), Some(place), "{text}");
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
            assert_eq!(LivePolicyPlace::parse(text), None, "{text}");
        }
    }
}
