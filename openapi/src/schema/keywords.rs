//! Keywords that hold no schemas: OpenAPI 3.0 and careless documents in, JSON Schema 2020-12 out.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Number, Value, json};

/// The maximum size of a `default`, in bytes of JSON.
const MAX_DEFAULT_BYTES: usize = 512;

/// What a keyword becomes.
pub(super) enum Outcome {
    Keep(Value),
    /// It has no meaning in an input or output schema, or is expressed otherwise.
    Drop,
    /// It is lost, and why.
    Lose(String),
}

/// Which patterns can be used, so that each is compiled once.
#[derive(Debug, Default)]
pub(crate) struct Patterns(RefCell<BTreeMap<String, bool>>);

impl Patterns {
    pub(super) fn is_usable(&self, pattern: &str) -> bool {
        if let Some(known) = self.0.borrow().get(pattern) {
            return *known;
        }
        let is_usable = mcp_edge_schema::Schema::compile(&json!({ "pattern": pattern })).is_ok();
        self.0.borrow_mut().insert(pattern.to_owned(), is_usable);
        is_usable
    }
}

/// Normalises a keyword that holds no schema. `None`: it is not one of them.
pub(super) fn normalised(keyword: &str, value: &Value, patterns: &Patterns) -> Option<Outcome> {
    let wrong = || {
        Outcome::Lose(format!(
            "`{keyword}` is ignored: its value has the wrong type"
        ))
    };
    Some(match keyword {
        "const" => Outcome::Keep(value.clone()),
        "default" if value.to_string().len() > MAX_DEFAULT_BYTES => {
            Outcome::Lose("a long `default` is left out".to_owned())
        }
        "default" => Outcome::Keep(value.clone()),
        "enum" => match value.as_array().filter(|values| !values.is_empty()) {
            Some(values) => Outcome::Keep(Value::Array(distinct(values))),
            None => wrong(),
        },
        "minimum" | "maximum" => match value {
            Value::Number(_) => Outcome::Keep(value.clone()),
            _ => wrong(),
        },
        "exclusiveMinimum" | "exclusiveMaximum" => match value {
            Value::Number(_) => Outcome::Keep(value.clone()),
            // The form of 3.0; it changes `minimum` and `maximum`.
            Value::Bool(_) => Outcome::Drop,
            _ => wrong(),
        },
        "multipleOf" => match value.as_f64() {
            Some(number) if number > 0.0 => Outcome::Keep(value.clone()),
            _ => wrong(),
        },
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains" => count(value).map_or_else(wrong, Outcome::Keep),
        "uniqueItems" => match value {
            Value::Bool(true) => Outcome::Keep(Value::Bool(true)),
            Value::Bool(false) => Outcome::Drop,
            _ => wrong(),
        },
        "deprecated" => match value {
            Value::Bool(true) => Outcome::Keep(Value::Bool(true)),
            _ => Outcome::Drop,
        },
        "pattern" => match value.as_str() {
            Some(pattern) if patterns.is_usable(pattern) => Outcome::Keep(value.clone()),
            Some(_) => Outcome::Lose(
                "`pattern` is ignored: the expression is invalid, or is not of linear time"
                    .to_owned(),
            ),
            None => wrong(),
        },
        "format" | "contentEncoding" | "contentMediaType" => match value {
            Value::String(_) => Outcome::Keep(value.clone()),
            _ => wrong(),
        },
        "required" => match value {
            Value::Array(names) => Outcome::Keep(Value::Array(distinct(
                &names
                    .iter()
                    .filter(|name| name.is_string())
                    .cloned()
                    .collect::<Vec<_>>(),
            ))),
            _ => wrong(),
        },
        "dependentRequired" => match value {
            Value::Object(members)
                if members.values().all(|names| {
                    names
                        .as_array()
                        .is_some_and(|names| names.iter().all(Value::is_string))
                }) =>
            {
                Outcome::Keep(
                    members
                        .iter()
                        .map(|(name, names)| {
                            let names = names.as_array().map(|names| distinct(names));
                            (name.clone(), Value::Array(names.unwrap_or_default()))
                        })
                        .collect::<serde_json::Map<_, _>>()
                        .into(),
                )
            }
            _ => wrong(),
        },
        // Handled with the schema as a whole, or without a meaning for a caller.
        "type" | "description" | "title" | "nullable" | "discriminator" | "readOnly"
        | "writeOnly" | "example" | "examples" | "xml" | "externalDocs" | "$schema" | "$id"
        | "$anchor" | "$comment" | "$defs" | "definitions" | "$dynamicAnchor" | "$vocabulary"
        | "$ref" | "contentSchema" => Outcome::Drop,
        "$dynamicRef" | "$recursiveRef" => Outcome::Lose(format!(
            "`{keyword}` is not resolved; any value is accepted"
        )),
        keyword if keyword.starts_with("x-") => Outcome::Drop,
        _ => return None,
    })
}

/// The values without repetitions.
fn distinct(values: &[Value]) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    let is_new = |value: &&Value| seen.insert(value.to_string());
    values.iter().filter(is_new).cloned().collect()
}

/// A number of things, also where a document writes `5.0`.
fn count(value: &Value) -> Option<Value> {
    if let Some(count) = value.as_u64() {
        return Some(Value::from(count));
    }
    let number = value.as_f64()?;
    let is_count = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    let text = is_count.then(|| format!("{number:.0}"))?;
    text.parse::<u64>()
        .ok()
        .map(|count| Value::Number(Number::from(count)))
}

/// The types of a schema, and those that are not types of JSON Schema.
pub(super) fn types(value: &Value) -> (Vec<String>, Vec<String>) {
    let names: Vec<&Value> = match value {
        Value::Array(names) => names.iter().collect(),
        name => vec![name],
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for name in names {
        match name.as_str() {
            Some(
                name @ ("string" | "number" | "integer" | "boolean" | "object" | "array" | "null"),
            ) => {
                if !known.iter().any(|one| one == name) {
                    known.push(name.to_owned());
                }
            }
            Some(name) => unknown.push(name.to_owned()),
            None => unknown.push(name.to_string()),
        }
    }
    (known, unknown)
}
