//! The types of a value that a request writes as text.
//!
//! In most styles `"7"`, `7` and `["7"]` are the same text. A rule of a policy compares JSON values: one that denies `"7"` would
//! let the other two pass. So of the types that a schema allows, those stay whose values have texts of their own.

use serde_json::Value;

use crate::schema::{Schema, merge};

/// Which values a value excludes: those of a later kind could be the same text.
const KINDS: [&str; 3] = ["array", "object", "string"];
const NUMERIC: [&str; 5] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// Leaves the types whose values differ as text. What changes is the rest of a sentence about the argument.
pub(crate) fn restrict(schema: &mut Schema) -> Option<String> {
    // Listed values have their types, and what a reference or a conjunction allows is not known here.
    if ["$ref", "enum", "const", "allOf"]
        .iter()
        .any(|keyword| schema.contains_key(*keyword))
    {
        return None;
    }
    let types = schema.get("type").map(merge::list).unwrap_or_default();
    let types: Vec<String> = types.into_iter().map(str::to_owned).collect();
    if !types.is_empty() {
        return of_types(schema, &types);
    }
    let unions = ["anyOf", "oneOf"];
    if let Some(union) = unions.iter().find(|union| schema.contains_key(**union)) {
        let branches = schema.get_mut(*union)?.as_array_mut()?;
        return of_branches(branches);
    }
    let kind = match NUMERIC.iter().any(|keyword| schema.contains_key(*keyword)) {
        true => "number",
        false => "string",
    };
    schema.insert("type".to_owned(), Value::from(kind));
    Some(format!(
        "is a {kind}: its schema has no type, and the request writes values of all types as text"
    ))
}

fn of_types(schema: &mut Schema, types: &[String]) -> Option<String> {
    let kind = KINDS
        .into_iter()
        .find(|kind| types.iter().any(|it| it == kind))?;
    let kept: Vec<&String> = types
        .iter()
        .filter(|it| *it == kind || *it == "null")
        .collect();
    if kept.len() == types.len() {
        return None;
    }
    let kept = match kept.as_slice() {
        [one] => Value::from(one.as_str()),
        several => several.iter().map(|it| Value::from(it.as_str())).collect(),
    };
    schema.insert("type".to_owned(), kept);
    if kind == "string" {
        NUMERIC.iter().for_each(|keyword| {
            schema.remove(*keyword);
        });
    }
    Some(only(kind))
}

fn of_branches(branches: &mut Vec<Value>) -> Option<String> {
    let types: Option<Vec<String>> = branches
        .iter()
        .map(|branch| branch.get("type")?.as_str().map(str::to_owned))
        .collect();
    let types = types?;
    // Words are no text of a number.
    let kind = KINDS.into_iter().find(|kind| {
        let mut typed = branches.iter().zip(&types);
        typed.any(|(branch, it)| it == kind && !are_words(branch))
    })?;
    let has_numbers_only = branches.iter().zip(&types).all(|(branch, it)| {
        let items = branch.get("items").and_then(|items| items.get("type"));
        it != "array" || matches!(items.and_then(Value::as_str), Some("integer" | "number"))
    });
    let before = branches.len();
    let mut types = types.iter();
    branches.retain(|branch| {
        let it = types.next().map(String::as_str).unwrap_or_default();
        let is_apart = are_words(branch) && (kind != "array" || has_numbers_only);
        it == kind || it == "null" || (is_apart && kind != "string")
    });
    (branches.len() < before).then(|| only(kind))
}

fn only(kind: &str) -> String {
    let article = match kind {
        "string" => "a",
        _ => "an",
    };
    format!(
        "is {article} {kind} only: the request writes values of its other types as the same text"
    )
}

/// Whether a schema lists strings, none of which is the text of a number or a truth value.
fn are_words(branch: &Value) -> bool {
    let listed = branch.get("enum").and_then(Value::as_array);
    listed.is_some_and(|listed| {
        listed.iter().all(|value| {
            let text = value.as_str();
            text.is_some_and(|text| serde_json::from_str::<Value>(text).is_err())
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn restricted(schema: Value) -> (Value, bool) {
        let mut schema = schema.as_object().cloned().unwrap();
        let is_changed = restrict(&mut schema).is_some();
        (Value::Object(schema), is_changed)
    }

    #[test]
    fn one_text_has_one_value() {
        let words = json!({ "type": "string", "enum": ["all"] });
        let numbers = json!({ "type": "array", "items": { "type": "integer" } });
        let texts = json!({ "type": "array", "items": { "type": "string" } });
        for (schema, expected) in [
            (json!({}), json!({ "type": "string" })),
            (
                json!({ "minimum": 1 }),
                json!({ "minimum": 1, "type": "number" }),
            ),
            (
                json!({ "type": ["string", "integer"], "minimum": 1 }),
                json!({ "type": "string" }),
            ),
            (
                json!({ "type": ["string", "null", "boolean"] }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": ["string", "array"], "items": {} }),
                json!({ "type": "array", "items": {} }),
            ),
            (
                json!({ "oneOf": [{ "type": "integer" }, { "type": "string" }] }),
                json!({ "oneOf": [{ "type": "string" }] }),
            ),
            (
                json!({ "anyOf": [{ "type": "string" }, texts] }),
                json!({ "anyOf": [texts] }),
            ),
            (
                json!({ "anyOf": [words, texts] }),
                json!({ "anyOf": [texts] }),
            ),
        ] {
            assert_eq!(restricted(schema), (expected, true));
        }
        for schema in [
            json!({ "type": "string" }),
            json!({ "type": ["integer", "boolean"] }),
            json!({ "type": ["string", "null"] }),
            json!({ "type": "array", "items": {} }),
            json!({ "enum": [1, 2] }),
            json!({ "$ref": "#/$defs/a" }),
            json!({ "anyOf": [words, { "type": "integer" }] }),
            json!({ "anyOf": [words, numbers] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "string", "format": "date" }] }),
        ] {
            assert_eq!(restricted(schema.clone()), (schema, false));
        }
    }
}
