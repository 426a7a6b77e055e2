//! The URL of a request.

use http::Uri;

use super::style::{self, Place};
use super::value::Given;
use super::{ArgumentError, BaseUrl, MAX_URL_BYTES, error, path, percent, written};
use crate::{Location, Operation, PathPiece};

/// Makes the URL, and checks that it is one of the operation.
pub(super) fn url(
    operation: &Operation,
    base: &BaseUrl,
    given: Given<'_>,
) -> Result<Uri, ArgumentError> {
    let mut segments = Vec::new();
    for pieces in &operation.path {
        segments.push(segment(operation, pieces, given)?);
    }
    let mut url = base.as_str().to_owned();
    for segment in &segments {
        url.push('/');
        url.push_str(segment);
    }
    if segments.is_empty() && base.path().is_empty() {
        url.push('/');
    }
    let query = query(operation, given)?;
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query);
    }
    if url.len() > MAX_URL_BYTES {
        return Err(ArgumentError::TooLarge {
            part: "URL",
            limit: MAX_URL_BYTES,
        });
    }
    check(&url, base, &segments, query.is_empty()).ok_or(ArgumentError::Target)
}

/// Writes a segment. It has a `/` only if a parameter may have one.
fn segment(
    operation: &Operation,
    pieces: &[PathPiece],
    given: Given<'_>,
) -> Result<String, ArgumentError> {
    let mut segment = String::new();
    for piece in pieces {
        match piece {
            PathPiece::Literal(text) => {
                if !is_path_text(text) {
                    return Err(ArgumentError::Operation(
                        "its path has a character that must be percent-encoded",
                    ));
                }
                segment.push_str(text);
            }
            PathPiece::Parameter(index) => {
                let parameter = operation
                    .parameters
                    .get(*index)
                    .filter(|parameter| parameter.location == Location::Path)
                    .ok_or(ArgumentError::Operation(
                        "its path has a parameter that is not declared",
                    ))?;
                let taken = names_at(operation, Location::Path);
                let place = Place::Path {
                    allow_slash: parameter.allow_slash,
                    taken: &taken,
                };
                let value = given.value(&parameter.source)?;
                let text = match value {
                    Some(value) => style::write(&parameter.name, parameter.encoding, place, value),
                    None => Ok(None),
                };
                let text = text.and_then(|text| text.ok_or("must not be empty"));
                let text =
                    text.map_err(|rule| error::broken(&parameter.source, &parameter.name, rule))?;
                segment.push_str(&text);
            }
        }
    }
    Ok(segment)
}

fn is_path_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|byte| byte == b'%' || percent::is_path_character(byte)) && percent::is_encoded(text)
}

/// The names of all parameters at a place, those without a value as well.
fn names_at(operation: &Operation, location: Location) -> Vec<&str> {
    let parameters = operation.parameters.iter();
    let parameters = parameters.filter(|parameter| parameter.location == location);
    parameters
        .map(|parameter| parameter.name.as_str())
        .collect()
}

fn query(operation: &Operation, given: Given<'_>) -> Result<String, ArgumentError> {
    let fixed = operation.fixed_query.iter();
    let mut taken = names_at(operation, Location::Query);
    taken.extend(fixed.clone().map(|(name, _)| name.as_str()));
    let fixed = fixed.map(|(name, value)| {
        let name = percent::encode(name);
        if value.is_empty() {
            name
        } else {
            format!("{name}={}", percent::encode(value))
        }
    });
    let mut query: Vec<_> = fixed.collect();
    let place = Place::Query { taken: &taken };
    query.extend(written(operation, Location::Query, place, given)?);
    Ok(query.join("&"))
}

/// Reads the URL again, and compares it with what was meant: scheme, host, port, the base's path and the number of segments, none
/// of which any parser or server removes.
fn check(url: &str, base: &BaseUrl, segments: &[String], has_no_query: bool) -> Option<Uri> {
    let is_text = url.bytes().all(|byte| {
        percent::is_path_character(byte) || matches!(byte, b'/' | b'?' | b'%' | b'[' | b']')
    });
    let uri: Uri = url.parse().ok()?;
    let path = uri.path();
    let meant = segments
        .iter()
        .map(|segment| segment.split('/').count())
        .fold(
            base.path().split('/').skip(1).count(),
            usize::saturating_add,
        )
        // The path of a host alone is one empty segment.
        .max(1);
    let mut found = path.split('/').skip(1);
    let is_same = is_text
        && percent::is_encoded(url)
        && uri.scheme_str() == Some(base.scheme())
        && uri.host() == Some(base.host())
        && uri.port_u16() == base.port()
        && !uri.authority()?.as_str().contains('@')
        && uri.query().is_none() == has_no_query
        && path
            .strip_prefix(base.path())?
            .get(..1)
            .is_none_or(|next| next == "/")
        && found.clone().count() == meant
        && found.all(|segment| is_one_segment(segment.as_bytes()));
    is_same.then_some(uri)
}

/// Whether a segment of a built path is one segment for every server, also for one that decodes it more often than it should.
/// Values were checked each alone, and two of them can stand side by side.
fn is_one_segment(segment: &[u8]) -> bool {
    let mut segment = segment.to_vec();
    for round in 0..MAX_DECODED {
        if path::is_dot_segment(&segment) {
            return false;
        }
        let decoded = percent::decode(&segment);
        // In the first round it is what the values were; what they were checked for is not repeated.
        let is_changed = decoded
            .iter()
            .any(|byte| b"/\\?#".contains(byte) || byte.is_ascii_control());
        if round > 0 && is_changed {
            return false;
        }
        segment = decoded;
    }
    true
}

/// How often a segment is decoded for the check.
const MAX_DECODED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_side_by_side_do_not_become_another_segment() {
        for segment in [
            "%252e%252e",
            "%252fadmin",
            "a%255cb",
            "%25252e",
            "..",
            "%2e",
        ] {
            assert!(!is_one_segment(segment.as_bytes()), "{segment}");
        }
        for segment in ["a", "a%20b", "100%25", "a%3Bb", "%25zz"] {
            assert!(is_one_segment(segment.as_bytes()), "{segment}");
        }
    }

    /// The second line of defence: what the first would have to let through.
    #[test]
    fn a_url_that_is_not_the_one_of_the_operation_is_rejected() {
        let base = BaseUrl::parse("https://api.example.com/v1").unwrap();
        let segments = ["a".to_owned(), "b/c".to_owned()];
        let is_accepted =
            |url: &str, has_no_query| check(url, &base, &segments, has_no_query).is_some();
        assert!(is_accepted("https://api.example.com/v1/a/b/c", true));
        assert!(is_accepted("https://api.example.com/v1/x/y/z?q=/?", false));
        for url in [
            "http://api.example.com/v1/a/b/c",
            "https://api.example.com:8443/v1/a/b/c",
            "https://user@api.example.com/v1/a/b/c",
            "https://api.example.com.evil.example/v1/a/b/c",
            "https://evil.example/v1/a/b/c",
            "https://api.example.com/v2/a/b/c",
            "https://api.example.com/v1x/a/b/c",
            "https://api.example.com/v1/a/b",
            "https://api.example.com/v1/a/b/c/",
            "https://api.example.com/v1/a/b/../c",
            "https://api.example.com/v1/a/../c",
            "https://api.example.com/v1/a/%2e%2E/c",
            "https://api.example.com/v1/a/.%2e/c",
            "https://api.example.com/v1/a/./c",
            "https://api.example.com/v1/a/..;x/c",
            "https://api.example.com/v1/a/..%3bx/c",
            "https://api.example.com/v1/a/b\\c",
            "https://api.example.com/v1/a/b\tc/d",
            "https://api.example.com/v1/a/b/c#d",
            "https://api.example.com/v1/a/b/c?d",
            "https://api.example.com/v1/a/b/%",
            "https://api.example.com/v1/a/b/\u{e9}",
        ] {
            assert!(!is_accepted(url, true), "{url}");
        }
        assert!(!is_accepted("https://api.example.com/v1/a/b/c", false));
        assert!(!is_accepted("https://api.example.com/v1/a/b/c?q#f", false));
    }
}
