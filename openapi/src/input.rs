//! The schema of a tool's arguments.

use serde_json::{Map, Value, json};

use crate::at::At;
use crate::body::{self, Content};
use crate::refs::Library;
use crate::report::Losses;
use crate::schema::{
    Converter, Direction, Options, OverBudget, Patterns, References, Schema, text,
};
use crate::shape::{Argument, Supply};
use crate::slot::{Shape, Slot};
use crate::written;

/// How much of the documents a schema contains.
struct Level {
    /// The maximum length of an argument's description.
    own: usize,
    /// The same for what is deeper.
    nested: usize,
    /// How deep arguments are described.
    depth: usize,
    max_enum: usize,
}

const fn level(own: usize, nested: usize, depth: usize, max_enum: usize) -> Level {
    Level {
        own,
        nested,
        depth,
        max_enum,
    }
}

/// From everything to the types alone. The first that fits is taken.
const LEVELS: [Level; 10] = [
    level(1_000, 400, usize::MAX, usize::MAX),
    level(500, 120, usize::MAX, usize::MAX),
    level(300, 0, usize::MAX, usize::MAX),
    level(300, 0, 8, 200),
    level(200, 0, 5, 100),
    level(200, 0, 3, 50),
    level(120, 0, 2, 30),
    level(120, 0, 1, 20),
    level(60, 0, 0, 10),
    level(0, 0, 0, 5),
];

/// The maximum size of a schema that arguments are checked against, in bytes of JSON.
const MAX_STRICT_BYTES: usize = 64 * 1024;

/// What the schema is made of.
pub(crate) struct Parts<'d, 'c> {
    pub(crate) library: &'d Library,
    pub(crate) patterns: &'c Patterns,
    pub(crate) slots: Vec<&'c Slot<'d>>,
    pub(crate) arguments: &'c [Argument],
    pub(crate) body: Option<&'c body::Planned<'d>>,
}

/// The schema that clients see, and the one that arguments are checked against where it accepts less.
pub(crate) struct Input {
    pub(crate) schema: Value,
    pub(crate) strict: Option<Value>,
}

impl<'d> Parts<'d, '_> {
    /// Builds the schemas. The error is a sentence.
    pub(crate) fn input(
        &self,
        max_bytes: usize,
        at: &str,
        losses: &mut Losses,
    ) -> Result<Input, String> {
        for (index, level) in LEVELS.iter().enumerate() {
            let budget = max_bytes.saturating_mul(4);
            let Ok((schema, converter)) = self.schema(level, References::Inlined, budget) else {
                continue;
            };
            let bytes = schema.to_string().len();
            if bytes > max_bytes {
                continue;
            }
            losses.extend(converter.losses);
            if index > 0 {
                let depth = match level.depth {
                    usize::MAX => String::new(),
                    depth => format!(", and values are described {depth} levels deep"),
                };
                losses.add(
                    format!(
                        "the input schema is larger than {max_bytes} bytes: descriptions are shortened{depth}"
                    ),
                    at,
                );
            } else if converter.shortened > 0 {
                losses.add(
                    format!("{} long descriptions are shortened", converter.shortened),
                    at,
                );
            }
            let strict = converter.is_cut.then(|| self.strict()).flatten();
            if converter.is_cut && strict.is_none() {
                losses.add(
                    "arguments are checked only as far as the input schema describes them: the whole schema is too large, or \
                     invalid",
                    at,
                );
            }
            return Ok(Input { schema, strict });
        }
        Err(format!(
            "its arguments need more than {max_bytes} bytes of schema, even without descriptions"
        ))
    }

    /// The recursive schema, if it is small enough and says the same about which arguments there are.
    fn strict(&self) -> Option<Value> {
        let level = level(0, 0, usize::MAX, usize::MAX);
        let budget = MAX_STRICT_BYTES.saturating_mul(2);
        let (schema, _) = self.schema(&level, References::Named, budget).ok()?;
        let is_usable = schema.to_string().len() <= MAX_STRICT_BYTES
            && mcp_edge_schema::Schema::compile(&schema).is_ok();
        is_usable.then_some(schema)
    }

    /// The schema of one argument, whole, to check a value of the configuration.
    pub(crate) fn alone(&self, index: usize) -> Option<Value> {
        let mut arguments = self.arguments.to_vec();
        for (other, argument) in arguments.iter_mut().enumerate() {
            argument.supply = match other == index {
                true => Supply::Call {
                    is_required: false,
                    default: None,
                },
                false => Supply::None,
            };
        }
        let name = arguments.get(index)?.name.clone();
        let parts = Parts {
            slots: self.slots.clone(),
            arguments: &arguments,
            ..*self
        };
        let level = level(0, 0, usize::MAX, usize::MAX);
        let budget = MAX_STRICT_BYTES.saturating_mul(2);
        let (mut schema, _) = parts.schema(&level, References::Named, budget).ok()?;
        let mut own = schema.get("properties")?.get(&name)?.clone();
        if let (Some(own), Some(definitions)) = (own.as_object_mut(), schema.get_mut("$defs")) {
            own.insert("$defs".to_owned(), definitions.take());
        }
        Some(own)
    }

    fn schema(
        &self,
        level: &Level,
        references: References,
        budget: usize,
    ) -> Result<(Value, Converter<'d, '_>), OverBudget> {
        let options = Options {
            direction: Direction::Input,
            references,
            own_description: level.own,
            nested_description: level.nested,
            own_depth: 0,
            max_depth: level.depth,
            max_enum: level.max_enum,
            budget,
        };
        let mut converter = Converter::new(self.library, self.patterns, options);
        let members = self.members(&mut converter)?;
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (slot, argument) in self.slots.iter().zip(self.arguments) {
            if !argument.is_visible() {
                continue;
            }
            let mut schema = match &slot.shape {
                Shape::Schema(node, document, pointer) => {
                    converter.convert(*node, &At::new(document, pointer))?
                }
                Shape::OfBody => members
                    .get(&slot.wire)
                    .and_then(Value::as_object)
                    .cloned()
                    // The recursive form has no such member on its own.
                    .ok_or(OverBudget)?,
                Shape::Given(schema) => schema.as_object().cloned().unwrap_or_default(),
            };
            if slot.is_text
                && let Some(change) = written::restrict(&mut schema)
            {
                let at = match &slot.shape {
                    Shape::Schema(_, document, pointer) => format!("{document}#{pointer}"),
                    Shape::OfBody | Shape::Given(_) => String::new(),
                };
                let text = format!("the argument `{}` {change}", argument.name);
                converter.losses.add(text, at);
            }
            let schema = dressed(schema, slot, argument, level, &mut converter);
            if argument.is_required() {
                required.push(Value::from(argument.name.as_str()));
            }
            properties.insert(argument.name.clone(), Value::Object(schema));
        }
        let definitions = converter.definitions()?;
        let mut schema = Map::new();
        schema.insert("type".to_owned(), Value::from("object"));
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), Value::Array(required));
        }
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        if !definitions.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(definitions));
        }
        Ok((Value::Object(schema), converter))
    }

    /// The properties of the body's schema, without those that are not arguments.
    fn members(&self, converter: &mut Converter<'d, '_>) -> Result<Schema, OverBudget> {
        let Some(body) = self.body else {
            return Ok(Schema::new());
        };
        let (Content::Members(..), Some((node, document, pointer))) = (&body.content, &body.schema)
        else {
            return Ok(Schema::new());
        };
        let used: Vec<&str> = self
            .slots
            .iter()
            .zip(self.arguments)
            .filter(|(slot, argument)| argument.is_visible() && matches!(slot.shape, Shape::OfBody))
            .map(|(slot, _)| slot.wire.as_str())
            .collect();
        if used.is_empty() {
            return Ok(Schema::new());
        }
        let options = converter.options;
        converter.options.own_depth = 1;
        converter.options.max_depth = options.max_depth.saturating_add(1);
        converter.only = Some(used.into_iter().map(str::to_owned).collect());
        let converted = converter.convert(*node, &At::new(document, pointer));
        converter.only = None;
        converter.options = options;
        match converted?.remove("properties") {
            Some(Value::Object(properties)) => Ok(properties),
            _ => Ok(Schema::new()),
        }
    }
}

/// The schema of an argument with what is known of it besides.
fn dressed(
    mut schema: Schema,
    slot: &Slot<'_>,
    argument: &Argument,
    level: &Level,
    converter: &mut Converter<'_, '_>,
) -> Schema {
    if slot.is_bytes {
        // A list of files has the bytes in its items.
        let bytes = match schema.get_mut("items").and_then(Value::as_object_mut) {
            Some(items) => items,
            None => &mut schema,
        };
        bytes.insert("type".to_owned(), Value::from("string"));
        bytes.insert("contentEncoding".to_owned(), Value::from("base64"));
    }
    match (&argument.description, &slot.description) {
        // The operator's description is not shortened.
        (Some(description), _) => {
            schema.insert("description".to_owned(), Value::from(description.as_str()));
        }
        (None, Some(description)) if level.own > 0 => {
            let (description, is_shortened) = text::cleaned(description, level.own);
            if is_shortened {
                converter.shortened = converter.shortened.saturating_add(1);
            }
            if !description.is_empty() {
                schema.insert("description".to_owned(), Value::String(description));
            }
        }
        _ => {}
    }
    if slot.is_deprecated {
        schema.insert("deprecated".to_owned(), Value::Bool(true));
    }
    if let Some(header) = &argument.header {
        schema.insert("x-mcp-header".to_owned(), json!(header));
    }
    if let Supply::Call {
        default: Some(default),
        ..
    } = &argument.supply
    {
        schema.insert("default".to_owned(), default.clone());
    }
    schema
}
