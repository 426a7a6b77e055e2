//! Values for a schema.

use serde_json::{Map, Number, Value};

use super::pattern;
use super::random::Random;

/// Objects and arrays further inside have what is required only.
const MAX_DEPTH: usize = 4;
/// Where recursion ends.
const MAX_NESTING: usize = 24;

/// Text that means something to URLs, headers, cookies and forms.
const TEXTS: [&str; 14] = [
    "plain",
    "two words",
    "a&b=c",
    "50% off",
    "%41",
    "Zürich ☕",
    "x+y",
    "q?r#s",
    "semi;colon",
    "quote\"d",
    "comma,separated",
    "[0]",
    "pipe|d",
    "tilde~dash-dot.end",
];

/// Which members of an object have values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Required,
    All,
    Some,
}

/// A value that is meant to fit `schema`. The caller checks that it does.
pub(crate) fn value(schema: &Value, choice: Choice, random: &mut Random) -> Value {
    nested(schema, choice, random, 0)
}

fn nested(schema: &Value, choice: Choice, random: &mut Random, depth: usize) -> Value {
    let Value::Object(keywords) = schema else {
        return Value::from("anything");
    };
    let keywords = &combined(keywords, random, 0);
    if let Some(value) = keywords.get("const") {
        return value.clone();
    }
    if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        return random
            .pick(&values)
            .map_or(Value::Null, |value| (*value).clone());
    }
    match kind(keywords, random) {
        "object" => object(keywords, choice, random, depth),
        "array" => array(keywords, choice, random, depth),
        "integer" => number(keywords, true, random),
        "number" => number(keywords, false, random),
        "boolean" => Value::Bool(random.below(2) == 0),
        "null" => Value::Null,
        _ => Value::String(string(keywords, random)),
    }
}

/// The keywords with those of all its `allOf`, and of one of each `anyOf` and `oneOf`.
fn combined(
    keywords: &Map<String, Value>,
    random: &mut Random,
    depth: usize,
) -> Map<String, Value> {
    let mut out = keywords.clone();
    let all = out.remove("allOf").unwrap_or_default();
    let mut others: Vec<Value> = all.as_array().cloned().unwrap_or_default();
    for keyword in ["anyOf", "oneOf"] {
        let choices = out.remove(keyword).unwrap_or_default();
        let choices: Vec<&Value> = choices.as_array().into_iter().flatten().collect();
        others.extend(random.pick(&choices).map(|choice| (*choice).clone()));
    }
    for other in others {
        let Value::Object(other) = other else {
            continue;
        };
        if depth > MAX_NESTING {
            continue;
        }
        for (keyword, value) in combined(&other, random, depth + 1) {
            match (out.get_mut(&keyword), value) {
                (Some(Value::Object(members)), Value::Object(more)) => members.extend(more),
                (Some(Value::Array(names)), Value::Array(more)) if keyword == "required" => {
                    names.extend(more);
                }
                (_, value) => {
                    out.insert(keyword, value);
                }
            }
        }
    }
    out
}

fn kind<'k>(keywords: &'k Map<String, Value>, random: &mut Random) -> &'k str {
    match keywords.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds
                .iter()
                .filter_map(Value::as_str)
                .filter(|kind| *kind != "null")
                .collect();
            random.pick(&kinds).copied().unwrap_or("null")
        }
        _ if keywords.contains_key("properties") => "object",
        _ if keywords.contains_key("items") => "array",
        _ if keywords.contains_key("minimum") => "number",
        _ => "string",
    }
}

fn size(keywords: &Map<String, Value>, keyword: &str) -> Option<usize> {
    let size = keywords.get(keyword)?.as_f64()?;
    // Sizes are small whole numbers.
    format!("{size:.0}").parse().ok()
}

fn object(
    keywords: &Map<String, Value>,
    choice: Choice,
    random: &mut Random,
    depth: usize,
) -> Value {
    let mut out = Map::new();
    let required: Vec<&str> = keywords
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let none = Map::new();
    let properties = keywords
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    if depth > MAX_NESTING {
        return Value::Object(out);
    }
    for (name, schema) in properties {
        let is_wanted = match choice {
            Choice::Required => false,
            _ if depth > MAX_DEPTH => false,
            Choice::All => true,
            Choice::Some => random.below(2) == 0,
        };
        if is_wanted || required.contains(&name.as_str()) {
            out.insert(name.clone(), nested(schema, choice, random, depth + 1));
        }
    }
    let more = keywords.get("additionalProperties");
    let missing: Vec<&str> = required
        .into_iter()
        .filter(|name| !properties.contains_key(*name))
        .collect();
    for name in missing {
        let schema = more.unwrap_or(&Value::Null);
        out.insert(name.to_owned(), nested(schema, choice, random, depth + 1));
    }
    let min = size(keywords, "minProperties").unwrap_or_default();
    let has_more = more.is_some_and(|more| *more != Value::Bool(false));
    let wanted = usize::from(has_more && choice != Choice::Required && depth <= MAX_DEPTH);
    if more != Some(&Value::Bool(false)) {
        let wanted = min.saturating_sub(out.len()).max(wanted);
        for index in 0..wanted {
            let schema = more.unwrap_or(&Value::Null);
            out.insert(
                format!("more{index}"),
                nested(schema, choice, random, depth + 1),
            );
        }
    }
    Value::Object(out)
}

fn array(
    keywords: &Map<String, Value>,
    choice: Choice,
    random: &mut Random,
    depth: usize,
) -> Value {
    let min = size(keywords, "minItems").unwrap_or(1);
    let max = size(keywords, "maxItems").unwrap_or(min + 2).min(min + 2);
    let count = if depth > MAX_DEPTH {
        size(keywords, "minItems").unwrap_or_default()
    } else {
        random.between(min, max)
    };
    let items = keywords.get("items").unwrap_or(&Value::Null);
    let is_unique = keywords.get("uniqueItems") == Some(&Value::Bool(true));
    let mut out: Vec<Value> = Vec::new();
    for _ in 0..count {
        let item = nested(items, choice, random, depth + 1);
        if !is_unique || !out.contains(&item) {
            out.push(item);
        }
    }
    Value::Array(out)
}

fn number(keywords: &Map<String, Value>, is_integer: bool, random: &mut Random) -> Value {
    let limit = |keyword: &str| keywords.get(keyword).and_then(Value::as_f64);
    let step = limit("multipleOf").filter(|step| *step > 0.0);
    let step = step.unwrap_or(if is_integer { 1.0 } else { 0.5 });
    let low = limit("minimum").or(limit("exclusiveMinimum").map(|low| low + step));
    let high = limit("maximum").or(limit("exclusiveMaximum").map(|high| high - step));
    let low = low.unwrap_or_else(|| high.map_or(0.0, |high| high.min(0.0)));
    let first = (low / step).ceil();
    let room = high.map_or(1000.0, |high| {
        ((high / step).floor() - first).clamp(0.0, 1000.0)
    });
    let offset = [0, 1, 7, 50, 999][random.below(5)];
    let number = (first + room.min(f64::from(offset))) * step;
    if number.fract() == 0.0 && number.abs() < 9.0e15 {
        return format!("{number:.0}")
            .parse::<i64>()
            .map_or(Value::Null, Value::from);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn string(keywords: &Map<String, Value>, random: &mut Random) -> String {
    let text = |keyword: &str| keywords.get(keyword).and_then(Value::as_str);
    let min = size(keywords, "minLength").unwrap_or_default();
    let max = size(keywords, "maxLength").unwrap_or(usize::MAX);
    if text("contentEncoding").is_some() {
        return "aGVsbG8gd29ybGQ=".to_owned();
    }
    // With a format as well, one of them may fit both.
    let is_by_pattern = text("format").is_none() || random.below(2) == 0;
    if let Some(fitting) = text("pattern")
        .filter(|_| is_by_pattern)
        .and_then(|one| pattern::text(one, random))
    {
        return fitting;
    }
    let known = match text("format") {
        Some("date-time") => Some("2026-07-28T12:30:00Z"),
        Some("date") => Some("2026-07-28"),
        Some("time") => Some("12:30:00Z"),
        Some("duration") => Some("P1DT2H"),
        Some("uuid") => Some("123e4567-e89b-42d3-a456-426614174000"),
        Some("email") => Some("a.b+c@example.com"),
        Some("uri" | "uri-reference" | "iri" | "url") => Some("https://example.com/a?b=c&d=e"),
        Some("hostname") => Some("api.example.com"),
        Some("ipv4") => Some("192.0.2.1"),
        Some("ipv6") => Some("2001:db8::1"),
        Some("json-pointer") => Some("/a/b"),
        Some("regex") => Some("^a+$"),
        Some("int32" | "int64") => Some("42"),
        Some("float" | "double") => Some("1.5"),
        Some("byte") => Some("aGVsbG8="),
        _ => None,
    };
    if let Some(known) = known {
        return known.to_owned();
    }
    let text = random.pick(&TEXTS).copied().unwrap_or_default();
    let mut text: String = text.chars().take(max).collect();
    while text.chars().count() < min {
        text.push('x');
    }
    text
}
