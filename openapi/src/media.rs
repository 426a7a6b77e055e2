//! Media types, and which of several is used.

/// What a media type is, in the order in which they are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `application/json`.
    Json,
    /// `application/json` with parameters, `text/json` and everything that ends in `+json`.
    OtherJson,
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
    /// `text/*`, but XML.
    Text,
    /// Bytes.
    Binary,
    /// `*/*`, or a range that JSON is in.
    Any,
    /// No other form is known: XML, CBOR, lines of JSON.
    Other,
}

/// The kind of a media type. `None`: it cannot be in a header.
pub(crate) fn kind(media_type: &str) -> Option<Kind> {
    let essence = essence(media_type);
    let (kind, subtype) = essence.split_once('/')?;
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let is_visible = media_type.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !is_token(kind) || !is_token(subtype) || !is_visible || media_type.len() > 200 {
        return None;
    }
    Some(match (kind, subtype) {
        ("application", "json") if essence.len() == media_type.trim().len() => Kind::Json,
        ("application", "json" | "x-json" | "vnd.api") | ("text", "json") => Kind::OtherJson,
        (_, subtype) if subtype.ends_with("+json") => Kind::OtherJson,
        ("application", "x-www-form-urlencoded") => Kind::UrlEncoded,
        ("multipart", "form-data") => Kind::Multipart,
        ("*", _) | ("application", "*") => Kind::Any,
        (_, subtype) if subtype == "xml" || subtype.ends_with("+xml") => Kind::Other,
        ("text", _) => Kind::Text,
        ("image" | "audio" | "video" | "font" | "model", _) => Kind::Binary,
        (
            "application",
            "octet-stream" | "pdf" | "zip" | "gzip" | "x-gzip" | "x-tar" | "dicom"
            | "x-zip-compressed",
        ) => Kind::Binary,
        _ => Kind::Other,
    })
}

/// The type and subtype, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether a value of this media type is JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    matches!(kind(media_type), Some(Kind::Json | Kind::OtherJson))
}

/// The media types of a `content` object, the preferred first.
pub(crate) fn ordered<'a>(media_types: impl Iterator<Item = &'a String>) -> Vec<(Kind, &'a str)> {
    let mut ordered: Vec<(Kind, &str)> = media_types
        .filter_map(|media_type| Some((kind(media_type)?, media_type.as_str())))
        .collect();
    ordered.sort();
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_preferred_in_a_fixed_order() {
        let types = [
            "application/xml",
            "*/*",
            "image/png",
            "text/csv",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "application/merge-patch+json",
            "application/json; profile=\"a\"",
            "application/json",
        ]
        .map(str::to_owned);
        let ordered: Vec<&str> = ordered(types.iter())
            .into_iter()
            .map(|(_, it)| it)
            .collect();
        assert_eq!(
            ordered,
            [
                "application/json",
                "application/json; profile=\"a\"",
                "application/merge-patch+json",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "text/csv",
                "image/png",
                "*/*",
                "application/xml",
            ]
        );
    }

    #[test]
    fn what_cannot_be_in_a_header_is_no_media_type() {
        for text in ["", "json", "a/", "/b", "a b/c", "a/b;\r\nx: y", "a/b; ü"] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
