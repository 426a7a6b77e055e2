use std::{collections::BTreeMap, mem};

use serde_json::{Map, Value};

use super::{Answer, Evaluation, Marks, Mismatch, Report};
use crate::{
    describe,
    index::{NodeId, member},
    node::{Needed, Node, Properties},
    path::Part,
};

impl<'a> Evaluation<'a> {
    pub(super) fn required(&mut self, names: &'a [Needed], value: &'a Value) -> Answer {
        let Value::Object(members) = value else {
            return Ok(true);
        };
        self.every(names, |this, needed| this.require(needed, None, members))
    }

    pub(super) fn dependent_required(
        &mut self,
        dependents: &'a [(String, Vec<Needed>)],
        value: &'a Value,
    ) -> Answer {
        let Value::Object(members) = value else {
            return Ok(true);
        };
        let present = dependents
            .iter()
            .filter(|(name, _)| member(members, name).is_some());
        self.every(present, |this, (because, names)| {
            this.every(names, |this, needed| {
                this.require(needed, Some(because), members)
            })
        })
    }

    pub(super) fn dependent_schemas(
        &mut self,
        schemas: &'a [(String, NodeId)],
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let Value::Object(members) = value else {
            return Ok(true);
        };
        let present = schemas
            .iter()
            .filter(|(name, _)| member(members, name).is_some());
        self.every(present, |this, (_, schema)| {
            this.apply(*schema, value, seen.as_deref_mut())
        })
    }

    /// `properties`, `patternProperties` and `additionalProperties`.
    pub(super) fn properties(
        &mut self,
        properties: &'a Properties,
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let Value::Object(members) = value else {
            return Ok(true);
        };
        self.every(
            members.iter().enumerate(),
            |this, (position, (name, member))| {
                let mut listed = false;
                let mut fits = true;
                if let Some(schema) = properties.named.get(name) {
                    listed = true;
                    fits &= this.member(*schema, name, member)?;
                }
                for (pattern, schema) in &properties.patterns {
                    if pattern.matches(name, &mut this.budget)? {
                        listed = true;
                        fits &= this.member(*schema, name, member)?;
                    }
                }
                if let (false, Some(rest)) = (listed, properties.rest) {
                    listed = true;
                    fits = this.unlisted(rest, name, member, Some(&properties.named))?;
                }
                if let (true, Some(seen)) = (listed, seen.as_deref_mut()) {
                    seen.set(position);
                }
                Ok(fits)
            },
        )
    }

    pub(super) fn property_names(&mut self, schema: NodeId, value: &'a Value) -> Answer {
        let Value::Object(members) = value else {
            return Ok(true);
        };
        self.every(members.keys(), |this, name| {
            // The name lives in this function only, so a separate evaluation looks at it.
            let text = Value::String(name.clone());
            let mut naming = Evaluation {
                schema: this.schema,
                budget: mem::take(&mut this.budget),
                scope: this.scope.clone(),
                path: Vec::new(),
                secrets: this.secrets,
                report: Report::Silent,
            };
            let fits = naming.apply(schema, &text, None);
            this.budget = naming.budget;
            if fits? {
                return Ok(true);
            }
            this.within(Part::Member(name), |this| {
                this.fail_with(false, Mismatch::Otherwise("another name"), &|nodes| {
                    format!("a property whose name is {}", describe::node(nodes, schema))
                })
            })
        })
    }

    /// A member that no name and no pattern stands for.
    pub(super) fn unlisted(
        &mut self,
        schema: NodeId,
        name: &'a str,
        member: &'a Value,
        known: Option<&'a BTreeMap<String, NodeId>>,
    ) -> Answer {
        if !matches!(self.schema.nodes.get(schema), Some(Node::Never)) {
            return self.member(schema, name, member);
        }
        self.within(Part::Member(name), |this| {
            this.fail(member, &|_| describe::no_such_property(known))
        })
    }

    fn member(&mut self, schema: NodeId, name: &'a str, member: &'a Value) -> Answer {
        self.within(Part::Member(name), |this| this.apply(schema, member, None))
    }

    fn require(
        &mut self,
        needed: &'a Needed,
        because: Option<&'a str>,
        members: &'a Map<String, Value>,
    ) -> Answer {
        if member(members, &needed.name).is_some() {
            return Ok(true);
        }
        self.within(Part::Member(&needed.name), |this| {
            this.fail_with(false, Mismatch::Otherwise("nothing"), &|schema| {
                describe::needed(schema, needed, because)
            })
        })
    }
}
