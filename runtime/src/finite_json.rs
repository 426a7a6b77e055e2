//! Values as JSON, with every number in them.
//!
//! JSON has no NaN and no infinity (RFC 8259 §6). serde_json writes `null` for them, which is another value.

use std::cell::RefCell;
use std::fmt;

use mcp_edge_schema::EXACT;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Why a value cannot be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be written as JSON: {why}", Place(pointer))]
pub(crate) struct NotFiniteError {
    /// Where, as a JSON pointer (RFC 6901); empty for the value itself.
    pub(crate) pointer: String,
    pub(crate) why: String,
}

struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("the value"),
            pointer => write!(f, "`{pointer}`"),
        }
    }
}

/// A number as JSON. A whole one is an integer, as in JSON Schema 2020-12 (validation §6.1.1): serde takes `5.0` for no
/// integer, and every type that takes a double takes an integer as well. One that may have been rounded stays a double.
/// What is not finite is `null`.
pub(crate) fn number(value: f64) -> Value {
    if value.trunc() == value && value.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within i64")]
        return Value::from(value as i64);
    }
    Value::from(value)
}

/// The JSON of a value.
pub(crate) fn to_value<T: Serialize>(value: &T) -> Result<Value, NotFiniteError> {
    let path = Path::default();
    let inner = serde_json::value::Serializer;
    let written = value.serialize(Finite { inner, path: &path });
    written.map_err(|error| path.unwritable(&error))
}

/// The text of a value's JSON.
pub(crate) fn to_string<T: Serialize>(value: &T) -> Result<String, NotFiniteError> {
    let path = Path::default();
    let mut text = Vec::new();
    let mut json = serde_json::Serializer::new(&mut text);
    let inner = &mut json;
    let written = value.serialize(Finite { inner, path: &path });
    written.map_err(|error| path.unwritable(&error))?;
    // It writes UTF-8.
    String::from_utf8(text).map_err(|error| path.unwritable(&error))
}

/// The way to what failed, innermost first; empty as long as nothing has.
#[derive(Default)]
struct Path(RefCell<Vec<String>>);

impl Path {
    fn add(&self, part: impl fmt::Display) {
        self.0.borrow_mut().push(part.to_string());
    }

    fn unwritable(&self, why: &impl fmt::Display) -> NotFiniteError {
        let mut pointer = String::new();
        for part in self.0.borrow().iter().rev() {
            pointer.push('/');
            pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
        }
        NotFiniteError {
            pointer,
            why: why.to_string(),
        }
    }
}

/// A serializer, or a part of one, that hands on everything but numbers that are not finite.
struct Finite<'p, S> {
    inner: S,
    path: &'p Path,
}

/// A value whose serializer is to be one of these.
struct Nested<'p, 'v, T: ?Sized> {
    value: &'v T,
    path: &'p Path,
}

impl<T: Serialize + ?Sized> Serialize for Nested<'_, '_, T> {
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        let path = self.path;
        self.value.serialize(Finite { inner, path })
    }
}

impl<'p, S> Finite<'p, S> {
    fn nest<'v, T: ?Sized>(&self, value: &'v T) -> Nested<'p, 'v, T> {
        let path = self.path;
        Nested { value, path }
    }
}

fn finite<E: serde::ser::Error>(number: f64) -> Result<(), E> {
    if number.is_finite() {
        Ok(())
    } else {
        Err(E::custom(format_args!("{number} is not a number in JSON")))
    }
}

macro_rules! hand_on {
    ($($method:ident: $kind:ty;)*) => {
        $(fn $method(self, value: $kind) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        })*
    };
}

/// A compound, and the place of the next of its parts.
struct CompoundSerializer<'p, C> {
    inner: C,
    path: &'p Path,
    next: usize,
    /// The variant that the parts belong to, which is a member around them.
    variant: Option<&'static str>,
    /// The key of the next value of a map.
    key: String,
}

impl<'p, C> CompoundSerializer<'p, C> {
    fn new(inner: C, path: &'p Path) -> Self {
        Self {
            inner,
            path,
            next: 0,
            variant: None,
            key: String::new(),
        }
    }

    fn of_variant(inner: C, path: &'p Path, variant: &'static str) -> Self {
        Self {
            variant: Some(variant),
            ..Self::new(inner, path)
        }
    }

    fn nest<'v, T: ?Sized>(&self, value: &'v T) -> Nested<'p, 'v, T> {
        let path = self.path;
        Nested { value, path }
    }

    /// Remembers the place of a part that failed.
    fn failed<E>(&self, part: impl fmt::Display) -> impl FnOnce(&E) {
        move |_| {
            self.path.add(part);
            if let Some(variant) = self.variant {
                self.path.add(variant);
            }
        }
    }

    fn count(&mut self) -> usize {
        let place = self.next;
        self.next = place.saturating_add(1);
        place
    }
}

impl<'p, S: Serializer> Serializer for Finite<'p, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = CompoundSerializer<'p, S::SerializeSeq>;
    type SerializeTuple = CompoundSerializer<'p, S::SerializeTuple>;
    type SerializeTupleStruct = CompoundSerializer<'p, S::SerializeTupleStruct>;
    type SerializeTupleVariant = CompoundSerializer<'p, S::SerializeTupleVariant>;
    type SerializeMap = CompoundSerializer<'p, S::SerializeMap>;
    type SerializeStruct = CompoundSerializer<'p, S::SerializeStruct>;
    type SerializeStructVariant = CompoundSerializer<'p, S::SerializeStructVariant>;

    hand_on! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_i128: i128;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
        serialize_char: char;
        serialize_str: &str;
        serialize_bytes: &[u8];
        serialize_unit_struct: &'static str;
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        finite(value.into())?;
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        finite(value)?;
        self.inner.serialize_f64(value)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let value = self.nest(value);
        self.inner.serialize_some(&value)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.nest(value);
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let (value, path) = (self.nest(value), self.path);
        self.inner
            .serialize_newtype_variant(name, index, variant, &value)
            .inspect_err(|_| path.add(variant))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(CompoundSerializer::new(
            self.inner.serialize_seq(length)?,
            self.path,
        ))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(CompoundSerializer::new(
            self.inner.serialize_tuple(length)?,
            self.path,
        ))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let inner = self.inner.serialize_tuple_struct(name, length)?;
        Ok(CompoundSerializer::new(inner, self.path))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let inner = self
            .inner
            .serialize_tuple_variant(name, index, variant, length)?;
        Ok(CompoundSerializer::of_variant(inner, self.path, variant))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(CompoundSerializer::new(
            self.inner.serialize_map(length)?,
            self.path,
        ))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let inner = self.inner.serialize_struct(name, length)?;
        Ok(CompoundSerializer::new(inner, self.path))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let inner = self
            .inner
            .serialize_struct_variant(name, index, variant, length)?;
        Ok(CompoundSerializer::of_variant(inner, self.path, variant))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! items {
    ($($compound:ident: $method:ident;)*) => {
        $(impl<C: $compound> $compound for CompoundSerializer<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                let (value, place) = (self.nest(value), self.count());
                let written = self.inner.$method(&value);
                written.inspect_err(self.failed(place))
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

items! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! fields {
    ($($compound:ident;)*) => {
        $(impl<C: $compound> $compound for CompoundSerializer<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                let value = self.nest(value);
                let written = self.inner.serialize_field(name, &value);
                written.inspect_err(self.failed(name))
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(name)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        })*
    };
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl<C: SerializeMap> SerializeMap for CompoundSerializer<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    // Keys are texts; a number as a key is checked where it becomes one.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.key = name(key);
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        let value = self.nest(value);
        let written = self.inner.serialize_value(&value);
        written.inspect_err(self.failed(&self.key))
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), C::Error> {
        let value = self.nest(value);
        let written = self.inner.serialize_entry(key, &value);
        // Only what fails pays for its name.
        written.inspect_err(|error| self.failed(name(key))(error))
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

/// A key as it is written.
fn name(key: &(impl Serialize + ?Sized)) -> String {
    match serde_json::to_value(key) {
        Ok(Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Serialize)]
    struct Point {
        x: f64,
        y: Option<f32>,
    }

    #[derive(Serialize)]
    enum Shape {
        Nothing,
        Circle(f64),
        Line(Point, Point),
        Box { from: Point, sizes: [f64; 2] },
    }

    #[derive(Serialize)]
    struct Everything {
        shapes: Vec<Shape>,
        named: BTreeMap<String, f64>,
        counted: BTreeMap<u8, f64>,
        tagged: Tagged,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
        #[serde(flatten)]
        point: Point,
        raw: Box<RawValue>,
        pair: (u128, i128),
        unit: (),
        character: char,
    }

    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { rate: f64 },
    }

    const POINT: Point = Point { x: 1.5, y: None };

    fn everything() -> Everything {
        Everything {
            shapes: vec![
                Shape::Nothing,
                Shape::Circle(1.0),
                Shape::Line(POINT, POINT),
                Shape::Box {
                    from: POINT,
                    sizes: [1.0, 2.0],
                },
            ],
            named: BTreeMap::from([("a/b~c".to_owned(), 0.5)]),
            counted: BTreeMap::from([(7, 0.5)]),
            tagged: Tagged::One { rate: 1.0 },
            rest: BTreeMap::from([("more".to_owned(), json!([1, "x", null]))]),
            point: Point {
                x: 1e300,
                y: Some(0.1),
            },
            raw: RawValue::from_string("{ \"as\": [1.50, null] }".to_owned()).unwrap(),
            pair: (1, -1),
            unit: (),
            character: 'x',
        }
    }

    #[test]
    fn finite_values_are_written_as_serde_json_writes_them() {
        let value = everything();
        assert_eq!(
            to_value(&value).unwrap(),
            serde_json::to_value(&value).unwrap()
        );
        assert_eq!(
            to_string(&value).unwrap(),
            serde_json::to_string(&value).unwrap()
        );
    }

    type Spoil = fn(&mut Everything, f64);

    #[test]
    fn numbers_that_json_does_not_have_are_named() {
        let cases: [(&str, Spoil); 10] = [
            ("/shapes/1/Circle", |all, nan| {
                all.shapes[1] = Shape::Circle(nan)
            }),
            ("/shapes/2/Line/1/x", |all, nan| {
                all.shapes[2] = Shape::Line(POINT, Point { x: nan, y: None });
            }),
            ("/shapes/3/Box/from/y", |all, nan| {
                #[expect(clippy::cast_possible_truncation)]
                let y = Some(nan as f32);
                let from = Point { x: 1.0, y };
                all.shapes[3] = Shape::Box {
                    from,
                    sizes: [0.0; 2],
                };
            }),
            ("/shapes/3/Box/sizes/1", |all, nan| {
                let sizes = [0.0, nan];
                all.shapes[3] = Shape::Box { from: POINT, sizes };
            }),
            ("/named/a~1b~0c", |all, nan| {
                all.named.insert("a/b~c".to_owned(), nan);
            }),
            ("/counted/7", |all, nan| {
                all.counted.insert(7, nan);
            }),
            ("/tagged/rate", |all, nan| {
                all.tagged = Tagged::One { rate: nan }
            }),
            ("/x", |all, nan| all.point.x = nan),
            ("/y", |all, nan| {
                #[expect(clippy::cast_possible_truncation)]
                let y = Some(nan as f32);
                all.point.y = y;
            }),
            ("/pair", |all, _| all.pair.0 = u128::MAX),
        ];
        for (pointer, spoil) in cases {
            for nan in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut value = everything();
                spoil(&mut value, nan);
                let refused = to_value(&value).unwrap_err();
                assert!(refused.pointer.starts_with(pointer), "{refused}");
                if pointer != "/pair" {
                    assert_eq!(refused.pointer, pointer);
                    assert_eq!(to_string(&value).unwrap_err().pointer, pointer);
                }
            }
        }
        let alone = to_value(&f64::NAN).unwrap_err();
        assert_eq!(
            alone.to_string(),
            "the value cannot be written as JSON: NaN is not a number in JSON"
        );
    }

    proptest! {
        #[test]
        fn only_finite_numbers_are_written(numbers in proptest::collection::vec(any::<f64>(), 0..4)) {
            let finite = numbers.iter().all(|number| number.is_finite());
            prop_assert_eq!(to_value(&numbers).is_ok(), finite);
        }
    }
}
