//! From a document to nodes.
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    FormatMode, Schema, SchemaError,
    format::Format,
    index::{Index, NodeId, member},
    limits::check_size,
    loops,
    node::{Keywords, Needed, Node, Properties, Rule},
    number::Decimal,
    pattern::Pattern,
    shape::{Bound, Count, NumberShape, Shape, TextShape, Type},
    text::{MAX_SHOWN, shorten},
};

pub(super) fn compile(document: &Value, formats: FormatMode) -> Result<Schema, SchemaError> {
    check_size(document)?;
    let index = Index::of(document)?;
    let nodes = (0..index.places.len())
        .map(|id| node(&index, id, formats))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(endless) = loops::find(&nodes) {
        return Err(SchemaError::EndlessReference {
            at: index.locate(endless),
        });
    }
    let dynamic_anchors = index
        .resources
        .into_iter()
        .map(|resource| resource.dynamic_anchors)
        .collect();
    Ok(Schema {
        nodes,
        dynamic_anchors,
        exact: false,
    })
}

fn node(index: &Index<'_>, id: NodeId, formats: FormatMode) -> Result<Node, SchemaError> {
    let Some(place) = index.places.get(id) else {
        return Ok(Node::Never);
    };
    let keywords = match place.schema {
        Value::Object(keywords) if keywords.is_empty() => return Ok(Node::Always),
        Value::Object(keywords) => keywords,
        Value::Bool(false) => return Ok(Node::Never),
        _ => return Ok(Node::Always),
    };
    let source = Source {
        index,
        id,
        keywords,
    };
    Ok(Node::Keywords(Box::new(Keywords {
        resource: place.resource,
        shape: source.shape(formats)?,
        rules: source.rules()?,
        unevaluated_items: source.schema("unevaluatedItems"),
        unevaluated_properties: source.schema("unevaluatedProperties"),
        is_secret: source.is_secret(),
    })))
}

/// One subschema as it is written.
struct Source<'a, 'i> {
    index: &'i Index<'a>,
    id: NodeId,
    keywords: &'a Map<String, Value>,
}

impl<'a> Source<'a, '_> {
    fn is_secret(&self) -> bool {
        let is = |keyword: &str, value: &Value| self.get(keyword) == Some(value);
        is("writeOnly", &Value::Bool(true)) || is("format", &Value::from("password"))
    }

    fn shape(&self, formats: FormatMode) -> Result<Shape, SchemaError> {
        let values = self.read("enum", "a list of values", |value| {
            value.as_array().cloned()
        })?;
        let constant = self.get("const").map(|value| vec![value.clone()]);
        Ok(Shape {
            types: self
                .read("type", "a type, or a list of different types", types)?
                .unwrap_or_default(),
            allowed: constant.into_iter().chain(values).collect(),
            number: NumberShape {
                minimum: self.bound("minimum")?,
                exclusive_minimum: self.bound("exclusiveMinimum")?,
                maximum: self.bound("maximum")?,
                exclusive_maximum: self.bound("exclusiveMaximum")?,
                multiple_of: self.read("multipleOf", "a number greater than 0", |value| {
                    bound(value).filter(|bound| bound.value.is_positive())
                })?,
            },
            text: TextShape {
                characters: self.counts("minLength", "maxLength")?,
                pattern: match self.read("pattern", "a string", Value::as_str)? {
                    Some(source) => Some(self.pattern(source)?),
                    None => None,
                },
                format: self
                    .read("format", "a string", Value::as_str)?
                    .and_then(Format::named)
                    .filter(|_| formats == FormatMode::Assert),
            },
            items: self.counts("minItems", "maxItems")?,
            unique_items: self
                .read("uniqueItems", "a boolean", Value::as_bool)?
                .unwrap_or(false),
            properties: self.counts("minProperties", "maxProperties")?,
        })
    }

    fn rules(&self) -> Result<Vec<Rule>, SchemaError> {
        let mut rules = Vec::new();
        if let Some(reference) = self.read("$ref", "a URI reference", Value::as_str)? {
            rules.push(Rule::Ref(self.index.target(self.id, reference)?.0));
        }
        if let Some(reference) = self.read("$dynamicRef", "a URI reference", Value::as_str)? {
            rules.push(self.dynamic_reference(reference)?);
        }
        rules.extend(self.required()?);
        rules.extend(self.properties()?);
        rules.extend(self.schema("propertyNames").map(Rule::PropertyNames));
        rules.extend(self.dependent_required()?);
        rules.extend(self.items());
        rules.extend(self.contains()?);
        rules.extend(self.list("allOf").map(Rule::AllOf));
        rules.extend(self.list("anyOf").map(Rule::AnyOf));
        rules.extend(self.list("oneOf").map(Rule::OneOf));
        rules.extend(self.schema("not").map(Rule::Not));
        rules.extend(self.schema("if").map(|condition| {
            let (then, otherwise) = (self.schema("then"), self.schema("else"));
            Rule::If {
                condition,
                then,
                otherwise,
            }
        }));
        rules.extend(
            self.map("dependentSchemas")
                .map(|schemas| Rule::DependentSchemas(schemas.collect())),
        );
        Ok(rules)
    }

    /// A `$dynamicRef` is only dynamic when what it names at first was named by a `$dynamicAnchor` (2020-12 core §8.2.3.2).
    fn dynamic_reference(&self, reference: &str) -> Result<Rule, SchemaError> {
        let (target, resource, anchor) = self.index.target(self.id, reference)?;
        if resource.dynamic_anchors.get(anchor) != Some(&target) {
            return Ok(Rule::Ref(target));
        }
        Ok(Rule::DynamicRef {
            anchor: anchor.to_owned(),
            otherwise: target,
        })
    }

    fn required(&self) -> Result<Option<Rule>, SchemaError> {
        let names = self.read("required", "a list of property names", |names| {
            self.needed(names)
        })?;
        Ok(names.map(Rule::Required))
    }

    fn needed(&self, names: &Value) -> Option<Vec<Needed>> {
        let properties = self.get("properties").and_then(Value::as_object);
        let names = names.as_array()?.iter().map(|name| {
            let name = name.as_str()?.to_owned();
            let schema =
                properties.and_then(|properties| self.index.node_of(member(properties, &name)?));
            Some(Needed { name, schema })
        });
        names.collect()
    }

    fn properties(&self) -> Result<Option<Rule>, SchemaError> {
        let mut named = BTreeMap::new();
        for (name, node) in self.map("properties").into_iter().flatten() {
            named.insert(name, node);
        }
        let patterns = self.map("patternProperties").into_iter().flatten();
        let patterns = patterns
            .map(|(source, node)| Ok((self.pattern(&source)?, node)))
            .collect::<Result<Vec<_>, _>>()?;
        let rest = self.schema("additionalProperties");
        let any = !named.is_empty() || !patterns.is_empty() || rest.is_some();
        Ok(any.then_some(Rule::Properties(Properties {
            named,
            patterns,
            rest,
        })))
    }

    fn dependent_required(&self) -> Result<Option<Rule>, SchemaError> {
        let dependents = self.read(
            "dependentRequired",
            "an object of lists of property names",
            |value| {
                let each = value.as_object()?.iter();
                each.map(|(name, names)| Some((name.clone(), self.needed(names)?)))
                    .collect()
            },
        )?;
        Ok(dependents.map(Rule::DependentRequired))
    }

    fn items(&self) -> Option<Rule> {
        let (first, rest) = (
            self.list("prefixItems").unwrap_or_default(),
            self.schema("items"),
        );
        (!first.is_empty() || rest.is_some()).then_some(Rule::Items { first, rest })
    }

    fn contains(&self) -> Result<Option<Rule>, SchemaError> {
        let Count { at_least, at_most } = self.counts("minContains", "maxContains")?;
        let count = Count {
            at_least: at_least.or(Some(1)),
            at_most,
        };
        Ok(self
            .schema("contains")
            .map(|item| Rule::Contains { item, count }))
    }

    fn get(&self, keyword: &str) -> Option<&'a Value> {
        member(self.keywords, keyword)
    }

    fn schema(&self, keyword: &str) -> Option<NodeId> {
        self.index.node_of(self.get(keyword)?)
    }

    fn list(&self, keyword: &str) -> Option<Vec<NodeId>> {
        let schemas = self.get(keyword)?.as_array()?;
        Some(
            schemas
                .iter()
                .filter_map(|schema| self.index.node_of(schema))
                .collect(),
        )
    }

    fn map(&self, keyword: &str) -> Option<impl Iterator<Item = (String, NodeId)>> {
        let schemas = self.get(keyword)?.as_object()?;
        Some(
            schemas
                .iter()
                .filter_map(|(name, schema)| Some((name.clone(), self.index.node_of(schema)?))),
        )
    }

    fn counts(&self, least: &'static str, most: &'static str) -> Result<Count, SchemaError> {
        let count = |keyword| {
            self.read(keyword, "an integer of at least 0", |value| {
                Decimal::of(value.as_number()?).as_count()
            })
        };
        Ok(Count {
            at_least: count(least)?,
            at_most: count(most)?,
        })
    }

    fn bound(&self, keyword: &'static str) -> Result<Option<Bound>, SchemaError> {
        self.read(keyword, "a number", bound)
    }

    fn pattern(&self, source: &str) -> Result<Pattern, SchemaError> {
        Pattern::compile(source).map_err(|reason| {
            let at = self.index.locate(self.id);
            SchemaError::Pattern {
                at,
                pattern: shorten(source, MAX_SHOWN),
                reason,
            }
        })
    }

    fn read<T>(
        &self,
        keyword: &'static str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, SchemaError> {
        let value = self.get(keyword);
        value
            .map(|value| {
                self.index
                    .well_formed(self.id, keyword, expected, read(value))
            })
            .transpose()
    }
}

fn types(value: &Value) -> Option<Vec<Type>> {
    match value {
        Value::String(name) => Some(vec![Type::named(name)?]),
        Value::Array(names) if !names.is_empty() => names
            .iter()
            .map(|name| Type::named(name.as_str()?))
            .collect(),
        _ => None,
    }
}

fn bound(value: &Value) -> Option<Bound> {
    let written = value.as_number()?.clone();
    Some(Bound {
        value: Decimal::of(&written),
        written,
    })
}
