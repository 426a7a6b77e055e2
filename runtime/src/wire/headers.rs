//! Headers that repeat what the body says (2026-07-28, basic/transports, standard request headers).

use base64ct::{Base64, Encoding as _};
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::schema::mirror::Mirrored;

pub(crate) const PROTOCOL_VERSION: &str = "mcp-protocol-version";
pub(crate) const METHOD: &str = "mcp-method";
pub(crate) const NAME: &str = "mcp-name";
pub(crate) const SESSION: &str = "mcp-session-id";

fn mismatch(why: String) -> Refusal {
    Refusal::HeaderMismatch { why }
}

/// The one value of a header, without the white space around it.
///
/// A second line is refused even if it says the same, because others on the way may read only one of them.
pub(crate) fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(|text| Some(text.trim_matches([' ', '\t'])))
            .map_err(|_| mismatch(format!("{name} has characters that are not visible ASCII"))),
        (Some(_), Some(_)) => Err(doubled(name)),
    }
}

/// What becomes of a header with two lines.
pub(super) fn doubled(name: &str) -> Refusal {
    mismatch(format!("{name} is there more than once"))
}

/// Checks that a header says `expected`, as it stands.
pub(super) fn repeats(headers: &HeaderMap, name: &str, expected: &str) -> Result<(), Refusal> {
    match one(headers, name)? {
        Some(value) if value == expected => Ok(()),
        Some(_) => Err(mismatch(format!("{name} is not what the body says"))),
        None => Err(mismatch(format!("{name} is missing"))),
    }
}

/// Checks that a header says `expected`, which it may wrap in base64.
pub(super) fn repeats_text(headers: &HeaderMap, name: &str, expected: &str) -> Result<(), Refusal> {
    let value = one(headers, name)?.ok_or_else(|| mismatch(format!("{name} is missing")))?;
    if unwrap(name, value)? == expected {
        Ok(())
    } else {
        Err(mismatch(format!("{name} is not what the body says")))
    }
}

/// Undoes `=?base64?…?=`.
fn unwrap(name: &str, value: &str) -> Result<String, Refusal> {
    let wrapped = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match wrapped {
        None => Ok(value.to_owned()),
        Some(wrapped) => Base64::decode_vec(wrapped)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| mismatch(format!("{name} is not valid base64 of UTF-8 text"))),
    }
}

/// Checks the arguments that a tool's schema marks with `x-mcp-header`.
pub(super) fn repeats_arguments(
    headers: &HeaderMap,
    mirrors: &[Mirrored],
    arguments: &Map<String, Value>,
) -> Result<(), Refusal> {
    for mirror in mirrors {
        let header = format!("mcp-param-{}", mirror.header.to_ascii_lowercase());
        let mut path = mirror.path.iter();
        let first = path.next().and_then(|key| arguments.get(key));
        let argument = path.fold(first, |value, key| value.and_then(|value| value.get(key)));
        let sent = one(headers, &header)?;
        match (argument, sent) {
            (None | Some(Value::Null), None) => {}
            (None | Some(Value::Null), Some(_)) => {
                return Err(mismatch(format!(
                    "{header} repeats an argument that the body does not have"
                )));
            }
            (Some(_), None) => return Err(mismatch(format!("{header} is missing"))),
            (Some(argument), Some(sent)) => {
                if !says(&unwrap(&header, sent)?, argument) {
                    return Err(mismatch(format!("{header} is not what the body says")));
                }
            }
        }
    }
    Ok(())
}

/// Whether a header's text is this argument. Integers compare as numbers: `42.0` is 42.
fn says(text: &str, argument: &Value) -> bool {
    match argument {
        Value::String(expected) => text == expected,
        Value::Bool(expected) => text == if *expected { "true" } else { "false" },
        Value::Number(expected) => {
            text == expected.to_string()
                || serde_json::from_str::<f64>(text).is_ok_and(|number| {
                    expected.as_f64().is_some_and(|expected| number == expected)
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn text_may_be_wrapped_in_base64() {
        for (value, expected) in [
            ("us-west1", "us-west1"),
            ("=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"),
            ("=?base64?IHBhZGRlZCA=?=", " padded "),
            ("=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"),
            ("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="),
            ("\t us-west1 ", "us-west1"),
            ("a,b", "a,b"),
        ] {
            let headers = headers(&[(NAME, value.as_bytes())]);
            assert_eq!(repeats_text(&headers, NAME, expected), Ok(()), "{value}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for lines in [
            &[] as &[(&str, &[u8])],
            &[(NAME, b"a"), (NAME, b"a")],
            &[(NAME, b"a, a")],
            &[(NAME, b"A")],
            &[(NAME, b"\xff")],
            &[(NAME, b"=?base64?YQ?=")],
            &[(NAME, b"=?base64?YR==?=")],
            &[(NAME, b"=?BASE64?YQ==?=")],
            &[(NAME, b"=?base64?/w==?=")],
        ] {
            let headers = headers(lines);
            assert!(repeats_text(&headers, NAME, "a").is_err(), "{lines:?}");
        }
    }

    #[test]
    fn integers_compare_as_numbers() {
        assert!(says("42", &json!(42)));
        assert!(says("42.0", &json!(42)));
        assert!(!says("43", &json!(42)));
        assert!(!says(" 42", &json!("42")));
        assert!(says("true", &json!(true)));
        assert!(!says("True", &json!(true)));
    }
}
