//! Subschemas that are applied to the same value: `anyOf`, `oneOf`, `not`, `if`, `$dynamicRef`.
use std::mem;

use serde_json::Value;

use super::{Answer, Evaluation, Marks, Mismatch, Report};
use crate::{budget::LimitExceeded, describe, index::NodeId};

impl<'a> Evaluation<'a> {
    pub(super) fn any_of(
        &mut self,
        schemas: &'a [NodeId],
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let mut failures = Vec::new();
        let mut fits = false;
        for schema in schemas {
            match self.attempt(*schema, value, seen.as_deref_mut())? {
                None if seen.is_none() => return Ok(true),
                None => fits = true,
                Some(failure) => failures.push(failure),
            }
        }
        if fits {
            Ok(true)
        } else {
            self.none_fits(schemas, value, failures)
        }
    }

    pub(super) fn one_of(
        &mut self,
        schemas: &'a [NodeId],
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        let mut failures = Vec::new();
        let mut fitting = Vec::new();
        for schema in schemas {
            match self.attempt(*schema, value, seen.as_deref_mut())? {
                None => fitting.push(*schema),
                Some(failure) => failures.push(failure),
            }
            if fitting.len() > 1 {
                return self.fail(value, &|schema| {
                    format!(
                        "a value that fits only one of these: {}",
                        describe::alternatives(schema, &fitting, "; ")
                    )
                });
            }
        }
        if fitting.is_empty() {
            self.none_fits(schemas, value, failures)
        } else {
            Ok(true)
        }
    }

    pub(super) fn not(&mut self, schema: NodeId, value: &'a Value) -> Answer {
        if !self.holds(schema, value, None)? {
            return Ok(true);
        }
        self.fail(value, &|nodes| {
            format!("anything but {}", describe::node(nodes, schema))
        })
    }

    /// Applies a schema whose failure is not one of the value.
    pub(super) fn holds(
        &mut self,
        schema: NodeId,
        value: &'a Value,
        seen: Option<&mut Marks>,
    ) -> Answer {
        let report = mem::replace(&mut self.report, Report::Silent);
        let answer = self.apply(schema, value, seen);
        self.report = report;
        answer
    }

    pub(super) fn dynamic_target(&self, anchor: &str) -> Option<NodeId> {
        let mut resources = self
            .scope
            .iter()
            .filter_map(|id| self.schema.dynamic_anchors.get(*id));
        resources.find_map(|anchors| anchors.get(anchor).copied())
    }

    /// Nothing if the value fits, otherwise why it does not.
    fn attempt(
        &mut self,
        schema: NodeId,
        value: &'a Value,
        seen: Option<&mut Marks>,
    ) -> Result<Option<Report>, LimitExceeded> {
        let fresh = self.report.fresh();
        let report = mem::replace(&mut self.report, fresh);
        let answer = self.apply(schema, value, seen);
        let attempt = mem::replace(&mut self.report, report);
        Ok(if answer? { None } else { Some(attempt) })
    }

    /// If one branch was evidently meant, what is wrong by its measure; otherwise what the branches are.
    fn none_fits(
        &mut self,
        schemas: &'a [NodeId],
        value: &'a Value,
        failures: Vec<Report>,
    ) -> Answer {
        let depth = self.path.len();
        let rounded = failures.iter().find_map(|failure| failure.rounded(depth));
        let mut near = failures
            .into_iter()
            .filter(|failure| failure.is_near_miss(depth));
        match (near.next(), near.next()) {
            (Some(meant), None) => {
                self.report.add_all(meant);
                Ok(false)
            }
            _ => self.fail_with(
                false,
                rounded.map_or(Mismatch::Value(value), Mismatch::Otherwise),
                &|nodes| describe::alternatives(nodes, schemas, " or "),
            ),
        }
    }
}
