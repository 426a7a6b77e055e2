//! Values of a type that arrive as texts: the arguments of a prompt, the variables of a resource template.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{BitAnd, BitOr};

use mcp_edge_schema::Schema;
use serde_json::{Map, Number, Value};

use crate::finite_json::number;
use crate::jsonrpc::rounded;

/// How many schemas deep the form of a field is looked for.
const DEPTH: usize = 16;

/// How texts become the fields of a type, from its schema.
pub(super) struct Texts {
    fields: BTreeMap<String, Kinds>,
    required: BTreeSet<String>,
    /// What members without a field may be, where the type takes them.
    rest: Option<Kinds>,
    schema: Schema,
}

impl Texts {
    /// Texts for the type of a schema. The error is a clause that says what to change.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let source = Source { root: schema };
        if !source.kinds(schema, DEPTH).have(Kinds::OBJECT) {
            return Err("its parameters must be a struct with named fields".to_owned());
        }
        let mut texts = Self {
            fields: BTreeMap::new(),
            required: BTreeSet::new(),
            rest: None,
            schema: Schema::compile(schema)
                .map_err(|error| format!("its schema cannot be used: {error}"))?
                .exact(),
        };
        source.collect(schema, true, DEPTH, &mut texts);
        let readable = Kinds::STRING | Kinds::NUMBER | Kinds::BOOLEAN;
        let unreadable = texts.fields.iter().find(|(_, kinds)| !kinds.have(readable));
        match unreadable {
            Some((name, _)) => Err(format!(
                "the field `{name}` cannot be read from a text; use a string, number, boolean or enum, or describe it as \
                 one with `#[schemars(with = \"String\")]`"
            )),
            None => Ok(texts),
        }
    }

    /// Whether exactly these variables give a value of the type. The error is a clause that says what to change.
    pub(super) fn fit(&self, variables: &BTreeSet<&str>) -> Result<(), String> {
        let without_field = variables
            .iter()
            .find(|name| self.rest.is_none() && !self.fields.contains_key(**name));
        if let Some(name) = without_field {
            let fields: Vec<_> = self
                .fields
                .keys()
                .map(|field| format!("`{field}`"))
                .collect();
            return Err(format!(
                "its variable `{name}` is not a field of its parameters, which have {}; give both one name",
                match fields.as_slice() {
                    [] => "no fields".to_owned(),
                    fields => fields.join(", "),
                }
            ));
        }
        let missing = self
            .required
            .iter()
            .find(|name| !variables.contains(name.as_str()));
        match missing {
            Some(name) => Err(format!(
                "the field `{name}` is not a variable of the template; add `{{{name}}}`, or make the field an `Option`"
            )),
            None => Ok(()),
        }
    }

    /// Reads texts as what their fields are. One that cannot be read stays a text.
    pub(super) fn read(&self, texts: &mut Map<String, Value>) {
        for (name, value) in texts {
            let kinds = self.fields.get(name).copied().or(self.rest);
            if let (Some(kinds), Value::String(text)) = (kinds, &*value)
                && let Some(read) = kinds.read(text)
            {
                *value = read;
            }
        }
    }

    /// Checks what was read.
    pub(super) fn check(&self, read: &Value) -> Result<(), String> {
        let rounded = self.fields.iter().find(|(name, kinds)| {
            let text = read.get(name.as_str()).and_then(Value::as_str);
            kinds.reads_numbers() && text.is_some_and(is_rounded)
        });
        if let Some((name, _)) = rounded {
            return Err(format!("`{name}`: {}", rounded::WHY));
        }
        self.schema
            .validate(read)
            .map_err(|violations| violations.to_string())
    }
}

fn is_rounded(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok() && rounded::is_rounded(text)
}

/// The types of JSON that a schema allows, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds(u8);

impl Kinds {
    const NONE: Self = Self(0);
    const STRING: Self = Self(1);
    const NUMBER: Self = Self(2);
    const BOOLEAN: Self = Self(4);
    const OBJECT: Self = Self(8);
    const ALL: Self = Self(15);

    fn named(name: &Value) -> Self {
        match name.as_str() {
            Some("string") => Self::STRING,
            Some("integer" | "number") => Self::NUMBER,
            Some("boolean") => Self::BOOLEAN,
            Some("object") => Self::OBJECT,
            _ => Self::NONE,
        }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::STRING,
            Value::Number(_) => Self::NUMBER,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Object(_) => Self::OBJECT,
            Value::Null | Value::Array(_) => Self::NONE,
        }
    }

    fn any(of: impl Iterator<Item = Self>) -> Self {
        of.fold(Self::NONE, BitOr::bitor)
    }

    /// Whether any of `others` is among them.
    fn have(self, others: Self) -> bool {
        self & others != Self::NONE
    }

    fn reads_numbers(self) -> bool {
        self.have(Self::NUMBER) && !self.have(Self::STRING)
    }

    /// The value that a text stands for, where that is not the text itself.
    fn read(self, text: &str) -> Option<Value> {
        if self.have(Self::STRING) {
            return None;
        }
        match text {
            "true" if self.have(Self::BOOLEAN) => Some(Value::Bool(true)),
            "false" if self.have(Self::BOOLEAN) => Some(Value::Bool(false)),
            // As JSON writes it, and nothing around it.
            _ if self.reads_numbers() && !text.contains(|c: char| c.is_ascii_whitespace()) => {
                let read: Number = serde_json::from_str(text).ok()?;
                if rounded::is_rounded(text) {
                    return None;
                }
                match read.as_f64() {
                    Some(double) if read.is_f64() => Some(number(double)),
                    _ => Some(Value::Number(read)),
                }
            }
            _ => None,
        }
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Kinds {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// A schema, and the document that its references point into.
#[derive(Clone, Copy)]
struct Source<'a> {
    root: &'a Value,
}

impl<'a> Source<'a> {
    fn target(self, schema: &Value) -> Option<&'a Value> {
        let reference = schema.get("$ref")?.as_str()?;
        self.root.pointer(reference.strip_prefix('#')?)
    }

    fn kinds(self, schema: &Value, depth: usize) -> Kinds {
        let Some(deeper) = depth.checked_sub(1) else {
            return Kinds::ALL;
        };
        if schema == &Value::Bool(false) {
            return Kinds::NONE;
        }
        let each = |keyword: &str| {
            let schemas = schema.get(keyword)?.as_array()?;
            Some(schemas.iter().map(move |schema| self.kinds(schema, deeper)))
        };
        let types = schema.get("type").map(|types| match types {
            Value::Array(types) => Kinds::any(types.iter().map(Kinds::named)),
            name => Kinds::named(name),
        });
        let values = schema.get("enum").and_then(Value::as_array);
        [
            types,
            values.map(|values| Kinds::any(values.iter().map(Kinds::of))),
            schema.get("const").map(Kinds::of),
            self.target(schema).map(|target| self.kinds(target, deeper)),
            each("anyOf").map(Kinds::any),
            each("oneOf").map(Kinds::any),
            each("allOf").map(|all| all.fold(Kinds::ALL, BitAnd::bitand)),
        ]
        .into_iter()
        .flatten()
        .fold(Kinds::ALL, BitAnd::bitand)
    }

    /// Adds the fields of a schema, and of those that it is made of; `always` where the value must fit it.
    fn collect(self, schema: &'a Value, always: bool, depth: usize, texts: &mut Texts) {
        let Some(deeper) = depth.checked_sub(1) else {
            return;
        };
        let fields = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let kinds = self.kinds(field, DEPTH);
            let known = texts.fields.entry(name.clone()).or_insert(Kinds::NONE);
            *known = *known | kinds;
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter(|_| always) {
            texts.required.extend(name.as_str().map(str::to_owned));
        }
        let rest = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(rest) => Some(self.kinds(rest, DEPTH)),
            // A schema that asks for nothing.
            None => (schema == &Value::Bool(true) || schema == &Value::Object(Map::new()))
                .then_some(Kinds::ALL),
        };
        if let Some(rest) = rest {
            texts.rest = Some(texts.rest.unwrap_or(Kinds::NONE) | rest);
        }
        if let Some(target) = self.target(schema) {
            self.collect(target, always, deeper, texts);
        }
        for (keyword, always) in [("allOf", always), ("anyOf", false), ("oneOf", false)] {
            let schemas = schema.get(keyword).and_then(Value::as_array);
            for schema in schemas.into_iter().flatten() {
                self.collect(schema, always, deeper, texts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use schemars::JsonSchema;
    use schemars::generate::Contract;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::server::generated::schema_of;
    use crate::server::handler::read;

    fn texts<T: JsonSchema>() -> Result<Texts, String> {
        Texts::of(&schema_of::<T>(Contract::Deserialize))
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Id(u64);

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct More {
        depth: Option<i8>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Everything {
        id: Id,
        name: String,
        small: u8,
        rate: f64,
        sure: Option<bool>,
        colour: Option<Colour>,
        #[serde(flatten)]
        more: More,
    }

    fn given(change: impl FnOnce(&mut Map<String, Value>)) -> Map<String, Value> {
        let Value::Object(mut given) = json!({
            "id": "18446744073709551615", "name": "5", "small": "5.0", "rate": "5", "sure": "true",
            "colour": "blue", "depth": "-1E1",
        }) else {
            unreachable!()
        };
        change(&mut given);
        given
    }

    fn read_all(mut given: Map<String, Value>) -> Result<Everything, String> {
        let texts = texts::<Everything>().unwrap();
        texts.read(&mut given);
        let given = Value::Object(given);
        texts.check(&given)?;
        read(given)
    }

    #[test]
    fn texts_become_the_types_of_their_fields() {
        let expected = Everything {
            id: Id(u64::MAX),
            name: "5".to_owned(),
            small: 5,
            rate: 5.0,
            sure: Some(true),
            colour: Some(Colour::Blue),
            more: More { depth: Some(-10) },
        };
        assert_eq!(read_all(given(|_| {})), Ok(expected));
    }

    #[test]
    fn texts_that_are_no_such_value_are_named() {
        for (name, text, expected) in [
            (
                "small",
                "256",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            (
                "small",
                "x",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            (
                "small",
                "5.5",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            (
                "small",
                " 5",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            (
                "small",
                "05",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            (
                "small",
                "",
                "`small`: expected an integer of at least 0 and of at most 255",
            ),
            ("id", "18446744073709551616", "64 bits"),
            ("rate", "18446744073709551617", "64 bits"),
            ("rate", "NaN", "`rate`: expected a number"),
            ("sure", "yes", "`sure`: expected a boolean"),
            ("colour", "green", "`colour`: expected"),
        ] {
            let given = given(|given| {
                given.insert(name.to_owned(), json!(text));
            });
            let said = read_all(given).unwrap_err();
            assert!(said.contains(expected), "{name} {text}: {said}");
        }
    }

    #[test]
    fn types_that_no_text_gives_are_refused() {
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct List {
            tags: Vec<String>,
        }
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct Inner {
            colour: Option<More>,
        }
        #[derive(JsonSchema)]
        #[allow(dead_code)]
        struct Described {
            #[schemars(with = "String")]
            tags: Vec<String>,
        }
        let refused = |texts: Result<Texts, String>| texts.err().unwrap();
        assert!(refused(texts::<List>()).starts_with("the field `tags` cannot be read"));
        assert!(refused(texts::<Inner>()).starts_with("the field `colour` cannot be read"));
        assert!(refused(texts::<String>()).contains("a struct with named fields"));
        assert!(texts::<Described>().is_ok());
    }

    #[test]
    fn variables_are_the_fields() {
        let fit = |texts: Result<Texts, String>, variables: &[&str]| {
            texts.unwrap().fit(&variables.iter().copied().collect())
        };
        let all = ["id", "name", "small", "rate", "sure", "colour", "depth"];
        assert_eq!(fit(texts::<Everything>(), &all), Ok(()));
        assert_eq!(fit(texts::<Everything>(), &all[..4]), Ok(()));
        assert_eq!(fit(texts::<HashMap<String, String>>(), &all), Ok(()));
        assert_eq!(fit(texts::<Map<String, Value>>(), &all), Ok(()));
        assert_eq!(fit(texts::<Value>(), &all), Ok(()));
        assert_eq!(
            fit(texts::<More>(), &["city"]).unwrap_err(),
            "its variable `city` is not a field of its parameters, which have `depth`; give both one name"
        );
        let missing = fit(texts::<Everything>(), &all[1..]).unwrap_err();
        assert!(
            missing.starts_with("the field `id` is not a variable"),
            "{missing}"
        );
    }
}
