//! What references become.

use serde_json::Value;

use super::merge::{self, Schema};
use super::{Converter, OverBudget, Place, References};
use crate::at::At;
use crate::document::Revision;
use crate::refs::{Node, Target};

impl<'d> Converter<'d, '_> {
    /// The `$defs` that the converted schemas refer to.
    pub(crate) fn definitions(&mut self) -> Result<Schema, OverBudget> {
        let mut definitions = Schema::new();
        while let Some((name, target)) = self.pending.pop() {
            self.spend(name.len())?;
            let at = At::new(target.document, &target.pointer);
            self.open.push(target.node.id());
            let schema = self.schema(target.node, &at, Place::ROOT);
            self.open.pop();
            definitions.insert(name, Value::Object(schema?));
        }
        Ok(definitions)
    }

    pub(super) fn reference(
        &mut self,
        node: Node<'d>,
        reference: &str,
        at: &At<'_>,
        place: Place,
    ) -> Result<Schema, OverBudget> {
        let schema = self.named(node, reference, at, place)?;
        self.siblings(node, schema, at, place)
    }

    /// The schema that a reference in the file of `node` names.
    pub(super) fn named(
        &mut self,
        node: Node<'d>,
        reference: &str,
        at: &At<'_>,
        place: Place,
    ) -> Result<Schema, OverBudget> {
        let target = match self.library.resolve(node.file, reference) {
            Ok(target) => target,
            Err(problem) => {
                self.losses
                    .add(format!("any value is accepted: {problem}"), at);
                return Ok(Schema::new());
            }
        };
        let id = target.node.id();
        let there = At::new(target.document, &target.pointer);
        let is_open = self.open.contains(&id);
        match self.options.references {
            References::Named if !place.is_inline => {
                let name = self.name(&target);
                self.spend(name.len().saturating_add(20))?;
                let mut schema = Schema::new();
                schema.insert("$ref".to_owned(), Value::String(format!("#/$defs/{name}")));
                Ok(schema)
            }
            References::Named if is_open => {
                self.losses
                    .add("any value is accepted: the schema is a part of itself", at);
                Ok(Schema::new())
            }
            References::Inlined if is_open => {
                let name = target.name();
                self.losses.add(
                    format!("the schema {name} contains itself, and is described once"),
                    there,
                );
                self.cut(target.node, Some(&name))
            }
            References::Inlined | References::Named => {
                self.open.push(id);
                let schema = self.schema(target.node, &there, place.target());
                self.open.pop();
                schema
            }
        }
    }

    /// What is next to a `$ref`. 3.1 gives it a meaning; in 3.0 descriptions and `nullable` are meant nonetheless.
    fn siblings(
        &mut self,
        node: Node<'d>,
        mut schema: Schema,
        at: &At<'_>,
        place: Place,
    ) -> Result<Schema, OverBudget> {
        let Value::Object(members) = node.value else {
            return Ok(schema);
        };
        let is_ignored = self.library.revision(node.file) == Revision::V3_0;
        let mut description = Schema::new();
        self.describe(node, &mut description, place)?;
        // The nearer description.
        schema.extend(description);
        let mut others = members.keys().filter(|keyword| {
            !matches!(
                keyword.as_str(),
                "$ref"
                    | "description"
                    | "title"
                    | "summary"
                    | "nullable"
                    | "readOnly"
                    | "writeOnly"
                    | "example"
                    | "examples"
                    | "xml"
                    | "externalDocs"
                    | "deprecated"
                    | "default"
            ) && !keyword.starts_with("x-")
        });
        if let Some(keyword) = others.next() {
            if is_ignored {
                let text = format!(
                    "`{keyword}` is ignored: OpenAPI 3.0 gives it no meaning next to `$ref`"
                );
                self.losses.add(text, at);
            } else {
                let own = self.keywords(node, at, place)?;
                schema = self.all_of(vec![schema, own]);
            }
        }
        if node.is_true("nullable") {
            schema = merge::nullable(schema);
        }
        Ok(schema)
    }

    /// The name of a target among the `$defs`.
    fn name(&mut self, target: &Target<'d>) -> String {
        if let Some(name) = self.names.get(&target.node.id()) {
            return name.clone();
        }
        let plain: String = target
            .name()
            .chars()
            .map(|char| match char {
                char if char.is_ascii_alphanumeric() => char,
                '.' | '-' => char,
                _ => '_',
            })
            .take(64)
            .collect();
        let mut name = plain.clone();
        let mut number = 1_usize;
        while !self.taken.insert(name.clone()) {
            number = number.saturating_add(1);
            name = format!("{plain}_{number}");
        }
        self.names.insert(target.node.id(), name.clone());
        self.pending.push((name.clone(), target.clone()));
        name
    }
}
