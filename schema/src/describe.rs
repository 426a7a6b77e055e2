//! What a subschema asks for, in a few words that complete "expected …". Bounded in length and depth.
use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Schema,
    index::NodeId,
    node::{Keywords, Needed, Node, Properties, Rule},
    shape::{Bound, Count, Shape, Type},
    text::{MAX_SHOWN, shorten},
};

/// How many values, names or branches are listed before "…".
const LISTED: usize = 12;
/// How many references and branches deep a description looks.
const LEVELS: usize = 3;

pub(super) fn node(schema: &Schema, id: NodeId) -> String {
    Words {
        schema,
        levels: LEVELS,
    }
    .node(id)
}

pub(super) fn alternatives(schema: &Schema, ids: &[NodeId], separator: &str) -> String {
    Words {
        schema,
        levels: LEVELS,
    }
    .alternatives(ids, separator)
}

pub(super) fn containing(schema: &Schema, item: NodeId, count: Count) -> String {
    let item = node(schema, item);
    match phrase(count, ("item", "items")) {
        Some(count) => format!("an array with {count} that fit: {item}"),
        None => "an array".to_owned(),
    }
}

pub(super) fn needed(schema: &Schema, needed: &Needed, because: Option<&str>) -> String {
    let what = needed
        .schema
        .map_or_else(|| "a value".to_owned(), |id| node(schema, id));
    match because {
        Some(because) => format!(
            "{what} (required because `{}` is there)",
            shorten(because, MAX_SHOWN)
        ),
        None => format!("{what} (required)"),
    }
}

pub(super) fn no_such_property(known: Option<&BTreeMap<String, NodeId>>) -> String {
    match known {
        Some(known) if !known.is_empty() => {
            format!(
                "no such property; there are {}",
                list(&mut known.keys().map(|name| quoted(name)))
            )
        }
        _ => "no such property".to_owned(),
    }
}

struct Words<'s> {
    schema: &'s Schema,
    levels: usize,
}

impl Words<'_> {
    fn node(&self, id: NodeId) -> String {
        match self.schema.nodes.get(id) {
            Some(Node::Keywords(keywords)) => self
                .keywords(keywords)
                .unwrap_or_else(|| "another value".to_owned()),
            Some(Node::Always) => "a value".to_owned(),
            Some(Node::Never) | None => "nothing".to_owned(),
        }
    }

    fn keywords(&self, keywords: &Keywords) -> Option<String> {
        let shape = &keywords.shape;
        if let Some(allowed) = shape.allowed.first() {
            let values = list(&mut allowed.iter().map(json));
            return Some(if allowed.len() > 1 {
                format!("one of {values}")
            } else {
                values
            });
        }
        let types = if shape.types.is_empty() {
            implied_types(keywords)
        } else {
            shape.types.clone()
        };
        if types.is_empty() {
            return keywords.rules.iter().find_map(|rule| self.rule(rule));
        }
        let each = types.into_iter().map(|of| match of {
            Type::Integer | Type::Number => number(shape, of),
            Type::String => text(shape),
            Type::Array => array(shape),
            Type::Object => self.object(keywords),
            Type::Null | Type::Boolean => of.with_article().to_owned(),
        });
        Some(each.collect::<Vec<_>>().join(" or "))
    }

    fn rule(&self, rule: &Rule) -> Option<String> {
        let deeper = Self {
            schema: self.schema,
            levels: self.levels.checked_sub(1)?,
        };
        match rule {
            Rule::Ref(target)
            | Rule::DynamicRef {
                otherwise: target, ..
            } => Some(deeper.node(*target)),
            Rule::AllOf(schemas) => schemas.first().map(|first| deeper.node(*first)),
            Rule::AnyOf(schemas) | Rule::OneOf(schemas) => {
                Some(deeper.alternatives(schemas, " or "))
            }
            Rule::Not(schema) => Some(format!("anything but {}", deeper.node(*schema))),
            _ => None,
        }
    }

    fn alternatives(&self, ids: &[NodeId], separator: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        for id in ids.iter().take(LISTED) {
            let more = self.node(*id);
            if !words.contains(&more) {
                words.push(more);
            }
        }
        if ids.len() > LISTED {
            words.push("…".to_owned());
        }
        words.join(separator)
    }

    /// Names what must be there, and the constants that tell the branches of a union apart.
    fn object(&self, keywords: &Keywords) -> String {
        let count = phrase(keywords.shape.properties, ("property", "properties"));
        let mut out = limited("an object", &[count.map(|count| format!("of {count}"))]);
        let required = keywords.rules.iter().find_map(|rule| match rule {
            Rule::Required(names) if !names.is_empty() => Some(names),
            _ => None,
        });
        if let Some(required) = required {
            out.push_str(" with ");
            out.push_str(&list(&mut required.iter().map(
                |needed| match self.constant(needed) {
                    Some(value) => format!("{} = {}", quoted(&needed.name), json(value)),
                    None => quoted(&needed.name),
                },
            )));
        }
        out
    }

    fn constant(&self, needed: &Needed) -> Option<&Value> {
        match self.schema.nodes.get(needed.schema?) {
            Some(Node::Keywords(keywords)) => match keywords.shape.allowed.first()?.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The type that the keywords speak of when `type` is absent.
fn implied_types(keywords: &Keywords) -> Vec<Type> {
    let shape = &keywords.shape;
    let bounds = &shape.number;
    let number = [
        &bounds.minimum,
        &bounds.exclusive_minimum,
        &bounds.maximum,
        &bounds.exclusive_maximum,
        &bounds.multiple_of,
    ];
    let text = &shape.text;
    let rules = &keywords.rules;
    let implied = [
        (number.into_iter().any(Option::is_some), Type::Number),
        (
            !text.characters.is_open() || text.pattern.is_some() || text.format.is_some(),
            Type::String,
        ),
        (
            !shape.items.is_open()
                || shape.unique_items
                || rules
                    .iter()
                    .any(|rule| matches!(rule, Rule::Items { .. } | Rule::Contains { .. })),
            Type::Array,
        ),
        (
            !shape.properties.is_open()
                || rules.iter().any(|rule| {
                    matches!(
                        rule,
                        Rule::Required(_) | Rule::Properties(Properties { .. })
                    )
                }),
            Type::Object,
        ),
    ];
    implied
        .into_iter()
        .filter_map(|(speaks, of)| speaks.then_some(of))
        .collect()
}

fn number(shape: &Shape, of: Type) -> String {
    let bounds = &shape.number;
    let limit = |words: &str, bound: &Option<Bound>| {
        bound
            .as_ref()
            .map(|bound| format!("{words} {}", bound.written))
    };
    let limits = [
        limit("of at least", &bounds.minimum),
        limit("greater than", &bounds.exclusive_minimum),
        limit("of at most", &bounds.maximum),
        limit("less than", &bounds.exclusive_maximum),
        limit("that is a multiple of", &bounds.multiple_of),
    ];
    limited(of.with_article(), &limits)
}

fn text(shape: &Shape) -> String {
    let text = &shape.text;
    let limits = [
        phrase(text.characters, ("character", "characters")).map(|count| format!("of {count}")),
        text.pattern
            .as_ref()
            .map(|pattern| format!("matching `{}`", shorten(&pattern.source, MAX_SHOWN))),
        text.format
            .map(|format| format!("that is {}", format.describe())),
    ];
    limited("a string", &limits)
}

fn array(shape: &Shape) -> String {
    let limits = [
        phrase(shape.items, ("item", "items")).map(|count| format!("of {count}")),
        shape.unique_items.then(|| "without duplicates".to_owned()),
    ];
    limited("an array", &limits)
}

fn limited(noun: &str, limits: &[Option<String>]) -> String {
    let mut out = noun.to_owned();
    let mut joint = " ";
    for limit in limits.iter().flatten() {
        out.push_str(joint);
        out.push_str(limit);
        joint = " and ";
    }
    out
}

/// `at least 1 item`, `2 to 3 items`.
fn phrase(count: Count, (one, many): (&str, &str)) -> Option<String> {
    let unit = |count: u64| if count == 1 { one } else { many };
    match (count.at_least, count.at_most) {
        (Some(least), Some(most)) if least == most => {
            Some(format!("exactly {least} {}", unit(least)))
        }
        (Some(least), Some(most)) => Some(format!("{least} to {most} {}", unit(most))),
        (Some(least), None) => Some(format!("at least {least} {}", unit(least))),
        (None, Some(most)) => Some(format!("at most {most} {}", unit(most))),
        (None, None) => None,
    }
}

fn list(words: &mut dyn Iterator<Item = String>) -> String {
    let mut text = String::new();
    for (count, word) in words.enumerate() {
        if count > 0 {
            text.push_str(", ");
        }
        if count == LISTED {
            text.push('…');
            break;
        }
        text.push_str(&word);
    }
    text
}

fn quoted(name: &str) -> String {
    format!("`{}`", shorten(name, MAX_SHOWN))
}

fn json(value: &Value) -> String {
    shorten(&value.to_string(), MAX_SHOWN)
}
