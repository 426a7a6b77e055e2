//! Clients, and where their users are sent.
//!
//! A client whose id is a URL describes itself in a document there (OAuth Client ID Metadata Document). Every other id is a name
//! that anyone may use, registered (RFC 7591) or not, and leads to this machine alone: what listens on a loopback address may
//! register anyway, so a list of registrations would protect nothing, and would forget clients when the program restarts.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use url::{Host, Url};

use super::Refused;
use super::answer::Answer;
use crate::http_error::RequestFailure;
use crate::local_host;

const MAX_ID_BYTES: usize = 500;
const MAX_NAME_BYTES: usize = 100;
const MAX_REDIRECT_BYTES: usize = 2000;
const MAX_REDIRECTS: usize = 20;
/// As the draft recommends.
const MAX_DOCUMENT_BYTES: usize = 5 << 10;
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Fetches the document at a URL of the public internet.
pub(super) type Documents = Box<dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync>;

/// A client that asks for a sign-in.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: String,
    /// As the client sent it.
    pub(super) redirect_uri: String,
    /// As a browser reads it.
    pub(super) redirect: Url,
    /// What the user must know about it.
    pub(super) warning: Option<String>,
}

#[derive(Deserialize)]
struct Registration {
    client_id: Option<String>,
    client_name: Option<String>,
    redirect_uris: Vec<String>,
}

impl Client {
    /// The client `id`, if its users may be sent to `redirect_uri`.
    pub(super) fn find(
        id: &str,
        redirect_uri: &str,
        documents: &Documents,
    ) -> Result<Self, Refused> {
        let redirect = redirect(redirect_uri).ok_or_else(|| {
            Refused::request("redirect_uri must be an https URL, or an http URL of this machine, without a fragment")
        })?;
        let warning = if id.starts_with("https://") {
            check_document(id, redirect_uri, &redirect, documents)?
        } else if !is_name(id) {
            return Err(Refused::request(
                "client_id must be the URL of a client id metadata document, or a name of letters, digits, '.', '_' and '-'",
            ));
        } else if !is_loopback(&redirect) {
            return Err(Refused::request(
                "a client without a client id metadata document can only be on this machine: redirect_uri must begin with http://127.0.0.1, http://[::1] or http://localhost",
            ));
        } else {
            None
        };
        Ok(Self {
            id: id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            redirect,
            warning,
        })
    }
}

/// Whether the document of the client `id` has the redirect URI. A client on this machine may be used without the internet.
fn check_document(
    id: &str,
    redirect_uri: &str,
    redirect: &Url,
    documents: &Documents,
) -> Result<Option<String>, Refused> {
    let url = Url::parse(id).ok().filter(|url| {
        // No other spelling, so no segments of dots.
        id.len() <= MAX_ID_BYTES
            && url.as_str() == id
            && url.path() != "/"
            && url.fragment().is_none()
            && !has_user(url)
    });
    if url.is_none() {
        return Err(Refused::request(
            "client_id is not a URL that a client id metadata document can have",
        ));
    }
    let document = match documents(id) {
        Ok(document) => document,
        Err(why) if is_loopback(redirect) => {
            return Ok(Some(format!(
                "The document of this client was not checked: {why}"
            )));
        }
        Err(why) => {
            return Err(Refused::request(&format!(
                "the client id metadata document at {id} cannot be fetched: {why}"
            )));
        }
    };
    let document: Registration = serde_json::from_slice(&document).map_err(|error| {
        Refused::request(&format!(
            "the client id metadata document at {id} is not valid: {error}"
        ))
    })?;
    if document.client_id.as_deref() != Some(id) {
        return Err(Refused::request(&format!(
            "the client id metadata document at {id} has another client_id"
        )));
    }
    let is_listed = document.redirect_uris.iter().any(|listed| {
        listed == redirect_uri
            || without_port(listed).is_some_and(|listed| without_port(redirect_uri) == Some(listed))
    });
    match is_listed {
        true => Ok(None),
        false => Err(Refused::request(&format!(
            "redirect_uri is not in the client id metadata document at {id}"
        ))),
    }
}

/// Registers a client (RFC 7591), as far as its users are sent to this machine.
pub(super) fn register(body: &Bytes) -> Answer {
    let refused = |error, description: &str| Refused::new(error, description).json();
    let registration: Registration = match serde_json::from_slice(body) {
        Ok(registration) => registration,
        Err(error) => return refused("invalid_client_metadata", &error.to_string()),
    };
    let uris = registration.redirect_uris.into_iter().take(MAX_REDIRECTS);
    let uris: Vec<_> = uris
        .filter(|uri| redirect(uri).is_some_and(|url| is_loopback(&url)))
        .collect();
    if uris.is_empty() {
        return refused(
            "invalid_redirect_uri",
            "one of redirect_uris must begin with http://127.0.0.1, http://[::1] or http://localhost",
        );
    }
    let name = registration.client_name.unwrap_or_default();
    let client = json!({
        "client_id": name_of(&name),
        "client_name": name,
        "redirect_uris": uris,
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    Answer::json(StatusCode::CREATED, &client)
}

/// `name` as a client id.
fn name_of(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let id: String = words
        .join("-")
        .to_ascii_lowercase()
        .chars()
        .take(MAX_NAME_BYTES)
        .collect();
    match id.is_empty() {
        true => "client".to_owned(),
        false => id,
    }
}

pub(super) fn is_name(id: &str) -> bool {
    let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_NAME_BYTES).contains(&id.len()) && id.bytes().all(is_character)
}

/// A redirect URI that a user may be sent to at all.
fn redirect(uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte);
    // Browsers take a backslash for a slash, and leave out line breaks.
    let is_character = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_usable = uri.len() <= MAX_REDIRECT_BYTES
        && uri.bytes().all(is_character)
        && (url.scheme() == "https" || is_loopback(&url))
        && url.fragment().is_none()
        && !has_user(&url)
        && url.host_str().is_some_and(|host| host.bytes().all(is_host));
    is_usable.then_some(url)
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// A redirect URI of this machine without its port, which a client takes as it is free (RFC 8252, 7.3).
fn without_port(uri: &str) -> Option<Url> {
    let mut url = redirect(uri).filter(is_loopback)?;
    url.set_port(None).ok()?;
    Some(url)
}

/// Fetches a document from the public internet.
pub(super) fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let why = |failure: RequestFailure| failure.why;
    let answer = local_host::public_agent(FETCH_TIMEOUT).get(url).call();
    let answer = answer.map_err(|error| why(RequestFailure::because_of(&error)))?;
    if answer.status() != StatusCode::OK {
        return Err(format!("its host answers with {}", answer.status()));
    }
    let document = local_host::whole(answer.into_body(), MAX_DOCUMENT_BYTES).map_err(why)?;
    document.ok_or_else(|| format!("it is longer than {MAX_DOCUMENT_BYTES} bytes"))
}
