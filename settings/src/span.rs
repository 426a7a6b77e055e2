//! Lengths of time, as people write them: a whole number and one unit.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use crate::is_same;

/// The units, the longest first, with their milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads `90s`, `10m`, `2h`, `7d` or `500ms`.
pub const fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.as_bytes();
    let mut number = 0_u64;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        let (shifted, overflows) = number.overflowing_mul(10);
        let (next, exceeds) = shifted.overflowing_add(digit.saturating_sub(b'0') as u64);
        if overflows || exceeds {
            return None;
        }
        (number, rest) = (next, after);
    }
    if rest.len() == text.len() {
        return None;
    }
    let mut units = UNITS.as_slice();
    while let [(name, millis), others @ ..] = units {
        if is_same(name.as_bytes(), rest) {
            return match number.checked_mul(*millis) {
                Some(millis) => Some(Duration::from_millis(millis)),
                None => None,
            };
        }
        units = others;
    }
    None
}

/// Reads a duration of the table of settings. It is for constants: a text that is not a duration fails the build.
#[allow(clippy::panic)]
pub const fn constant(text: &str) -> Duration {
    match parse(text) {
        Some(duration) => duration,
        None => panic!("not a duration"),
    }
}

/// Writes it in the longest unit that leaves no remainder.
pub fn format(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (unit, length) = UNITS
        .into_iter()
        .find(|(_, length)| millis != 0 && millis.is_multiple_of(u128::from(*length)))
        .unwrap_or(("s", 1_000));
    let number = millis.checked_div(u128::from(length)).unwrap_or_default();
    format!("{number}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["0s", "500ms", "90s", "10m", "2h", "7d", "365d"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(format(parse("120s").unwrap()), "2m");
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "7",
            "d",
            "7 d",
            "-7d",
            "1.5h",
            "7w",
            "7D",
            "1h30m",
            "٣s",
            "99999999999999999999d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
