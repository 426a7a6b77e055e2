//! `allOf`, `anyOf` and `oneOf`.

use serde_json::{Value, json};

use super::merge::{self, Schema};
use super::{Converter, Direction, OverBudget, Place, References};
use crate::at::At;
use crate::refs::Node;

impl<'d> Converter<'d, '_> {
    /// `out` with the combinators of the schema, merged where one object of keywords says the same.
    pub(super) fn combined(
        &mut self,
        node: Node<'d>,
        out: Schema,
        at: &At<'_>,
        place: Place,
    ) -> Result<Schema, OverBudget> {
        let mut out = out;
        if let Some(members) = self.list(node, "allOf", at) {
            let at = at.key("allOf");
            let mut all = vec![out];
            for (index, member) in members.iter().enumerate() {
                all.push(self.schema(node.with(member), &at.index(index), place.part())?);
            }
            out = self.all_of(all);
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(members) = self.list(node, keyword, at) else {
                continue;
            };
            let at = at.key(keyword);
            let mut variants = Vec::new();
            for (index, member) in members.iter().enumerate() {
                let member = node.with(member);
                let mut variant = self.schema(member, &at.index(index), place.same(false))?;
                self.title(member, &mut variant)?;
                if let Some(reference) = member.reference() {
                    self.discriminate(node, reference, &mut variant)?;
                }
                if !variants.contains(&variant) {
                    variants.push(variant);
                }
            }
            out = self.one_of(keyword, out, variants);
        }
        match self.subtypes(node, place) {
            Some(subtypes) => {
                let variants = self.derived(node, &subtypes, at, place)?;
                Ok(self.one_of("oneOf", out, variants))
            }
            None => Ok(out),
        }
    }

    /// What the `discriminator` of a base schema maps to. The base itself describes less than a caller can send.
    fn subtypes(&self, node: Node<'d>, place: Place) -> Option<Vec<String>> {
        if self.options.direction == Direction::Output || place.is_part {
            return None;
        }
        if node.get("oneOf").is_some() || node.get("anyOf").is_some() {
            return None;
        }
        let mapping = node
            .get("discriminator")?
            .get("mapping")?
            .value
            .as_object()?;
        let mut subtypes: Vec<String> = mapping
            .values()
            .filter_map(Value::as_str)
            .map(|to| match to.contains(['/', '#', '.']) {
                true => to.to_owned(),
                false => format!("#/components/schemas/{to}"),
            })
            .collect();
        subtypes.sort();
        subtypes.dedup();
        // The base is one of its own variants: any of them is a value of it.
        let is_self = |reference: &String| {
            let target = self.library.resolve(node.file, reference);
            target.is_ok_and(|target| target.node.id() == node.id())
        };
        (!subtypes.is_empty() && !subtypes.iter().any(is_self)).then_some(subtypes)
    }

    /// The variants of a base schema.
    fn derived(
        &mut self,
        node: Node<'d>,
        subtypes: &[String],
        at: &At<'_>,
        place: Place,
    ) -> Result<Vec<Schema>, OverBudget> {
        let at = at.key("discriminator");
        let mut variants = Vec::new();
        for reference in subtypes {
            let mut variant = self.named(node, reference, &at, place.same(false))?;
            self.discriminate(node, reference, &mut variant)?;
            if !variant.contains_key("description") && self.options.nested_description > 0 {
                let name = reference.rsplit(['/', '#']).next().unwrap_or(reference);
                variant.insert("description".to_owned(), Value::from(name));
            }
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        Ok(variants)
    }

    fn list(&mut self, node: Node<'d>, keyword: &str, at: &At<'_>) -> Option<&'d Vec<Value>> {
        let value = node.value.get(keyword)?;
        let members = value.as_array().filter(|members| !members.is_empty());
        if members.is_none() {
            let text = format!("`{keyword}` is ignored: it is not a list of schemas");
            self.losses.add(text, at.key(keyword));
        }
        members
    }

    /// One schema for all, or as few as possible in an `allOf`.
    pub(super) fn all_of(&mut self, schemas: Vec<Schema>) -> Schema {
        let mut schemas = schemas.into_iter();
        let mut out = schemas.next().unwrap_or_default();
        let mut rest = Vec::new();
        for schema in schemas {
            match merge::merged(&out, &schema) {
                Some(merged) => out = merged,
                None => rest.push(Value::Object(schema)),
            }
        }
        if !rest.is_empty() {
            match out.get_mut("allOf").and_then(Value::as_array_mut) {
                Some(all) => all.extend(rest),
                None => {
                    out.insert("allOf".to_owned(), Value::Array(rest));
                }
            }
        }
        out
    }

    fn one_of(&mut self, keyword: &str, out: Schema, mut variants: Vec<Schema>) -> Schema {
        let count = variants.len();
        variants.retain(|variant| {
            variant.get("type") != Some(&Value::from("null")) && !is_null_constant(variant)
        });
        let is_nullable = variants.len() < count;
        let single = match variants.as_slice() {
            [single] => merge::merged(&out, single),
            // Any value is a value of one of them.
            several if keyword == "anyOf" && several.iter().any(Schema::is_empty) => {
                return out;
            }
            _ => None,
        };
        if let Some(single) = single {
            return if is_nullable {
                merge::nullable(single)
            } else {
                single
            };
        }
        if is_nullable {
            let mut null = Schema::new();
            null.insert("type".to_owned(), Value::from("null"));
            variants.push(null);
        }
        let mut combinator = Schema::new();
        let variants = variants.into_iter().map(Value::Object).collect();
        combinator.insert(keyword.to_owned(), Value::Array(variants));
        self.all_of(vec![out, combinator])
    }

    /// A variant is known by its title where nothing else describes it.
    fn title(&mut self, node: Node<'d>, variant: &mut Schema) -> Result<(), OverBudget> {
        if variant.contains_key("description") || self.options.nested_description == 0 {
            return Ok(());
        }
        let Ok((node, target)) = self.library.follow(node) else {
            return Ok(());
        };
        let name = node.text("title").map(str::to_owned);
        let Some(name) = name.or_else(|| target.map(|target| target.name())) else {
            return Ok(());
        };
        let (text, _) = super::text::cleaned(&name, 80);
        self.spend(text.len().saturating_add(16))?;
        variant.insert("description".to_owned(), Value::String(text));
        Ok(())
    }

    /// Writes the value of a `discriminator` into the variant that it stands for.
    fn discriminate(
        &mut self,
        node: Node<'d>,
        reference: &str,
        variant: &mut Schema,
    ) -> Result<(), OverBudget> {
        let Some(discriminator) = node.get("discriminator") else {
            return Ok(());
        };
        let Some(property) = discriminator.text("propertyName") else {
            return Ok(());
        };
        if self.options.references == References::Named || !merge::is_object(variant) {
            return Ok(());
        }
        let name = reference.rsplit(['/', '#']).next().unwrap_or(reference);
        let mapping = discriminator
            .get("mapping")
            .and_then(|it| it.value.as_object());
        let mut values: Vec<&str> = mapping
            .into_iter()
            .flatten()
            .filter(|(_, to)| {
                let to = to.as_str().unwrap_or_default();
                to == reference || to == name
            })
            .map(|(value, _)| value.as_str())
            .collect();
        if values.is_empty() {
            values.push(name);
        }
        let Some(properties) = variant
            .entry("properties")
            .or_insert_with(|| json!({}))
            .as_object_mut()
        else {
            return Ok(());
        };
        let known = properties.entry(property).or_insert_with(|| json!({}));
        let Some(known) = known.as_object_mut() else {
            return Ok(());
        };
        if known.contains_key("const") {
            return Ok(());
        }
        let cost = values.iter().map(|value| value.len()).sum();
        known.insert("type".to_owned(), Value::from("string"));
        known.insert("enum".to_owned(), Value::from(values));
        match variant.get_mut("required").and_then(Value::as_array_mut) {
            Some(names) if names.iter().any(|name| name == property) => {}
            Some(names) => names.push(Value::from(property)),
            None => {
                variant.insert("required".to_owned(), json!([property]));
            }
        }
        self.spend(cost)
    }
}

fn is_null_constant(schema: &Schema) -> bool {
    schema.get("const") == Some(&Value::Null) || schema.get("enum") == Some(&json!([null]))
}
