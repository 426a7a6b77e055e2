//! JSON from a stranger: no duplicate members, no deeper and with no more values than allowed.

use std::cell::Cell;
use std::fmt;

use mcp_edge_schema::EXACT;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::rounded;
use crate::finite_json::number;

/// How large a JSON text may become in memory, where a value of two bytes takes some hundred.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// How deep arrays and objects may nest.
    pub(crate) depth: usize,
    /// How many values there may be, arrays and objects and what is in them.
    pub(crate) values: usize,
}

/// A JSON text that was read.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// The path of the first whole number in it that was rounded.
    pub(crate) rounded: Option<String>,
}

/// Parses `body`, and stops at the first value that is beyond the bounds.
///
/// Two members of one name are refused wherever they stand, because two parsers on the way may disagree
/// on which of them counts. The error [is about data](serde_json::Error::is_data) where the body is JSON.
pub(crate) fn parse(body: &[u8], bounds: Bounds) -> Result<Parsed, serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_slice(body);
    let has_large = Cell::new(false);
    let strict = Strict {
        depth: bounds.depth,
        left: &Cell::new(bounds.values),
        has_large: &has_large,
        bounds: &bounds,
    };
    let value = strict.deserialize(&mut parser)?;
    parser.end()?;
    let rounded = match has_large.get() {
        true => rounded::find(body),
        false => None,
    };
    Ok(Parsed { value, rounded })
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    /// How much deeper arrays and objects may nest here.
    depth: usize,
    /// How many more values there may be.
    left: &'a Cell<usize>,
    /// Set where a double may have been rounded from another whole number.
    has_large: &'a Cell<bool>,
    bounds: &'a Bounds,
}

impl Strict<'_> {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom(format_args!(
                "arrays and objects nest too deep, beyond {} levels (limits.json_depth)",
                self.bounds.depth
            ))),
        }
    }

    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(E::custom(format_args!(
                "more than {} JSON values (limits.json_values); send fewer at once",
                self.bounds.values
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= EXACT {
            self.has_large.set(true);
        }
        Ok(number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        // An array of one value has room for four.
        array.shrink_to_fit();
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(inside)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom("an object has two members of one name"));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(body: &[u8], depth: usize) -> Result<Value, serde_json::Error> {
        let values = usize::MAX;
        super::parse(body, Bounds { depth, values }).map(|parsed| parsed.value)
    }

    #[test]
    fn every_value_counts() {
        let parse = |body: &str, values| super::parse(body.as_bytes(), Bounds { depth: 8, values });
        for (body, values) in [
            ("1", 1),
            ("[]", 1),
            ("{}", 1),
            ("[1,2,3]", 4),
            (r#"{"a":1,"b":[null]}"#, 4),
            ("[[[[]]]]", 4),
            (r#"[true,"a",1.5,{}]"#, 5),
        ] {
            assert!(parse(body, values).is_ok(), "{body}");
            let refusal = parse(body, values - 1).unwrap_err();
            let expected = format!("more than {} JSON values", values - 1);
            assert!(refusal.to_string().contains(&expected), "{refusal}");
        }
    }

    #[test]
    fn parsing_stops_at_the_bound() {
        let bounds = Bounds {
            depth: 8,
            values: 3,
        };
        // What is not JSON lies behind the bound, and is never seen.
        let refusal = super::parse(b"[1,2,3,!", bounds).unwrap_err();
        assert!(refusal.is_data(), "{refusal}");
    }

    #[test]
    fn duplicates_are_refused_at_any_depth() {
        for body in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#] {
            let refusal = parse(body.as_bytes(), 8).unwrap_err();
            assert!(refusal.is_data(), "{refusal}");
        }
    }

    #[test]
    fn depth_counts_arrays_and_objects() {
        assert!(parse(br#"{"a":[[1]]}"#, 3).is_ok());
        assert!(parse(br#"{"a":[[1]]}"#, 2).is_err());
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes(), 64).is_err());
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        for body in [
            &b"{"[..],
            b"",
            b"{} {}",
            b"\xff",
            br#"{"a":"\ud800"}"#,
            b"NaN",
        ] {
            let refusal = parse(body, 8).unwrap_err();
            assert!(!refusal.is_data(), "{refusal}");
        }
    }

    #[test]
    fn whole_numbers_are_integers_in_any_notation() {
        for (written, read) in [
            ("1", json!(1)),
            ("-1", json!(-1)),
            ("1.5", json!(1.5)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("5.0", json!(5)),
            ("5e0", json!(5)),
            ("1E2", json!(100)),
            ("-50e-1", json!(-5)),
            ("-0", json!(0)),
            ("-0.0", json!(0)),
            ("9007199254740991.0", json!(9_007_199_254_740_991_u64)),
        ] {
            assert_eq!(parse(written.as_bytes(), 8).unwrap(), read, "{written}");
        }
    }

    #[test]
    fn numbers_that_were_rounded_are_not_taken_for_integers() {
        for written in [
            "9007199254740993.0",
            "-9007199254740993.0",
            "18446744073709551616",
            "-9223372036854775809",
            "1e300",
        ] {
            let value = parse(written.as_bytes(), 8).unwrap();
            assert!(value.is_f64(), "{written}: {value}");
        }
    }

    #[test]
    fn a_number_that_was_rounded_is_named() {
        let bounds = Bounds {
            depth: 8,
            values: 8,
        };
        let rounded = |body: &[u8]| super::parse(body, bounds).unwrap().rounded;
        assert_eq!(
            rounded(br#"{"a":[1e300,9007199254740993.0]}"#).as_deref(),
            Some("a[1]")
        );
        assert_eq!(rounded(br#"{"a":[1e300,9007199254740993]}"#), None);
    }

    fn integers(value: &mut Value) {
        match value {
            Value::Number(double) if double.is_f64() => *value = number(double.as_f64().unwrap()),
            Value::Array(items) => items.iter_mut().for_each(integers),
            Value::Object(members) => members.values_mut().for_each(integers),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_on_anything_without_duplicates(text in r#"[\[\]{}",:0-9a-z. -]{0,40}"#) {
            let ours = parse(text.as_bytes(), 100);
            if let Ok(value) = &ours {
                let mut theirs = serde_json::from_str(&text).unwrap();
                integers(&mut theirs);
                prop_assert_eq!(value, &theirs);
            }
        }
    }
}
