use serde_json::Value;

use super::{Answer, Evaluation, Marks};
use crate::{describe, index::NodeId, node::Node, path::Part, shape::Count};

impl<'a> Evaluation<'a> {
    /// `prefixItems` and `items`.
    pub(super) fn items(
        &mut self,
        first: &'a [NodeId],
        rest: Option<NodeId>,
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let Value::Array(items) = value else {
            return Ok(true);
        };
        self.every(items.iter().enumerate(), |this, (position, item)| {
            let Some(schema) = first.get(position).copied().or(rest) else {
                return Ok(true);
            };
            if let Some(seen) = seen.as_deref_mut() {
                seen.set(position);
            }
            this.item(schema, position, item)
        })
    }

    pub(super) fn contains(
        &mut self,
        item: NodeId,
        count: Count,
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let Value::Array(items) = value else {
            return Ok(true);
        };
        let mut found = 0_usize;
        for (position, candidate) in items.iter().enumerate() {
            if self.holds(item, candidate, None)? {
                found = found.saturating_add(1);
                if let Some(seen) = seen.as_deref_mut() {
                    seen.set(position);
                }
            }
        }
        if count.accepts(found) {
            return Ok(true);
        }
        self.fail(value, &|schema| describe::containing(schema, item, count))
    }

    pub(super) fn item(&mut self, schema: NodeId, position: usize, item: &'a Value) -> Answer {
        self.within(Part::Item(position), |this| {
            match this.schema.nodes.get(schema) {
                Some(Node::Never) => this.fail(item, &|_| "no further item".to_owned()),
                _ => this.apply(schema, item, None),
            }
        })
    }
}
