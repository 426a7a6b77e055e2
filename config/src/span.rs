//! Lengths of time, as people write them: a whole number and one unit.

use std::time::Duration;

/// The units, the longest first, with their milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads `90s`, `10m`, `2h`, `7d` or `500ms`.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let (number, unit) = text.split_at_checked(text.len().checked_sub(digits.len())?)?;
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(*millis)
        .map(Duration::from_millis)
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
