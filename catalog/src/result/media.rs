//! Reads the body of a response by its own `Content-Type`.

use http::{HeaderMap, header};
use serde_json::Value;

/// A body that has been read.
pub(super) enum Decoded {
    Json(Value),
    Text(String),
    /// Bytes with their media type.
    File(MediaKind, String),
}

/// The kinds of media types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaKind {
    Json,
    /// `text/plain`, or no type at all: it may be anything.
    Plain,
    Text,
    Image,
    Audio,
    Other,
}

/// Media types of text that are not `text/…` and have no suffix that tells.
const TEXTS: [&str; 13] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json-seq",
    "application/jsonl",
    "application/ndjson",
    "application/sql",
    "application/toml",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/x-yaml",
    "application/xml",
    "application/yaml",
];
const UNKNOWN: &str = "application/octet-stream";

/// Reads a body. `expects_json`: a body of no certain type is JSON if it can be.
///
/// JSON that is deeper than 128 levels, or is none, is text.
pub(super) fn decode(headers: &HeaderMap, body: &[u8], expects_json: bool) -> Decoded {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (media_type, charset) = parse(content_type);
    let kind = kind(&media_type);
    let is_json = kind == MediaKind::Json || (kind == MediaKind::Plain && expects_json);
    let without_mark = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if is_json && let Ok(value) = serde_json::from_slice(without_mark) {
        return Decoded::Json(value);
    }
    match kind {
        MediaKind::Json | MediaKind::Text => Decoded::Text(text(without_mark, &charset)),
        MediaKind::Plain => match std::str::from_utf8(without_mark) {
            Err(_) if media_type.is_empty() => Decoded::File(MediaKind::Other, UNKNOWN.to_owned()),
            _ => Decoded::Text(text(without_mark, &charset)),
        },
        kind => Decoded::File(kind, media_type),
    }
}

/// The value of a JSON body, of a failure.
pub(super) fn json(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    match decode(headers, body, true) {
        Decoded::Json(value) => Some(value),
        _ => None,
    }
}

/// Reads `Content-Type` (RFC 9110, 8.3): the media type in lower case, and the charset.
fn parse(content_type: &str) -> (String, String) {
    let mut parts = content_type.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_media_type = media_type.split_once('/').is_some_and(|(kind, name)| {
        let is_token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        is_token(kind) && is_token(name)
    });
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    let media_type = if is_media_type {
        media_type
    } else {
        String::new()
    };
    (media_type, charset.unwrap_or_default())
}

fn kind(media_type: &str) -> MediaKind {
    let (family, name) = media_type.split_once('/').unwrap_or_default();
    match (family, name) {
        ("", _) | ("text", "plain") => MediaKind::Plain,
        (_, "json") => MediaKind::Json,
        (_, name) if name.ends_with("+json") => MediaKind::Json,
        ("text", _) => MediaKind::Text,
        (_, name) if name.ends_with("+xml") || name.ends_with("+yaml") => MediaKind::Text,
        _ if TEXTS.contains(&media_type) => MediaKind::Text,
        ("image", _) => MediaKind::Image,
        ("audio", _) => MediaKind::Audio,
        _ => MediaKind::Other,
    }
}

/// Text in a charset. Others than UTF-8 and Latin-1 are rare; what is not of theirs becomes U+FFFD.
fn text(bytes: &[u8], charset: &str) -> String {
    match charset {
        "iso-8859-1" | "latin1" | "us-ascii" => {
            bytes.iter().map(|byte| char::from(*byte)).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_have_kinds() {
        for (content_type, expected) in [
            ("application/json", MediaKind::Json),
            ("Application/Problem+JSON; charset=utf-8", MediaKind::Json),
            ("text/json", MediaKind::Json),
            ("application/vnd.api+json;version=1", MediaKind::Json),
            ("text/plain", MediaKind::Plain),
            ("", MediaKind::Plain),
            ("nonsense", MediaKind::Plain),
            ("a/b c", MediaKind::Plain),
            ("text/html", MediaKind::Text),
            ("application/xml", MediaKind::Text),
            ("image/svg+xml", MediaKind::Text),
            ("application/x-ndjson", MediaKind::Text),
            ("image/png", MediaKind::Image),
            ("audio/ogg", MediaKind::Audio),
            ("application/pdf", MediaKind::Other),
            ("video/mp4", MediaKind::Other),
        ] {
            assert_eq!(kind(&parse(content_type).0), expected, "{content_type}");
        }
        assert_eq!(
            parse("text/csv; a=b; Charset=\"ISO-8859-1\"").1,
            "iso-8859-1"
        );
        assert_eq!(text(b"\xe9", "iso-8859-1"), "é");
        assert_eq!(text(b"\xe9", ""), "\u{fffd}");
    }
}
