//! Whole numbers that a double would change. Policy, log and tool get one value, and it is the one that the client wrote.
//!
//! serde_json keeps an integer of 64 bits as it is and turns every other number into the nearest double. JSON allows that
//! (RFC 8259 §6) and for a fraction it is what every reader expects; an identifier becomes another one.

use std::ops::Range;

use mcp_edge_schema::path::{Part, written};

/// Completes "`params.arguments.id`: …".
pub(crate) const WHY: &str = "an integer that 64 bits cannot hold, with more digits than a double keeps; send it as a string";

/// Whether a JSON number is whole, fits no integer of 64 bits, and is changed by reading it as a double: the double, written
/// with as many digits as tell it from others (as ECMAScript does), is another number.
pub(crate) fn is_rounded(number: &str) -> bool {
    /// A double keeps as many digits, whatever they are.
    const KEPT: usize = 15;
    if number.len() <= KEPT {
        return false;
    }
    let is_kept = number.parse::<u64>().is_ok() || number.parse::<i64>().is_ok();
    let Some(integer) = Integer::of(number) else {
        return false;
    };
    if is_kept || integer.digits.len() <= KEPT {
        return false;
    }
    match number.parse::<f64>() {
        Ok(double) => Integer::of(&format!("{double:e}")).is_none_or(|kept| kept != integer),
        Err(_) => false,
    }
}

/// A whole number other than zero, as its digits up to the last that is not zero.
#[derive(PartialEq)]
struct Integer {
    negative: bool,
    digits: String,
    zeros: usize,
}

impl Integer {
    /// `None` for zero, for a fraction and for what is too large for a double.
    fn of(number: &str) -> Option<Self> {
        let (negative, number) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let joined = format!("{whole}{fraction}");
        let significant = joined.trim_end_matches('0');
        let point = i64::try_from(whole.len())
            .ok()?
            .checked_add(exponent.parse().ok()?)?;
        let zeros = point.checked_sub(i64::try_from(significant.len()).ok()?)?;
        let digits = significant.trim_start_matches('0');
        Some(Self {
            negative,
            digits: digits.to_owned(),
            zeros: usize::try_from(zeros).ok()?,
        })
        .filter(|integer| !integer.digits.is_empty())
    }
}

/// Where the scan is within an array or an object.
enum LogLevel {
    Item(usize),
    /// A member, once its name has been read.
    Member(Option<Range<usize>>),
}

/// The path of the first number in `json`, which must be valid, that [`is_rounded`].
pub(crate) fn find(json: &[u8]) -> Option<String> {
    let mut levels = Vec::new();
    let mut at = 0_usize;
    while let Some(byte) = json.get(at) {
        let mut length = 1;
        match byte {
            b'[' => levels.push(LogLevel::Item(0)),
            b'{' => levels.push(LogLevel::Member(None)),
            b']' | b'}' => drop(levels.pop()),
            b',' => match levels.last_mut() {
                Some(LogLevel::Item(position)) => *position = position.saturating_add(1),
                Some(LogLevel::Member(name)) => *name = None,
                None => {}
            },
            b'"' => {
                length = string(json.get(at..)?);
                if let Some(LogLevel::Member(name @ None)) = levels.last_mut() {
                    *name = Some(at..at.saturating_add(length));
                }
            }
            b'-' | b'0'..=b'9' => {
                length = number(json.get(at..)?);
                let written = json.get(at..at.saturating_add(length))?;
                if is_rounded(str::from_utf8(written).ok()?) {
                    return Some(path(json, &levels));
                }
            }
            _ => {}
        }
        at = at.saturating_add(length);
    }
    None
}

/// How many bytes the string at the beginning has, with its quotes.
fn string(json: &[u8]) -> usize {
    let mut escaped = false;
    let end = json.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(json.len(), |end| end.saturating_add(2))
}

/// How many bytes the number at the beginning has.
fn number(json: &[u8]) -> usize {
    json.iter()
        .take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'E' | b'e'))
        .count()
}

fn path(json: &[u8], levels: &[LogLevel]) -> String {
    let names: Vec<Option<String>> = levels
        .iter()
        .map(|level| match level {
            LogLevel::Member(Some(name)) => serde_json::from_slice(json.get(name.clone())?).ok(),
            _ => None,
        })
        .collect();
    let parts: Vec<_> = levels
        .iter()
        .zip(&names)
        .map(|(level, name)| match level {
            LogLevel::Item(position) => Part::Item(*position),
            LogLevel::Member(_) => Part::Member(name.as_deref().unwrap_or_default()),
        })
        .collect();
    written(&parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_that_a_double_changes_are_rounded() {
        for number in [
            "18446744073709551616",
            "18446744073709551617",
            "-9223372036854775809",
            "9007199254740993.0",
            "-9007199254740993e0",
            "900719925474099.3e1",
            "123456789012345678901234567890",
            "100000000000000000000000000000001000e-3",
        ] {
            assert!(is_rounded(number), "{number}");
        }
    }

    #[test]
    fn other_numbers_are_not_rounded() {
        for number in [
            "0",
            "-0",
            "0e99999999999999999999",
            "18446744073709551615",
            "-9223372036854775808",
            "9007199254740993",
            // What ECMAScript writes for 2^64 and for 10^20.
            "18446744073709552000",
            "100000000000000000000",
            "9007199254740992.0",
            "1e300",
            "1.7976931348623157e308",
            "0.1",
            "0.1000000000000000055511151231257827",
            "9007199254740993.5",
            "12345678901234567890e-2",
            "1e-400",
            "1e-99999999999999999999",
        ] {
            assert!(!is_rounded(number), "{number}");
        }
    }

    proptest! {
        #[test]
        fn a_double_as_it_is_written_is_not_rounded(double in any::<f64>()) {
            prop_assume!(double.is_finite());
            prop_assert!(!is_rounded(&serde_json::to_string(&double).unwrap()));
            prop_assert!(!is_rounded(ryu_js::Buffer::new().format(double)));
        }

        #[test]
        fn integers_that_are_not_rounded_stay_apart(one in any::<u128>(), step in 1_u128..4096) {
            let other = one.saturating_sub(step);
            prop_assume!(other != one);
            let kept = |integer: u128| {
                let text = integer.to_string();
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                (!is_rounded(&text)).then_some(value)
            };
            if let (Some(one), Some(other)) = (kept(one), kept(other)) {
                prop_assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn the_first_is_found_by_its_path() {
        for (json, expected) in [
            ("18446744073709551617", Some("")),
            ("[1, 2e0, 18446744073709551617]", Some("[2]")),
            (
                r#"{"a\"b":"18446744073709551617","c":{"d":[{},[],{"e":"\\"},[18446744073709551617]]}}"#,
                Some("c.d[3][0]"),
            ),
            (
                r#"{"a":1,"\u00e4 \\\"":-18446744073709551617}"#,
                Some(r#"["ä \\\""]"#),
            ),
            (r#"{"a":{"b":1},"c":18446744073709551617}"#, Some("c")),
            (r#"["18446744073709551617",true,null]"#, None),
            ("[1e300]", None),
        ] {
            assert_eq!(find(json.as_bytes()).as_deref(), expected, "{json}");
        }
    }
}
