//! JSON from a stranger: no duplicate members, no deeper than allowed.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::schema::number;

/// Parses `body`, whose arrays and objects may nest `depth` deep.
///
/// Two members of one name are refused wherever they stand, because two parsers on the way may disagree
/// on which of them counts.
pub(crate) fn parse(body: &[u8], depth: usize) -> Result<Value, Refusal> {
    let mut parser = serde_json::Deserializer::from_slice(body);
    let value = Strict { depth }.deserialize(&mut parser).map_err(refuse)?;
    parser.end().map_err(refuse)?;
    Ok(value)
}

fn refuse(error: serde_json::Error) -> Refusal {
    if error.is_data() {
        Refusal::NotAMessage {
            why: error.to_string(),
        }
    } else {
        Refusal::NotJson {
            at: error.to_string(),
        }
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("arrays and objects nest too deep")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
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

    #[test]
    fn duplicates_are_refused_at_any_depth() {
        for body in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"a":2}}]"#] {
            let refusal = parse(body.as_bytes(), 8).unwrap_err();
            assert!(
                matches!(refusal, Refusal::NotAMessage { .. }),
                "{refusal:?}"
            );
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
            assert!(matches!(refusal, Refusal::NotJson { .. }), "{refusal:?}");
        }
    }

    #[test]
    fn whole_numbers_are_integers_however_they_are_written() {
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
