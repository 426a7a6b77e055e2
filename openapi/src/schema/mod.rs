//! Schemas of documents become schemas of tools: JSON Schema 2020-12, without references, within a budget.

mod combine;
mod keywords;
pub(crate) mod merge;
mod references;
pub(crate) mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::keywords::Outcome;
pub(crate) use self::keywords::Patterns;
pub(crate) use self::merge::Schema;
use crate::at::At;
use crate::refs::{Library, Node, Target};
use crate::report::Losses;

/// How many schemas may be within one another, whatever they are to each other. It bounds the stack.
const MAX_LEVELS: usize = 48;
/// What a schema costs besides its text: it bounds the time for schemas that have none.
const COST: usize = 4;

/// Which way the values of a schema go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the upstream: without what is `readOnly`.
    Input,
    /// From it: without what is `writeOnly`.
    Output,
}

/// What references become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum References {
    /// What they name; cycles are cut.
    Inlined,
    /// `$ref`s to `$defs`, except at the root and in `allOf`.
    Named,
}

/// How a schema is converted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) direction: Direction,
    pub(crate) references: References,
    /// The maximum length of a description down to `own_depth`, in characters. 0 for none.
    pub(crate) own_description: usize,
    /// The same for what is deeper.
    pub(crate) nested_description: usize,
    /// The depth of what is an argument: 0 for a parameter, 1 for a member of a body.
    pub(crate) own_depth: usize,
    /// How deep objects and arrays are described.
    pub(crate) max_depth: usize,
    /// The maximum number of values of an `enum`.
    pub(crate) max_enum: usize,
    /// What the result may cost, about the bytes of its JSON.
    pub(crate) budget: usize,
}

/// The result would cost more than the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverBudget;

/// Converts schemas; what it finds in several belongs to one tool.
pub(crate) struct Converter<'d, 'c> {
    library: &'d Library,
    patterns: &'c Patterns,
    pub(crate) options: Options,
    pub(crate) losses: Losses,
    /// Whether something of a schema is not in the result since it is too deep, or contains itself.
    pub(crate) is_cut: bool,
    /// The number of descriptions that were shortened or left out.
    pub(crate) shortened: usize,
    /// The only properties of a root that are wanted, if not all are.
    pub(crate) only: Option<BTreeSet<String>>,
    spent: usize,
    /// What references named on the way to the schema that is being converted.
    open: Vec<usize>,
    names: BTreeMap<usize, String>,
    taken: BTreeSet<String>,
    pending: Vec<(String, Target<'d>)>,
}

/// How a schema is a part of the one around it.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// How many objects and arrays are around it.
    depth: usize,
    /// How many schemas are around it.
    level: usize,
    /// Whether its keywords are needed, not a reference to them.
    is_inline: bool,
    /// Whether it is one of the schemas of an `allOf`.
    is_part: bool,
}

impl Place {
    const ROOT: Place = Place {
        depth: 0,
        level: 0,
        is_inline: true,
        is_part: false,
    };

    /// Of a value within this one's.
    fn inside(self) -> Place {
        Place {
            depth: self.depth.saturating_add(1),
            level: self.level.saturating_add(1),
            is_inline: false,
            is_part: false,
        }
    }

    /// Of the same value.
    fn same(self, is_inline: bool) -> Place {
        Place {
            level: self.level.saturating_add(1),
            is_inline,
            is_part: false,
            ..self
        }
    }

    /// Of what a reference here names.
    fn target(self) -> Place {
        Place {
            is_part: self.is_part,
            ..self.same(true)
        }
    }

    /// Of the same value, in an `allOf`.
    fn part(self) -> Place {
        Place {
            is_part: true,
            ..self.same(true)
        }
    }
}

impl<'d, 'c> Converter<'d, 'c> {
    pub(crate) fn new(library: &'d Library, patterns: &'c Patterns, options: Options) -> Self {
        Converter {
            library,
            patterns,
            options,
            losses: Losses::default(),
            is_cut: false,
            shortened: 0,
            only: None,
            spent: 0,
            open: Vec::new(),
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
            pending: Vec::new(),
        }
    }

    /// Converts a schema.
    pub(crate) fn convert(&mut self, node: Node<'d>, at: &At<'_>) -> Result<Schema, OverBudget> {
        self.schema(node, at, Place::ROOT)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), OverBudget> {
        self.spent = self.spent.saturating_add(bytes).saturating_add(COST);
        if self.spent > self.options.budget {
            return Err(OverBudget);
        }
        Ok(())
    }

    fn schema(&mut self, node: Node<'d>, at: &At<'_>, place: Place) -> Result<Schema, OverBudget> {
        self.spend(0)?;
        match node.value {
            Value::Bool(true) => return Ok(Schema::new()),
            Value::Bool(false) => return Ok(nothing()),
            Value::Object(_) => {}
            _ => {
                self.losses
                    .add("any value is accepted: this is not a schema", at);
                return Ok(Schema::new());
            }
        }
        if place.level > MAX_LEVELS || (place.depth > self.options.max_depth && self.is_deep(node))
        {
            return self.cut(node, None);
        }
        match node.reference() {
            Some(reference) => self.reference(node, reference, at, place),
            None => self.keywords(node, at, place),
        }
    }

    /// Whether a schema describes more than a single value.
    fn is_deep(&self, node: Node<'d>) -> bool {
        let Ok((node, _)) = self.library.follow(node) else {
            return false;
        };
        const DEEP: [&str; 8] = [
            "properties",
            "items",
            "allOf",
            "anyOf",
            "oneOf",
            "prefixItems",
            "patternProperties",
            "additionalProperties",
        ];
        DEEP.iter().any(|keyword| {
            matches!(
                node.value.get(keyword),
                Some(Value::Object(_) | Value::Array(_))
            )
        })
    }

    /// What stands for a schema that is not described further.
    fn cut(&mut self, node: Node<'d>, name: Option<&str>) -> Result<Schema, OverBudget> {
        self.is_cut = true;
        let mut out = Schema::new();
        if let Ok((node, _)) = self.library.follow(node) {
            let (types, _) = node
                .value
                .get("type")
                .map(keywords::types)
                .unwrap_or_default();
            let mut kind = match types.as_slice() {
                [] if node.value.get("properties").is_some() => Value::from("object"),
                [] if node.value.get("items").is_some() => Value::from("array"),
                [] => Value::Null,
                [kind] => Value::from(kind.as_str()),
                kinds => Value::from(kinds.to_vec()),
            };
            if node.is_true("nullable") && !kind.is_null() {
                kind = json!([kind, "null"]);
            }
            if merge::list(&kind).contains(&"array") {
                out.insert("items".to_owned(), json!({}));
            }
            if kind.is_array() || kind.is_string() {
                out.insert("type".to_owned(), kind);
            }
        }
        let text = match name {
            Some(name) => format!("Nested further, in the same form as {name}."),
            None => "Nested further.".to_owned(),
        };
        self.spend(text.len().saturating_add(24))?;
        out.insert("description".to_owned(), Value::String(text));
        Ok(out)
    }

    fn describe(
        &mut self,
        node: Node<'d>,
        out: &mut Schema,
        place: Place,
    ) -> Result<(), OverBudget> {
        let Some(description) = node.text("description") else {
            return Ok(());
        };
        let max = if place.depth <= self.options.own_depth {
            self.options.own_description
        } else {
            self.options.nested_description
        };
        let (text, is_shortened) = text::cleaned(description, max);
        if is_shortened {
            self.shortened = self.shortened.saturating_add(1);
        }
        if !text.is_empty() && max > 0 {
            self.spend(text.len().saturating_add(16))?;
            out.insert("description".to_owned(), Value::String(text));
        }
        Ok(())
    }

    fn keywords(
        &mut self,
        node: Node<'d>,
        at: &At<'_>,
        place: Place,
    ) -> Result<Schema, OverBudget> {
        let Value::Object(members) = node.value else {
            return Ok(Schema::new());
        };
        let mut out = Schema::new();
        self.describe(node, &mut out, place)?;
        let mut is_binary = false;
        if let Some(value) = members.get("type") {
            is_binary = self.types(value, &mut out, at);
        }
        for (keyword, value) in members {
            match keywords::normalised(keyword, value, self.patterns) {
                Some(Outcome::Keep(value)) => {
                    self.spend(keyword.len().saturating_add(size(&value)))?;
                    out.insert(keyword.clone(), value);
                }
                Some(Outcome::Drop) => {}
                Some(Outcome::Lose(text)) => self.losses.add(text, at.key(keyword)),
                None => self.holder(keyword, node.with(value), &mut out, at, place)?,
            }
        }
        self.exclusive(members, &mut out);
        self.binary(&mut out, is_binary);
        infer_type(&mut out);
        self.limit_enum(&mut out)?;
        let mut out = self.combined(node, out, at, place)?;
        // Not before all parts are known: one may require what another hides.
        if !place.is_part {
            merge::remove_hidden(&mut out);
        }
        let mut out = if node.is_true("nullable") {
            merge::nullable(out)
        } else {
            out
        };
        if out
            .get("type")
            .is_some_and(|types| merge::list(types).contains(&"array"))
            && !out.contains_key("items")
        {
            out.insert("items".to_owned(), json!({}));
        }
        Ok(out)
    }

    /// Sets `type`. Whether it was `file`.
    fn types(&mut self, value: &Value, out: &mut Schema, at: &At<'_>) -> bool {
        let (mut known, unknown) = keywords::types(value);
        let is_file = unknown.iter().any(|name| name == "file");
        if is_file && known.is_empty() {
            known.push("string".to_owned());
        } else if !unknown.is_empty() {
            self.losses.add(
                format!("`type` is ignored: {} is not a type", unknown.join(", ")),
                at.key("type"),
            );
            known.clear();
        }
        let types = match known.as_slice() {
            [] => return is_file,
            [one] => Value::from(one.as_str()),
            several => Value::from(several.to_vec()),
        };
        out.insert("type".to_owned(), types);
        is_file
    }

    /// A keyword that holds schemas, or one that is not known.
    fn holder(
        &mut self,
        keyword: &str,
        node: Node<'d>,
        out: &mut Schema,
        at: &At<'_>,
        place: Place,
    ) -> Result<(), OverBudget> {
        let at = at.key(keyword);
        let value = match (keyword, node.value) {
            // Combined once everything else is known.
            ("allOf" | "anyOf" | "oneOf", _) => return Ok(()),
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(members)) => {
                let is_hidden = match self.options.direction {
                    Direction::Input => "readOnly",
                    Direction::Output => "writeOnly",
                };
                let mut schemas = Schema::new();
                for (name, value) in members {
                    let value = node.with(value);
                    let at = at.key(name);
                    if keyword == "properties" {
                        if self.has_flag(value, is_hidden) {
                            schemas.insert(name.clone(), merge::HIDDEN);
                            continue;
                        }
                        if self.is_unwanted(name, place) {
                            continue;
                        }
                    }
                    if keyword == "patternProperties" && !self.patterns.is_usable(name) {
                        self.losses.add(
                            "the pattern is ignored: it is invalid, or is not of linear time",
                            at,
                        );
                        continue;
                    }
                    self.spend(name.len().saturating_add(4))?;
                    let place = match keyword {
                        "dependentSchemas" => place.same(false),
                        _ => place.inside(),
                    };
                    let schema = self.schema(value, &at, place)?;
                    schemas.insert(name.clone(), Value::Object(schema));
                }
                Value::Object(schemas)
            }
            ("items", Value::Array(items)) | ("prefixItems", Value::Array(items)) => {
                let mut schemas = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let schema = self.schema(node.with(item), &at.index(index), place.inside())?;
                    schemas.push(Value::Object(schema));
                }
                if !schemas.is_empty() {
                    out.insert("prefixItems".to_owned(), Value::Array(schemas));
                }
                return Ok(());
            }
            ("items", Value::Object(_) | Value::Bool(_)) => {
                Value::Object(self.schema(node, &at, place.inside())?)
            }
            (
                "additionalProperties"
                | "unevaluatedProperties"
                | "unevaluatedItems"
                | "additionalItems",
                Value::Bool(allows),
            ) => match keyword {
                "additionalItems" => return Ok(()),
                _ => Value::Bool(*allows),
            },
            (
                "additionalProperties"
                | "unevaluatedProperties"
                | "unevaluatedItems"
                | "propertyNames"
                | "contains",
                Value::Object(_),
            ) => Value::Object(self.schema(node, &at, place.inside())?),
            ("not" | "if" | "then" | "else", Value::Object(_) | Value::Bool(_)) => {
                Value::Object(self.schema(node, &at, place.same(false))?)
            }
            _ => {
                self.losses.add(
                    format!("`{keyword}` is ignored: it is not a keyword, or has the wrong type"),
                    at,
                );
                return Ok(());
            }
        };
        self.spend(keyword.len())?;
        out.insert(keyword.to_owned(), value);
        Ok(())
    }

    fn is_unwanted(&self, name: &str, place: Place) -> bool {
        place.depth == 0 && self.only.as_ref().is_some_and(|only| !only.contains(name))
    }

    /// Whether a schema, or what it refers to, is `readOnly` or `writeOnly`.
    fn has_flag(&self, node: Node<'d>, flag: &str) -> bool {
        node.is_true(flag)
            || (node.reference().is_some()
                && self
                    .library
                    .follow(node)
                    .is_ok_and(|(node, _)| node.is_true(flag)))
    }

    /// `exclusiveMinimum: true`, the form of 3.0.
    fn exclusive(&self, members: &Schema, out: &mut Schema) {
        for (flag, limit) in [
            ("exclusiveMinimum", "minimum"),
            ("exclusiveMaximum", "maximum"),
        ] {
            if members.get(flag) == Some(&Value::Bool(true))
                && let Some(value) = out.remove(limit)
            {
                out.insert(flag.to_owned(), value);
            }
        }
    }

    /// Bytes are Base64 in JSON.
    fn binary(&self, out: &mut Schema, is_file: bool) {
        let format = out.get("format").and_then(Value::as_str);
        let is_binary = is_file || format == Some("binary");
        if !is_binary && format != Some("byte") {
            return;
        }
        out.remove("format");
        out.entry("type").or_insert_with(|| Value::from("string"));
        out.insert("contentEncoding".to_owned(), Value::from("base64"));
        if is_binary {
            out.entry("contentMediaType")
                .or_insert_with(|| Value::from("application/octet-stream"));
        }
    }

    fn limit_enum(&mut self, out: &mut Schema) -> Result<(), OverBudget> {
        let Some(values) = out.get("enum").and_then(Value::as_array) else {
            return Ok(());
        };
        if values.len() <= self.options.max_enum {
            return Ok(());
        }
        self.is_cut = true;
        let some: Vec<String> = values.iter().take(3).map(Value::to_string).collect();
        let text = format!(
            "One of {} values, such as {}.",
            values.len(),
            some.join(", ")
        );
        self.spend(text.len().saturating_add(1))?;
        out.remove("enum");
        let own = out.get("description").and_then(Value::as_str);
        let text = match own {
            Some(own) => format!("{own} {text}"),
            None => text,
        };
        out.insert("description".to_owned(), Value::String(text));
        Ok(())
    }
}

/// A schema that accepts nothing.
fn nothing() -> Schema {
    let mut schema = Schema::new();
    schema.insert("not".to_owned(), json!({}));
    schema
}

/// Documents often leave `type` out where other keywords show what is meant.
fn infer_type(out: &mut Schema) {
    if out.contains_key("type") || out.contains_key("const") {
        return;
    }
    let kind = if out.contains_key("properties") {
        "object"
    } else if out.contains_key("items") || out.contains_key("prefixItems") {
        "array"
    } else {
        match out.get("enum").and_then(Value::as_array) {
            Some(values) if values.iter().all(Value::is_string) => "string",
            Some(values) if values.iter().all(Value::is_number) => "number",
            _ => return,
        }
    };
    out.insert("type".to_owned(), Value::from(kind));
}

/// About the bytes of a value's JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len().saturating_add(2),
        Value::Array(_) | Value::Object(_) => value.to_string().len(),
        _ => 6,
    }
}
