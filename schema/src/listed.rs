//! The schema of a tool, as a list shows it.
use serde_json::{Value, json};

/// A schema as every revision lists it: those up to 2025-11-25 have no property whose schema is just `true` or `false`.
#[must_use]
pub fn listed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        match property {
            Value::Bool(true) => *property = json!({}),
            Value::Bool(false) => *property = json!({ "not": {} }),
            _ => {}
        }
    }
    schema
}
