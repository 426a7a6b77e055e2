//! Media types and content codings (RFC 9110, 12.5.1, 8.3 and 8.4; 2026-07-28, basic/transports).

use http::{HeaderMap, HeaderName, header};

use crate::refusal::Refusal;

/// Checks what the client takes, and then what it sends.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    let accepts = |kind, subtype| {
        let mut stated = headers.get_all(header::ACCEPT).iter().peekable();
        // Without the header anything is acceptable.
        stated.peek().is_none()
            || stated
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .filter_map(|range| matches(range, kind, subtype))
                .max()
                .is_some_and(|(_, wanted)| wanted)
    };
    if !accepts("application", "json") || !accepts("text", "event-stream") {
        return Err(Refusal::NotAcceptable);
    }
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    if !declared.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(Refusal::UnsupportedMediaType);
    }
    if is_coded(headers) {
        return Err(Refusal::UnsupportedContentEncoding);
    }
    if !codings(headers, header::TRANSFER_ENCODING)
        .all(|coding| coding.eq_ignore_ascii_case(b"chunked"))
    {
        return Err(Refusal::UnsupportedTransferEncoding);
    }
    Ok(())
}

/// The codings that every line of a header lists.
fn codings(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(name).into_iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty())
}

/// Whether the body has any content coding. `identity` is none.
fn is_coded(headers: &HeaderMap) -> bool {
    codings(headers, header::CONTENT_ENCODING)
        .any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

/// How precisely a media range names this type, and whether it wants it (`q` is not 0).
fn matches(range: &str, kind: &str, subtype: &str) -> Option<(u8, bool)> {
    let mut parts = range.split(';').map(str::trim);
    let (range_kind, range_subtype) = parts.next()?.split_once('/')?;
    let precision = match (range_kind, range_subtype) {
        ("*", "*") => 0,
        (stated, "*") if stated.eq_ignore_ascii_case(kind) => 1,
        (stated, sub) if stated.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype) => {
            2
        }
        _ => return None,
    };
    let unwanted = parts
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("q")
                && value
                    .trim()
                    .parse::<f32>()
                    .is_ok_and(|quality| quality <= 0.0)
        });
    Some((precision, !unwanted))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check_with(accept: Option<&str>, content: Option<&str>) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::ACCEPT, accept), (header::CONTENT_TYPE, content)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        check(&headers)
    }

    #[test]
    fn both_answers_must_be_acceptable() {
        let json = Some("application/json");
        for accept in [
            None,
            Some("*/*"),
            Some("application/json, text/event-stream"),
            Some("Application/JSON;q=0.5 , text/*"),
        ] {
            assert_eq!(check_with(accept, json), Ok(()), "{accept:?}");
        }
        for accept in [
            "application/json",
            "text/event-stream",
            "",
            "application/json, text/event-stream;q=0",
            "*/*, text/event-stream;q=0.0",
            "nonsense",
        ] {
            assert_eq!(
                check_with(Some(accept), json),
                Err(Refusal::NotAcceptable),
                "{accept}"
            );
        }
    }

    #[test]
    fn the_body_must_be_declared_as_json() {
        let any = Some("*/*");
        assert_eq!(
            check_with(any, Some("application/json; charset=utf-8")),
            Ok(())
        );
        for content in [
            None,
            Some("text/plain"),
            Some("application/jsonl"),
            Some(""),
        ] {
            assert_eq!(check_with(any, content), Err(Refusal::UnsupportedMediaType));
        }
    }

    #[test]
    fn the_body_has_no_content_coding() {
        let check_with = |codings| check_codings(header::CONTENT_ENCODING, codings);
        for codings in [&[][..], &[""], &["identity"], &["Identity, identity"]] {
            assert_eq!(check_with(codings), Ok(()), "{codings:?}");
        }
        for codings in [
            &["gzip"][..],
            &["GZip"],
            &["identity, br"],
            &["identity", "zstd"],
            &["unknown"],
        ] {
            assert_eq!(
                check_with(codings),
                Err(Refusal::UnsupportedContentEncoding),
                "{codings:?}"
            );
        }
    }

    #[test]
    fn the_only_transfer_coding_is_chunked() {
        let check_with = |codings| check_codings(header::TRANSFER_ENCODING, codings);
        for codings in [&[][..], &["chunked"], &["Chunked"]] {
            assert_eq!(check_with(codings), Ok(()), "{codings:?}");
        }
        for codings in [
            &["gzip, chunked"][..],
            &["gzip", "chunked"],
            &["identity"],
            &["chunked;a=b"],
        ] {
            assert_eq!(
                check_with(codings),
                Err(Refusal::UnsupportedTransferEncoding),
                "{codings:?}"
            );
        }
    }

    fn check_codings(name: HeaderName, codings: &[&'static str]) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        for coding in codings {
            headers.append(&name, HeaderValue::from_static(coding));
        }
        check(&headers)
    }
}
