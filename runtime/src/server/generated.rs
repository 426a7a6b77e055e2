//! JSON Schemas of Rust types.

use mcp_edge_schema::{Schema, SchemaError};
use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema as Generated};
use serde::Serialize;
use serde_json::Value;

/// The JSON Schema 2020-12 of a Rust type, as clients should see it.
pub(crate) fn schema_of<T: JsonSchema>(contract: Contract) -> Value {
    let mut schema = generate::<T>(contract);
    finish(&mut schema);
    schema.to_value()
}

fn generate<T: JsonSchema>(contract: Contract) -> Generated {
    let mut settings = SchemaSettings::draft2020_12();
    settings.contract = contract;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("$schema");
    schema.remove("title");
    schema
}

/// Writes what number formats mean in keywords of the standard, and removes them.
pub(crate) fn finish(schema: &mut Generated) {
    RecursiveTransform(bound).transform(schema);
}

/// `uint8` and its like are in no standard, and validators on the client's side complain about them to people.
fn bound(schema: &mut Generated) {
    if !is_number(schema) {
        return;
    }
    let format = schema.remove("format");
    let bounds = format.as_ref().and_then(Value::as_str).map(bounds);
    let Some((minimum, maximum)) = bounds else {
        return;
    };
    for (keyword, exclusive, bound) in [
        ("minimum", "exclusiveMinimum", minimum),
        ("maximum", "exclusiveMaximum", maximum),
    ] {
        if let Some(bound) = bound
            && schema.get(keyword).is_none()
            && schema.get(exclusive).is_none()
        {
            schema.insert(keyword.to_owned(), bound);
        }
    }
}

fn is_number(schema: &Generated) -> bool {
    let is = |kind: &Value| kind == "integer" || kind == "number";
    match schema.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().any(is) && !kinds.iter().any(|kind| kind == "string")
        }
        Some(kind) => is(kind),
        None => false,
    }
}

/// The least and the greatest value of a Rust type, by the format that schemars gives it. Beyond 2^53 clients read different
/// numbers from the same text, so that the bounds of larger types are not written; the size of `usize` is the host's.
fn bounds(format: &str) -> (Option<Value>, Option<Value>) {
    let both = |least: i64, greatest: i64| (Some(least.into()), Some(greatest.into()));
    match format {
        "int8" => both(i8::MIN.into(), i8::MAX.into()),
        "int16" => both(i16::MIN.into(), i16::MAX.into()),
        "int32" => both(i32::MIN.into(), i32::MAX.into()),
        "uint8" => both(0, u8::MAX.into()),
        "uint16" => both(0, u16::MAX.into()),
        "uint32" => both(0, u32::MAX.into()),
        "uint" | "uint64" | "uint128" => (Some(0.into()), None),
        "float" => (Some(f32::MIN.into()), Some(f32::MAX.into())),
        _ => (None, None),
    }
}

/// The schema of a tool's structured content.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputSchema {
    schema: Value,
    /// Whether a type guarantees all that the schema asks for, so that checking a value again would only cost time.
    is_guaranteed: bool,
}

impl From<Value> for OutputSchema {
    /// A schema that was written by hand: every result is checked against it.
    fn from(schema: Value) -> Self {
        Self {
            schema,
            is_guaranteed: false,
        }
    }
}

impl OutputSchema {
    /// The schema of what a type serializes to. Results are checked against it if it asks for more than the type guarantees,
    /// such as a range, a length or a pattern.
    pub fn of<T: Serialize + JsonSchema>() -> Self {
        let mut schema = generate::<T>(Contract::Serialize);
        let mut is_guaranteed = true;
        RecursiveTransform(|schema: &mut Generated| is_guaranteed &= guarantees(schema))
            .transform(&mut schema);
        finish(&mut schema);
        Self {
            schema: schema.to_value(),
            is_guaranteed,
        }
    }

    pub(super) fn as_value(&self) -> &Value {
        &self.schema
    }

    /// What to check results against, if they need to be checked.
    pub(super) fn check(&self) -> Result<Option<Schema>, SchemaError> {
        let schema = Schema::compile(&self.schema)?;
        Ok((!self.is_guaranteed).then_some(schema))
    }
}

/// What a type guarantees by itself, and what asks for nothing.
const GUARANTEED: [&str; 22] = [
    "$comment",
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "anyOf",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "description",
    "examples",
    "format",
    "items",
    "oneOf",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "writeOnly",
];

/// Whether a type guarantees all that its schema asks for, its subschemas aside.
fn guarantees(schema: &mut Generated) -> bool {
    let Some(keywords) = schema.as_object() else {
        return true;
    };
    let (minimum, maximum) = match keywords.get("format") {
        Some(Value::String(format)) => bounds(format),
        _ => (None, None),
    };
    keywords
        .iter()
        .all(|(keyword, value)| match keyword.as_str() {
            "minimum" => Some(value) == minimum.as_ref(),
            "maximum" => Some(value) == maximum.as_ref(),
            keyword => GUARANTEED.contains(&keyword),
        })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::num::{NonZeroI16, NonZeroU8, NonZeroU32};

    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;

    fn schema<T: JsonSchema>() -> Value {
        schema_of::<T>(Contract::Deserialize)
    }

    #[test]
    fn integers_have_the_bounds_of_their_types() {
        for (schema, least, greatest) in [
            (schema::<u8>(), json!(0), json!(u8::MAX)),
            (schema::<u16>(), json!(0), json!(u16::MAX)),
            (schema::<u32>(), json!(0), json!(u32::MAX)),
            (schema::<i8>(), json!(i8::MIN), json!(i8::MAX)),
            (schema::<i16>(), json!(i16::MIN), json!(i16::MAX)),
            (schema::<i32>(), json!(i32::MIN), json!(i32::MAX)),
            (schema::<NonZeroU8>(), json!(1), json!(u8::MAX)),
            (schema::<NonZeroU32>(), json!(1), json!(u32::MAX)),
        ] {
            let expected = json!({ "type": "integer", "minimum": least, "maximum": greatest });
            assert_eq!(schema, expected);
        }
        for unsigned in [schema::<u64>(), schema::<usize>(), schema::<u128>()] {
            assert_eq!(unsigned, json!({ "type": "integer", "minimum": 0 }));
        }
        assert_eq!(schema::<i64>(), json!({ "type": "integer" }));
        assert_eq!(schema::<NonZeroI16>()["not"], json!({ "const": 0 }));
        assert_eq!(schema::<f64>(), json!({ "type": "number" }));
        assert_eq!(schema::<f32>()["maximum"], json!(f32::MAX));
    }

    #[test]
    fn bounds_are_found_at_any_depth() {
        let counts = schema::<HashMap<String, Vec<Option<u32>>>>();
        let expected = json!({ "type": ["integer", "null"], "minimum": 0, "maximum": u32::MAX });
        assert_eq!(counts["additionalProperties"]["items"], expected);
    }

    #[test]
    fn bounds_of_the_author_stay() {
        #[derive(JsonSchema)]
        struct Trip {
            #[allow(dead_code)]
            #[schemars(range(min = 1, max = 14))]
            days: u32,
            #[allow(dead_code)]
            #[schemars(extend("exclusiveMaximum" = 9))]
            people: u32,
            #[allow(dead_code)]
            #[schemars(extend("format" = "date"))]
            start: String,
        }
        let properties = schema::<Trip>()["properties"].take();
        assert_eq!(
            properties,
            json!({
                "days": { "type": "integer", "minimum": 1, "maximum": 14 },
                "people": { "type": "integer", "minimum": 0, "exclusiveMaximum": 9 },
                "start": { "type": "string", "format": "date" },
            })
        );
    }

    #[test]
    fn only_schemas_that_ask_for_more_than_the_type_are_checked() {
        #[derive(Serialize, JsonSchema)]
        struct Plain {
            small: u8,
            count: Option<u32>,
            large: Vec<i64>,
            rate: f64,
            names: HashMap<String, String>,
            inner: Box<Option<Plain>>,
        }
        #[derive(Serialize, JsonSchema)]
        struct Ranged {
            #[schemars(range(max = 255))]
            count: u32,
        }
        #[derive(Serialize, JsonSchema)]
        struct Deep {
            #[schemars(inner(length(min = 1)))]
            names: Vec<String>,
        }
        assert!(OutputSchema::of::<Plain>().is_guaranteed);
        assert!(OutputSchema::of::<Plain>().check().unwrap().is_none());
        for checked in [
            OutputSchema::of::<Ranged>(),
            OutputSchema::of::<Option<Deep>>(),
            OutputSchema::of::<NonZeroI16>(),
            json!({ "type": "object" }).into(),
        ] {
            assert!(!checked.is_guaranteed, "{checked:?}");
            assert!(checked.check().unwrap().is_some());
        }
    }
}
