//! The HTTP request that an operation and arguments make.
//!
//! A request starts empty and has only what the operation declares. Arguments are values in it and never its structure: a value
//! that a server could read as more than one is rejected, not repaired, because encoding does not protect it. Parsers of URLs
//! remove `%2e%2e` as they do `..` (WHATWG URL, 4.1), and servers decode before they route.

mod base;
mod body;
mod credential;
mod error;
mod headers;
mod multipart;
mod names;
mod path;
mod percent;
mod redirect;
mod secrets;
mod style;
mod target;
#[cfg(test)]
mod tests;
mod value;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use serde_json::{Map, Value};

pub use self::base::{BaseUrl, BaseUrlError};
pub use self::credential::{Credential, CredentialError, check_reserved};
pub use self::error::ArgumentError;
pub use self::headers::is_forbidden_header;
pub use self::percent::encode;
pub use self::redirect::redirected;
pub use self::secrets::{HIDDEN, Secrets};
use self::style::Place;
use self::value::Given;
use crate::{BodyContent, BodyForm, Location, Method, Operation};

/// The maximum length of a URL, in bytes.
pub const MAX_URL_BYTES: usize = 16 * 1024;
/// The maximum length of all header fields that arguments make, in bytes.
pub const MAX_HEADERS_BYTES: usize = 16 * 1024;
/// The maximum length of a body, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// The maximum length of a value in the path, in bytes.
pub const MAX_PATH_VALUE_BYTES: usize = 1024;
/// The maximum depth of a value in `deepObject` style.
pub const MAX_DEEP_OBJECT_DEPTH: usize = 8;

/// Makes the request of a call: method, URL, headers and body, without credentials.
///
/// The arguments fit the operation's schemas. `boundary` is random, and separates the parts of a multipart body. A `null` counts
/// as no value, except in JSON.
///
/// # Errors
///
/// An argument is missing, or has a value that the request cannot carry; or the operation is one that no request can be made of.
pub fn build(
    operation: &Operation,
    base: &BaseUrl,
    arguments: &Map<String, Value>,
    boundary: [u8; 16],
) -> Result<Request<Bytes>, ArgumentError> {
    check(operation)?;
    let given = Given { arguments };
    let url = target::url(operation, base, given)?;
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method(operation.method);
    *request.uri_mut() = url;
    let headers = request.headers_mut();
    if !operation.accept.is_empty() {
        headers.insert(header::ACCEPT, constant(&operation.accept)?);
    }
    headers::write(operation, given, headers)?;
    if let Some(content) = body::write(operation, given, boundary)? {
        if content.bytes.len() > MAX_BODY_BYTES {
            return Err(ArgumentError::TooLarge {
                part: "body",
                limit: MAX_BODY_BYTES,
            });
        }
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, constant(&content.media_type)?);
        *request.body_mut() = content.bytes.into();
    }
    Ok(request)
}

/// Checks that every value has a style that its place has.
fn check(operation: &Operation) -> Result<(), ArgumentError> {
    let parameters = operation.parameters.iter();
    let places = parameters.map(|parameter| (parameter.location, parameter.encoding));
    let members = operation.body.iter().flat_map(|body| match &body.content {
        BodyContent::Members { members, form } if *form != BodyForm::Json => members.as_slice(),
        _ => &[],
    });
    let places = places.chain(members.map(|member| (Location::Query, member.encoding)));
    for (location, encoding) in places {
        if !style::has_style(location, encoding) {
            return Err(ArgumentError::Operation(
                "a parameter has a style that is not one of its place",
            ));
        }
    }
    Ok(())
}

/// A part of a URL without its percent-encoding (RFC 3986, 2.1). What is no UTF-8 is replaced.
pub fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent::decode(text.as_bytes())).into_owned()
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
        Method::Options => http::Method::OPTIONS,
        Method::Trace => http::Method::TRACE,
    }
}

/// A header's value from the catalog.
fn constant(text: &str) -> Result<HeaderValue, ArgumentError> {
    HeaderValue::from_str(text)
        .map_err(|_| ArgumentError::Operation("a media type is not a valid header value"))
}

/// The parameters at a place that have a value, as they are written.
fn written(
    operation: &Operation,
    location: Location,
    place: Place<'_>,
    given: Given<'_>,
) -> Result<Vec<String>, ArgumentError> {
    let mut written = Vec::new();
    for parameter in &operation.parameters {
        if parameter.location != location {
            continue;
        }
        let Some(value) = given.value(&parameter.source)? else {
            continue;
        };
        let text = style::write(&parameter.name, parameter.encoding, place, value)
            .map_err(|rule| error::broken(&parameter.source, &parameter.name, rule))?;
        written.extend(text);
    }
    Ok(written)
}
