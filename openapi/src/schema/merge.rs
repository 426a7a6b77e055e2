//! One schema for several that must all hold, where there is one.

use serde_json::{Map, Value, json};

pub(crate) type Schema = Map<String, Value>;

/// What stands for a property that the direction of the values excludes, until all parts of an object are merged.
pub(super) const HIDDEN: Value = Value::Null;

/// How deep schemas within one another are merged.
const MAX_DEPTH: usize = 32;

/// The schema that accepts what both accept. `None` where no single object of keywords does.
pub(crate) fn merged(one: &Schema, other: &Schema) -> Option<Schema> {
    merge(one, other, 0)
}

fn merge(one: &Schema, other: &Schema, depth: usize) -> Option<Schema> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut out = one.clone();
    for (keyword, value) in other {
        let Some(known) = out.get_mut(keyword) else {
            out.insert(keyword.clone(), value.clone());
            continue;
        };
        if known == value {
            continue;
        }
        *known = both(keyword, known, value, depth)?;
    }
    // A type that came from one side may exclude constants of the other; the evaluator says so when a value is checked.
    Some(out)
}

fn both(keyword: &str, one: &Value, other: &Value, depth: usize) -> Option<Value> {
    let pick = |take_other: bool| Some(if take_other { other } else { one }.clone());
    match keyword {
        // Annotations: the nearer one.
        "description" | "title" | "default" | "deprecated" | "format" => pick(false),
        "type" => types(one, other),
        "properties" => properties(one, other, depth),
        "required" => {
            let mut names = one.as_array()?.clone();
            for name in other.as_array()? {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            Some(Value::Array(names))
        }
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            pick(other.as_f64()? > one.as_f64()?)
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            pick(other.as_f64()? < one.as_f64()?)
        }
        "enum" => {
            let other = other.as_array()?;
            let values = one.as_array()?.iter();
            let values: Vec<Value> = values
                .filter(|value| other.contains(value))
                .cloned()
                .collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        "uniqueItems" => Some(Value::Bool(
            one == &Value::Bool(true) || other == &Value::Bool(true),
        )),
        "items" => match (one, other) {
            (Value::Object(one), Value::Object(other)) => {
                merge(one, other, depth.saturating_add(1)).map(Value::Object)
            }
            _ => None,
        },
        // `false` on one side holds for both.
        "additionalProperties" => match (one, other) {
            (Value::Bool(false), _) | (_, Value::Bool(false)) => Some(Value::Bool(false)),
            (Value::Object(open), value) | (value, Value::Object(open)) if open.is_empty() => {
                Some(value.clone())
            }
            _ => None,
        },
        "allOf" => {
            let mut all = one.as_array()?.clone();
            all.extend(other.as_array()?.iter().cloned());
            Some(Value::Array(all))
        }
        _ => None,
    }
}

fn properties(one: &Value, other: &Value, depth: usize) -> Option<Value> {
    let mut out = one.as_object()?.clone();
    for (name, schema) in other.as_object()? {
        let value = match out.get(name) {
            None => schema.clone(),
            Some(known) if known == schema => continue,
            // A part that describes the property again makes it one that can be sent: no argument is lost.
            Some(known) if *known == HIDDEN => schema.clone(),
            Some(_) if *schema == HIDDEN => continue,
            Some(known) => {
                let single = match (known, schema) {
                    (Value::Object(one), Value::Object(other)) => {
                        merge(one, other, depth.saturating_add(1))
                    }
                    _ => None,
                };
                match single {
                    Some(schema) => Value::Object(schema),
                    None => json!({ "allOf": [known, schema] }),
                }
            }
        };
        out.insert(name.clone(), value);
    }
    Some(Value::Object(out))
}

/// Removes the properties that are hidden. They are not required either.
pub(super) fn remove_hidden(schema: &mut Schema) {
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    let is_hidden = |name: &String| properties.get(name) == Some(&HIDDEN);
    let hidden: Vec<String> = properties
        .keys()
        .filter(|name| is_hidden(name))
        .cloned()
        .collect();
    if hidden.is_empty() {
        return;
    }
    properties.retain(|_, schema| *schema != HIDDEN);
    if let Some(names) = schema.get_mut("required").and_then(Value::as_array_mut) {
        names.retain(|name| !hidden.iter().any(|hidden| name == hidden));
        if names.is_empty() {
            schema.remove("required");
        }
    }
}

/// The types that both lists contain. An integer is a number.
fn types(one: &Value, other: &Value) -> Option<Value> {
    let (one, other) = (list(one), list(other));
    let mut shared: Vec<&str> = Vec::new();
    for name in &one {
        if other.contains(name) || (*name == "integer" && other.contains(&"number")) {
            shared.push(name);
        } else if *name == "number" && other.contains(&"integer") {
            shared.push("integer");
        }
    }
    match shared.as_slice() {
        [] => None,
        [single] => Some(Value::from(*single)),
        several => Some(Value::from(several.to_vec())),
    }
}

/// The names in a `type`.
pub(crate) fn list(types: &Value) -> Vec<&str> {
    match types {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a schema allows nothing but objects, or objects and null.
pub(crate) fn is_object(schema: &Schema) -> bool {
    let types = schema.get("type").map(list).unwrap_or_default();
    types.contains(&"object") && types.iter().all(|name| matches!(*name, "object" | "null"))
}

/// Makes a schema accept `null`.
pub(crate) fn nullable(mut schema: Schema) -> Schema {
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut)
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(known) = schema.get_mut("type") {
        let mut types = list(known);
        if !types.contains(&"null") {
            types.push("null");
            *known = Value::from(types);
        }
    }
    let combines = ["anyOf", "oneOf", "allOf", "not", "const", "$ref", "if"];
    if !combines.iter().any(|keyword| schema.contains_key(*keyword)) {
        return schema;
    }
    if let Some(variants) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        variants.push(json!({ "type": "null" }));
        if !schema.contains_key("oneOf") && !schema.contains_key("allOf") {
            return schema;
        }
    }
    let description = schema.remove("description");
    let mut out = Schema::new();
    out.extend(description.map(|text| ("description".to_owned(), text)));
    out.insert(
        "anyOf".to_owned(),
        json!([Value::Object(schema), { "type": "null" }]),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: Value) -> Schema {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn objects_are_merged_with_what_each_requires() {
        let one = of(
            json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] }),
        );
        let other = of(json!({
            "type": "object",
            "properties": { "a": { "maxLength": 3 }, "b": { "type": "integer" } },
            "required": ["b", "a"]
        }));
        assert_eq!(
            Value::Object(merged(&one, &other).unwrap()),
            json!({
                "type": "object",
                "properties": { "a": { "type": "string", "maxLength": 3 }, "b": { "type": "integer" } },
                "required": ["a", "b"]
            })
        );
    }

    #[test]
    fn what_cannot_be_one_object_of_keywords_is_not_merged() {
        for (one, other) in [
            (json!({ "type": "string" }), json!({ "type": "integer" })),
            (json!({ "enum": [1] }), json!({ "enum": [2] })),
            (json!({ "pattern": "a" }), json!({ "pattern": "b" })),
            (
                json!({ "anyOf": [{}] }),
                json!({ "anyOf": [{ "type": "null" }] }),
            ),
            (json!({ "const": 1 }), json!({ "const": 2 })),
        ] {
            assert_eq!(merged(&of(one), &of(other)), None);
        }
        let narrow = merged(
            &of(json!({ "type": ["number", "null"], "minimum": 1 })),
            &of(json!({ "type": "integer", "minimum": 2 })),
        );
        assert_eq!(
            Value::Object(narrow.unwrap()),
            json!({ "type": "integer", "minimum": 2 })
        );
    }

    #[test]
    fn null_is_added_wherever_a_schema_excludes_it() {
        for (schema, expected) in [
            (
                json!({ "type": "string" }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": "string", "enum": ["a"] }),
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
            ),
            (json!({}), json!({})),
            (
                json!({ "anyOf": [{ "type": "string" }] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            ),
            (
                json!({ "const": 1, "description": "d" }),
                json!({ "description": "d", "anyOf": [{ "const": 1 }, { "type": "null" }] }),
            ),
        ] {
            assert_eq!(Value::Object(nullable(of(schema))), expected);
        }
    }
}
