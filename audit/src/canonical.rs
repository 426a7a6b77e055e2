//! One spelling for every JSON value, so that a digest of it means something (RFC 8785).
//!
//! With one departure: integers of 64 bits are written in full. RFC 8785 rounds those beyond 2^53 to
//! the nearest double, and two requests that differ in such an integer would have one digest.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use serde_json::{Map, Number, Value};

/// The canonical text of what has been written so far.
#[derive(Debug, Default)]
pub struct Canonical(Vec<u8>);

/// The canonical text of a value.
pub fn to_vec(value: &Value) -> Vec<u8> {
    let mut canonical = Canonical::default();
    canonical.value(value);
    canonical.0
}

/// The canonical text of an object with these members, each name once.
pub fn members<'a>(members: impl Iterator<Item = (&'a String, &'a Value)>) -> Vec<u8> {
    let mut canonical = Canonical::default();
    canonical.members(members);
    canonical.0
}

impl Canonical {
    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes any value. As deep as the value: parsed ones are at most 128 levels deep.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text("null"),
            Value::Bool(true) => self.text("true"),
            Value::Bool(false) => self.text("false"),
            Value::Number(number) => self.number(number),
            Value::String(string) => self.string(string),
            Value::Array(items) => self.array(items, Self::value),
            Value::Object(members) => self.object(members),
        }
    }

    /// Writes an array, each item by `write`.
    pub fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.text("[");
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.text(",");
            }
            write(self, item);
        }
        self.text("]");
    }

    fn object(&mut self, members: &Map<String, Value>) {
        self.members(members.iter());
    }

    fn members<'a>(&mut self, members: impl Iterator<Item = (&'a String, &'a Value)>) {
        let members: BinaryHeap<_> = members
            .map(|(name, value)| Member { name, value })
            .collect();
        self.text("{");
        for (position, Member { name, value }) in members.into_sorted_vec().iter().enumerate() {
            if position > 0 {
                self.text(",");
            }
            self.string(name);
            self.text(":");
            self.value(value);
        }
        self.text("}");
    }

    /// Writes a string as ECMAScript's `JSON.stringify` does (RFC 8785 §3.2.2.2).
    pub fn string(&mut self, string: &str) {
        self.text("\"");
        let mut rest = string;
        while let Some((plain, escaped)) = rest
            .bytes()
            .position(must_escape)
            .and_then(|at| rest.split_at_checked(at))
        {
            self.text(plain);
            let mut characters = escaped.chars();
            if let Some(character) = characters.next() {
                self.escape(character);
            }
            rest = characters.as_str();
        }
        self.text(rest);
        self.text("\"");
    }

    fn escape(&mut self, character: char) {
        match character {
            '"' => self.text("\\\""),
            '\\' => self.text("\\\\"),
            '\u{8}' => self.text("\\b"),
            '\t' => self.text("\\t"),
            '\n' => self.text("\\n"),
            '\u{c}' => self.text("\\f"),
            '\r' => self.text("\\r"),
            control => self.text(&format!("\\u{:04x}", u32::from(control))),
        }
    }

    fn number(&mut self, number: &Number) {
        let text = number.to_string();
        if number.is_f64() {
            self.double(&text);
        } else {
            self.text(&text);
        }
    }

    /// Writes a double as ECMAScript's `Number::toString` does (RFC 8785 §3.2.2.3).
    ///
    /// `written` has its digits already, the fewest that read back as the same double; the layout is what
    /// differs.
    fn double(&mut self, written: &str) {
        let (negative, written) = match written.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let (mantissa, exponent) = written.split_once('e').unwrap_or((written, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let joined = [whole, fraction].concat();
        let significant = joined.trim_start_matches('0');
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() {
            return self.text("0");
        }
        let length = |text: &str| i32::try_from(text.len()).unwrap_or(i32::MAX);
        let leading = length(&joined).saturating_sub(length(significant));
        // Where the decimal point stands, counted from before the first digit.
        let point = exponent
            .parse::<i32>()
            .unwrap_or(0)
            .saturating_add(length(whole))
            .saturating_sub(leading);
        let count = length(digits);

        if negative {
            self.text("-");
        }
        if (-5..=0).contains(&point) {
            self.text("0.");
            self.zeros(point.saturating_neg());
            self.text(digits);
        } else if count <= point && point <= 21 {
            self.text(digits);
            self.zeros(point.saturating_sub(count));
        } else if (1..=21).contains(&point) {
            self.split(digits, point);
        } else {
            self.split(digits, 1);
            self.text(&format!("e{:+}", point.saturating_sub(1)));
        }
    }

    /// Writes `digits` with a decimal point after the first `point` of them, if any follow.
    fn split(&mut self, digits: &str, point: i32) {
        let (whole, fraction) = usize::try_from(point)
            .ok()
            .and_then(|point| digits.split_at_checked(point))
            .unwrap_or((digits, ""));
        self.text(whole);
        if !fraction.is_empty() {
            self.text(".");
            self.text(fraction);
        }
    }

    fn zeros(&mut self, count: i32) {
        for _ in 0..count {
            self.text("0");
        }
    }

    fn text(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }
}

/// A member, in the order of its name's UTF-16 units (RFC 8785 §3.2.3).
///
/// Sorted by a heap: a slice's sort would be the largest function of all tokens' code in wasm.
struct Member<'a> {
    name: &'a str,
    value: &'a Value,
}

impl Ord for Member<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.encode_utf16().cmp(other.name.encode_utf16())
    }
}

impl PartialOrd for Member<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Member<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Member<'_> {}

/// All of these are ASCII, and no part of another character.
fn must_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn canonical(value: &Value) -> String {
        let mut text = Canonical::default();
        text.value(value);
        String::from_utf8(text.0).unwrap()
    }

    fn ecmascript(double: f64) -> String {
        ryu_js::Buffer::new().format(double).to_owned()
    }

    proptest! {
        #[test]
        fn a_double_is_written_as_ecmascript_does(double in any::<f64>()) {
            prop_assume!(double.is_finite());
            prop_assert_eq!(canonical(&json!(double)), ecmascript(double));
        }

        #[test]
        fn a_short_decimal_is_written_as_ecmascript_does(digits in 0_u32..100_000, exponent in -30_i32..30) {
            let double: f64 = format!("{digits}e{exponent}").parse().unwrap();
            prop_assert_eq!(canonical(&json!(double)), ecmascript(double));
        }

        #[test]
        fn a_string_reads_back(string: String) {
            let text = canonical(&json!(string));
            prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), string);
        }
    }

    /// RFC 8785 §3.2.2 and §3.2.3, the examples.
    #[test]
    fn the_examples_of_the_standard() {
        let value = json!({
            "numbers": [333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u{20ac}$\u{f}\u{a}A'\u{42}\u{22}\u{5c}\\\"/",
            "literals": [null, true, false],
        });
        assert_eq!(
            canonical(&value),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );

        let order: Value = serde_json::from_str(
            r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&order),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn integers_that_a_double_would_confuse_stay_apart() {
        assert_eq!(
            canonical(&json!(9_007_199_254_740_993_u64)),
            "9007199254740993"
        );
        assert_eq!(
            canonical(&json!(9_007_199_254_740_992_u64)),
            "9007199254740992"
        );
        assert_eq!(
            canonical(&json!(-9_007_199_254_740_993_i64)),
            "-9007199254740993"
        );
        assert_eq!(canonical(&json!(1.0)), canonical(&json!(1)));
        assert_eq!(canonical(&json!(-0.0)), "0");
    }
}
