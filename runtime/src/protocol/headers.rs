//! Headers that repeat what the body says (2026-07-28, basic/transports, standard request headers).

use base64ct::{Base64, Encoding as _};
use http::HeaderMap;
use mcp_edge_schema::mirror::{LARGEST_INTEGER, MirroredHeader};
use serde_json::{Map, Number, Value};

use crate::refusal::Refusal;

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

/// The result for a header with two lines.
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

/// `text` as the value of a header that repeats it (2026-07-28, basic/transports): as it is, or in base64.
pub fn header_text(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim() == text
        && !text.is_empty()
        && !text.starts_with("=?base64?");
    if is_plain {
        text.to_owned()
    } else {
        format!("=?base64?{}?=", Base64::encode_string(text.as_bytes()))
    }
}

/// The headers with which a client repeats `arguments`: their names and values.
pub fn repeated_arguments(
    mirrors: &[MirroredHeader],
    arguments: &Map<String, Value>,
) -> Vec<(String, String)> {
    let headers = mirrors.iter().filter_map(|mirror| {
        let text = match mirror.argument(arguments)? {
            Value::String(text) => header_text(text),
            other => header_text(&other.to_string()),
        };
        Some((mirror.name(), text))
    });
    headers.collect()
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
    mirrors: &[MirroredHeader],
    arguments: &Map<String, Value>,
) -> Result<(), Refusal> {
    for mirror in mirrors {
        let header = mirror.name();
        let sent = one(headers, &header)?;
        match (mirror.argument(arguments), sent) {
            (None, None) => {}
            (None, Some(_)) => {
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

/// Whether a header's text is this argument. Integers compare as numbers, exactly: `42.0` is 42, and 9007199254740993 is not
/// 9007199254740992.
fn says(text: &str, argument: &Value) -> bool {
    match argument {
        Value::String(expected) => text == expected,
        Value::Bool(expected) => text == if *expected { "true" } else { "false" },
        Value::Number(expected) => match exact(expected) {
            Exact::Integer(expected) => integer(text).is_some_and(|stated| stated == expected),
            // Not what the schema allows, so no tool runs: all that matters is that both say the same.
            Exact::Fraction => text == expected.to_string(),
            Exact::Unknown => false,
        },
        _ => false,
    }
}

/// What is known of a number in the body after it was parsed.
enum Exact {
    /// Its decimal digits, with `-` before them where it is negative.
    Integer(String),
    Fraction,
    /// It was written with a fraction, an exponent or more digits than 64 bits hold, and is so large that another number may
    /// have been rounded to it.
    Unknown,
}

fn exact(number: &Number) -> Exact {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            if float.fract() != 0.0 {
                Exact::Fraction
            } else if float.abs() <= LARGEST_INTEGER as f64 {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within i64")]
                Exact::Integer((float as i64).to_string())
            } else {
                Exact::Unknown
            }
        }
        _ => Exact::Integer(number.to_string()),
    }
}

/// The decimal digits of a JSON number (RFC 8259, 6) that is an integer, with `-` before them where it is negative.
fn integer(text: &str) -> Option<String> {
    /// As many as those of the largest integer of 64 bits.
    const MAX_DIGITS: usize = 20;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let is_number = is_digits(whole)
        && is_digits(fraction)
        && (whole == "0" || !(whole.is_empty() || whole.starts_with('0')));
    if !is_number {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    let point = i64::try_from(whole.len())
        .ok()?
        .checked_add(exponent.into())?;
    let zeros = point.checked_sub(i64::try_from(significant.len()).ok()?)?;
    let zeros = usize::try_from(zeros).ok()?;
    let digits = significant.trim_start_matches('0');
    if digits.len().checked_add(zeros)? > MAX_DIGITS {
        return None;
    }
    Some(format!("{sign}{digits}{}", "0".repeat(zeros)))
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
        assert!(says("42", &json!(42.0)));
        assert!(!says("43", &json!(42)));
        assert!(!says(" 42", &json!("42")));
        assert!(says("true", &json!(true)));
        assert!(!says("True", &json!(true)));
    }

    #[test]
    fn integers_compare_exactly() {
        let body = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (stated, written) in [
            ("0", "-0"),
            ("-0.0", "0"),
            ("-7", "-7.0"),
            ("4.2e1", "42"),
            ("0.5e1", "5"),
            ("1200e-2", "12"),
            ("1E3", "1000"),
            ("9007199254740993", "9007199254740993"),
            ("9007199254740993.0", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("1.5", "1.5"),
        ] {
            assert!(says(stated, &body(written)), "{stated} {written}");
        }
        for (stated, written) in [
            ("9007199254740992", "9007199254740993"),
            ("9007199254740993", "9007199254740992"),
            ("9007199254740993.0", "9007199254740992"),
            ("18446744073709551614", "18446744073709551615"),
            // The body's number may be another that was rounded.
            ("9007199254740992", "9007199254740993.0"),
            ("1e300", "1e300"),
            ("18446744073709551616", "18446744073709551616"),
            ("42", "-42"),
            ("1", "1.5"),
            ("42.", "42"),
            ("042", "42"),
            (".42e2", "42"),
            ("+42", "42"),
            ("42e", "42"),
            ("0x2a", "42"),
            (" 42", "42"),
            ("42 ", "42"),
            ("", "0"),
            ("-", "0"),
            ("4_2", "42"),
            ("1e999999999", "1"),
            ("1e99999999999999999999", "1"),
        ] {
            assert!(!says(stated, &body(written)), "{stated} {written}");
        }
    }

    #[test]
    fn a_header_has_what_is_not_plain_in_base64() {
        assert_eq!(header_text("rules://large-amount"), "rules://large-amount");
        for text in ["é", " a", "a\n", "", "=?base64?YQ==?="] {
            let value = header_text(text);
            let encoded = value
                .strip_prefix("=?base64?")
                .and_then(|rest| rest.strip_suffix("?="));
            let decoded = encoded.and_then(|encoded| Base64::decode_vec(encoded).ok());
            assert_eq!(decoded.as_deref(), Some(text.as_bytes()));
        }
    }
}
