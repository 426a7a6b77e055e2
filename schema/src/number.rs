//! Numbers as JSON writes them: exact decimals, so that `1.0` is an integer and `0.3` a multiple of `0.1`.
use std::cmp::Ordering;

use serde_json::Number;

/// The whole numbers below this, 2^53, are doubles that nothing was rounded to.
pub const EXACT: f64 = 9_007_199_254_740_992.0;

/// `digits` times ten to the `exponent`, without trailing zeros, so that equal numbers are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    negative: bool,
    digits: u64,
    exponent: i32,
}

impl Decimal {
    pub(super) fn of(number: &Number) -> Self {
        if let Some(digits) = number.as_u64() {
            Self::new(false, digits, 0)
        } else if let Some(integer) = number.as_i64() {
            Self::new(true, integer.unsigned_abs(), 0)
        } else {
            Self::of_text(&number.to_string())
        }
    }

    pub(super) fn is_integer(self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn is_positive(self) -> bool {
        !self.negative && self.digits > 0
    }

    /// The value as a count, if it is one.
    pub(super) fn as_count(self) -> Option<u64> {
        let scale = 10_u64.checked_pow(u32::try_from(self.exponent).ok()?)?;
        if self.negative {
            None
        } else {
            self.digits.checked_mul(scale)
        }
    }

    /// Digits and exponent as words, for hashing.
    pub(super) fn parts(self) -> (u64, u64) {
        (self.digits, self.exponent.cast_unsigned().into())
    }

    /// Whether this is an integer times `step`, which must not be zero. Signs do not matter.
    pub(super) fn is_multiple_of(self, step: Self) -> bool {
        let shift = self.exponent.saturating_sub(step.exponent);
        let (value, step) = (u128::from(self.digits), u128::from(step.digits));
        if shift >= 0 {
            // Both factors are below 2^64, so the products fit.
            let remainder = |product: u128| product.checked_rem(step).unwrap_or(0);
            let times = |a: u128, b: u128| remainder(a.saturating_mul(b));
            let scaled = (0..shift).fold(remainder(value), |value, _| times(value, 10));
            return scaled == 0;
        }
        let scale = 10_u128.checked_pow(shift.unsigned_abs());
        match scale.and_then(|scale| step.checked_mul(scale)) {
            Some(step) => value.checked_rem(step) == Some(0),
            // The step has more digits than the value can have.
            None => value == 0,
        }
    }

    /// A number that is neither `i64` nor `u64`, as its shortest text, for example `-1.5e-7`.
    fn of_text(text: &str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
        let exponent = exponent.parse::<i32>().unwrap_or(0).saturating_sub(places);
        // A shortest text has at most 17 digits that count; zeros behind them are the exponent's.
        let mut digits = 0_u64;
        let mut dropped = 0_i32;
        for digit in whole
            .bytes()
            .chain(fraction.bytes())
            .filter_map(|byte| byte.checked_sub(b'0'))
        {
            let longer = digits
                .checked_mul(10)
                .and_then(|digits| digits.checked_add(u64::from(digit)));
            match longer {
                Some(longer) if dropped == 0 => digits = longer,
                _ => dropped = dropped.saturating_add(1),
            }
        }
        Self::new(negative, digits, exponent.saturating_add(dropped))
    }

    fn new(negative: bool, mut digits: u64, mut exponent: i32) -> Self {
        if digits == 0 {
            return Self {
                negative: false,
                digits: 0,
                exponent: 0,
            };
        }
        while digits.is_multiple_of(10) {
            digits = digits.checked_div(10).unwrap_or(digits);
            exponent = exponent.saturating_add(1);
        }
        Self {
            negative,
            digits,
            exponent,
        }
    }

    fn cmp_magnitude(self, other: Self) -> Ordering {
        // The position of the first digit decides; if it is the same, the exponents differ by less than 20.
        let first = |number: Self| {
            number
                .digits
                .checked_ilog10()
                .map(|log| number.exponent.saturating_add(log.cast_signed()))
        };
        let shared = self.exponent.min(other.exponent);
        let aligned = |number: Self| {
            let shift = number.exponent.saturating_sub(shared).unsigned_abs();
            10_u128
                .saturating_pow(shift)
                .saturating_mul(u128::from(number.digits))
        };
        first(self)
            .cmp(&first(other))
            .then_with(|| aligned(self).cmp(&aligned(other)))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_magnitude(*other),
            (true, true) => other.cmp_magnitude(*self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn decimal(json: &str) -> Decimal {
        Decimal::of(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn one_number_has_one_value() {
        for (one, other) in [
            ("1", "1.0"),
            ("100", "1e2"),
            ("0", "-0.0"),
            ("-5", "-5.0"),
            ("1e300", "10e299"),
        ] {
            assert_eq!(decimal(one), decimal(other), "{one} {other}");
        }
        for (integer, number) in [
            (true, "1.0"),
            (true, "1e300"),
            (false, "1.5"),
            (false, "1e-9"),
            (true, "-0.0"),
        ] {
            assert_eq!(decimal(number).is_integer(), integer, "{number}");
        }
    }

    #[test]
    fn order_is_exact() {
        let ascending = [
            "-1e308",
            "-18446744073709551615",
            "-9223372036854775808",
            "-9223372036854775807",
            "-1.5",
            "-1",
            "-1e-9",
            "0",
            "1e-300",
            "0.1",
            "0.11",
            "1",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551614",
            "18446744073709551615",
            "1e20",
            "1.5e20",
            "1e308",
        ];
        for (place, one) in ascending.iter().enumerate() {
            for (other_place, other) in ascending.iter().enumerate() {
                assert_eq!(
                    decimal(one).cmp(&decimal(other)),
                    place.cmp(&other_place),
                    "{one} {other}"
                );
            }
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (value, step, expected) in [
            ("0.3", "0.1", true),
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("12391239123", "1e-8", true),
            ("1e308", "0.123456789", false),
            ("1e308", "0.5", true),
            ("0", "7", true),
            ("-21", "7", true),
            ("22", "7", false),
            ("1e-300", "1e300", false),
            ("18446744073709551615", "5", true),
        ] {
            assert_eq!(
                decimal(value).is_multiple_of(decimal(step)),
                expected,
                "{value} {step}"
            );
        }
    }

    #[test]
    fn counts_are_whole_and_small_enough() {
        assert_eq!(decimal("2.0").as_count(), Some(2));
        for number in ["-1", "1.5", "1e30"] {
            assert_eq!(decimal(number).as_count(), None, "{number}");
        }
    }
}
