//! One spelling for every URI (RFC 3986 §6.2.2, RFC 3987 §3.1).
//!
//! What a URI cannot contain is percent-encoded, what need not be is not, and hexadecimal digits are upper case. Nothing
//! else is changed: `%2F` and `/` are two resources, and the case of a scheme or a host is the server's.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The normal form of a URI; `None` where a `%` is not followed by two hexadecimal digits.
pub(crate) fn normal(uri: &str) -> Option<Cow<'_, str>> {
    let (normal, is_encoded) = written(uri, false);
    is_encoded.then_some(normal)
}

/// The normal form of a URI of the server's own, which stays as it is where there is none.
pub(crate) fn normal_or_same(uri: String) -> String {
    match normal(&uri) {
        Some(Cow::Owned(normal)) => normal,
        Some(Cow::Borrowed(_)) | None => uri,
    }
}

/// The normal form of a URI template, or of a pattern with `*` for any text: their braces and stars stay.
pub(crate) fn normal_pattern(pattern: &str) -> Cow<'_, str> {
    written(pattern, true).0
}

/// The text in its normal form, and whether each `%` in it begins an encoded byte; one that does not stays.
fn written(text: &str, keeps_braces: bool) -> (Cow<'_, str>, bool) {
    let stays = |byte: u8| {
        is_unreserved(byte) || is_reserved(byte) || (keeps_braces && matches!(byte, b'{' | b'}'))
    };
    if text.bytes().all(stays) {
        return (Cow::Borrowed(text), true);
    }
    let mut normal = String::with_capacity(text.len());
    let mut is_encoded = true;
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            write(&mut normal, byte, stays(byte));
        } else if let Some((byte, after)) = encoded(after) {
            rest = after;
            write(&mut normal, byte, is_unreserved(byte));
        } else {
            normal.push('%');
            is_encoded = false;
        }
    }
    (Cow::Owned(normal), is_encoded)
}

fn write(normal: &mut String, byte: u8, stays: bool) {
    if stays {
        normal.push(char::from(byte));
    } else {
        // Writing to a string does not fail.
        let _ = write!(normal, "%{byte:02X}");
    }
}

/// The byte that the two digits after a `%` stand for, and what follows them.
fn encoded(after: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = after.split_first_chunk::<2>()?;
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    let byte = high?.checked_mul(16)?.checked_add(low?)?;
    Some((u8::try_from(byte).ok()?, after))
}

/// The text that percent-encoding stands for; `None` if it is broken or not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = if byte == b'%' {
            encoded(after)?
        } else {
            (byte, after)
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// `unreserved` (RFC 3986 §2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `reserved` (RFC 3986 §2.2).
fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&byte)
}

/// Whether a URI begins with a scheme (RFC 3986 §3.1).
pub(crate) fn has_scheme(uri: &str) -> bool {
    let Some((scheme, _)) = uri.split_once(':') else {
        return false;
    };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_uri_have_one_normal_form() {
        for (written, expected) in [
            ("rules://all", "rules://all"),
            ("docs://a b", "docs://a%20b"),
            ("docs://a%20b", "docs://a%20b"),
            ("docs://Straße", "docs://Stra%C3%9Fe"),
            ("docs://Stra%c3%9fe", "docs://Stra%C3%9Fe"),
            ("docs://%61ll", "docs://all"),
            ("docs://a%7eb%2Ec", "docs://a~b.c"),
            ("docs://{id}", "docs://%7Bid%7D"),
            ("docs://a%00\u{1}", "docs://a%00%01"),
        ] {
            assert_eq!(normal(written).unwrap(), expected, "{written}");
        }
    }

    #[test]
    fn different_uris_stay_different() {
        for (one, other) in [
            ("docs://a/b", "docs://a%2Fb"),
            ("docs://a?b", "docs://a%3Fb"),
            ("docs://a%b", "docs://a%25b"),
            ("docs://a%2541", "docs://aA"),
            ("docs://a+b", "docs://a%20b"),
            ("docs://A", "docs://a"),
            ("docs://a/../b", "docs://b"),
        ] {
            assert_ne!(normal(one), normal(other), "{one} {other}");
        }
    }

    #[test]
    fn broken_encoding_has_no_normal_form() {
        for broken in ["docs://a%", "docs://a%4", "docs://%zz", "docs://%%34%31"] {
            assert_eq!(normal(broken), None, "{broken}");
        }
    }

    #[test]
    fn patterns_keep_what_they_are_made_of() {
        for (pattern, expected) in [
            ("docs://Straße/*", "docs://Stra%C3%9Fe/*"),
            ("docs://%61/{+path}", "docs://a/{+path}"),
            ("docs://a%2a*", "docs://a%2A*"),
            ("docs://a b%*", "docs://a%20b%*"),
        ] {
            assert_eq!(normal_pattern(pattern), expected);
        }
    }

    #[test]
    fn schemes_are_recognised() {
        for uri in ["rules://all", "a:", "urn:isbn:1", "x-y.z+1://a"] {
            assert!(has_scheme(uri), "{uri}");
        }
        for uri in ["rules", "", ":a", "1a:b", "a/b:c", "ä:b"] {
            assert!(!has_scheme(uri), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_form_stays_the_same(uri in ".{0,20}|[%0-9a-fA-F/ü]{0,12}") {
            if let Some(once) = normal(&uri) {
                prop_assert!(once.is_ascii());
                prop_assert_eq!(normal(&once).unwrap(), once.clone());
                // It stands for the same text.
                prop_assert_eq!(decode(&once), decode(&uri));
            }
        }

        #[test]
        fn a_pattern_that_is_a_uri_is_written_like_it(uri in "[%0-9a-f/ü ]{0,12}") {
            if let Some(normal) = normal(&uri) {
                prop_assert_eq!(normal_pattern(&uri), normal);
            }
        }
    }
}
