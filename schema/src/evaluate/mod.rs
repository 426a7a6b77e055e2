//! A value against the nodes.
mod arrays;
mod marks;
mod objects;
mod report;
mod subschemas;

use serde_json::Value;

use self::{marks::Marks, report::Report};
use super::{
    Schema,
    budget::{Budget, LimitExceeded},
    describe,
    index::{NodeId, ResourceId},
    node::{Keywords, Node, Rule},
    path::{self, Part},
    shape::Type,
    violation::{Violation, Violations},
};

type Answer = Result<bool, LimitExceeded>;

/// Steps that one sentence costs, much of which is text.
const SENTENCE: usize = 64;

/// Whether a value fits, without a sentence.
pub(super) fn fits(schema: &Schema, value: &Value) -> Answer {
    Evaluation::new(schema, Report::Silent).apply(Schema::ROOT, value, None)
}

/// First without collecting anything, which is all that a valid value needs; then again for the sentences.
pub(super) fn validate(schema: &Schema, value: &Value) -> Result<(), Violations> {
    let mut evaluation = Evaluation::new(schema, Report::collecting());
    let stopped = match fits(schema, value) {
        Ok(true) => return Ok(()),
        Ok(false) => evaluation.apply(Schema::ROOT, value, None).err(),
        Err(stopped) => Some(stopped),
    };
    Err(evaluation.report.into_violations(stopped))
}

struct Evaluation<'a> {
    schema: &'a Schema,
    budget: Budget,
    /// The resources that were entered and not left, outermost first: what `$dynamicRef` looks through.
    scope: Vec<ResourceId>,
    path: Vec<Part<'a>>,
    /// How many of the nodes around say that the value is a secret.
    secrets: usize,
    report: Report,
}

impl<'a> Evaluation<'a> {
    fn new(schema: &'a Schema, report: Report) -> Self {
        Self {
            schema,
            budget: Budget::default(),
            scope: Vec::new(),
            path: Vec::new(),
            secrets: 0,
            report,
        }
    }

    /// Whether a value fits. If it does, the children that were looked at are added to `seen`.
    fn apply(&mut self, id: NodeId, value: &'a Value, seen: Option<&mut Marks>) -> Answer {
        self.budget.spend(1)?;
        match self.schema.nodes.get(id) {
            Some(Node::Always) => Ok(true),
            Some(Node::Keywords(keywords)) => {
                self.budget.descend()?;
                let entered = self.scope.last() != Some(&keywords.resource);
                if entered {
                    self.scope.push(keywords.resource);
                }
                let secret = usize::from(keywords.is_secret);
                self.secrets = self.secrets.saturating_add(secret);
                let answer = self.apply_keywords(id, keywords, value, seen)?;
                self.secrets = self.secrets.saturating_sub(secret);
                if entered {
                    self.scope.pop();
                }
                self.budget.ascend();
                Ok(answer)
            }
            Some(Node::Never) | None => self.fail(value, &|_| "nothing here".to_owned()),
        }
    }

    fn apply_keywords(
        &mut self,
        id: NodeId,
        keywords: &'a Keywords,
        value: &'a Value,
        seen: Option<&mut Marks>,
    ) -> Answer {
        if self.schema.exact
            && let Some(found) = keywords.shape.rounded(value)
        {
            return self.fail_with(false, Mismatch::Otherwise(found), &|schema| {
                describe::node(schema, id)
            });
        }
        if !keywords.shape.accepts(value, &mut self.budget)? {
            let choice = !keywords.shape.allowed.is_empty();
            return self.fail_with(choice, Mismatch::Value(value), &|schema| {
                describe::node(schema, id)
            });
        }
        let left_over = match value {
            Value::Array(_) => keywords.unevaluated_items,
            Value::Object(_) => keywords.unevaluated_properties,
            _ => None,
        };
        let mut marks = (seen.is_some() || left_over.is_some()).then(|| Marks::of(value));
        self.budget.spend(marks.as_ref().map_or(0, Marks::cost))?;
        let mut fits = self.every(&keywords.rules, |this, rule| {
            this.apply_rule(rule, value, marks.as_mut())
        })?;
        if let (true, Some(rest), Some(marks)) = (fits, left_over, &mut marks) {
            fits = self.unevaluated(rest, value, marks)?;
        }
        if let (true, Some(seen), Some(marks)) = (fits, seen, &marks) {
            seen.add(marks);
        }
        Ok(fits)
    }

    fn apply_rule(
        &mut self,
        rule: &'a Rule,
        value: &'a Value,
        mut seen: Option<&mut Marks>,
    ) -> Answer {
        match rule {
            Rule::Ref(target) => self.apply(*target, value, seen),
            Rule::DynamicRef { anchor, otherwise } => {
                let target = self.dynamic_target(anchor).unwrap_or(*otherwise);
                self.apply(target, value, seen)
            }
            Rule::AllOf(schemas) => self.every(schemas, |this, schema| {
                this.apply(*schema, value, seen.as_deref_mut())
            }),
            Rule::AnyOf(schemas) => self.any_of(schemas, value, seen),
            Rule::OneOf(schemas) => self.one_of(schemas, value, seen),
            Rule::Not(schema) => self.not(*schema, value),
            Rule::If {
                condition,
                then,
                otherwise,
            } => {
                let holds = self.holds(*condition, value, seen.as_deref_mut())?;
                let branch = if holds { then } else { otherwise };
                branch.map_or(Ok(true), |schema| self.apply(schema, value, seen))
            }
            Rule::Required(names) => self.required(names, value),
            Rule::DependentRequired(dependents) => self.dependent_required(dependents, value),
            Rule::DependentSchemas(schemas) => self.dependent_schemas(schemas, value, seen),
            Rule::Properties(properties) => self.properties(properties, value, seen),
            Rule::PropertyNames(schema) => self.property_names(*schema, value),
            Rule::Items { first, rest } => self.items(first, *rest, value, seen),
            Rule::Contains { item, count } => self.contains(*item, *count, value, seen),
        }
    }

    /// Applies `rest` to the children that nothing has looked at.
    fn unevaluated(&mut self, rest: NodeId, value: &'a Value, seen: &mut Marks) -> Answer {
        let fits = match value {
            Value::Array(items) => {
                self.every(items.iter().enumerate(), |this, (position, item)| {
                    if seen.has(position) {
                        Ok(true)
                    } else {
                        this.item(rest, position, item)
                    }
                })
            }
            Value::Object(members) => self.every(
                members.iter().enumerate(),
                |this, (position, (name, member))| {
                    if seen.has(position) {
                        Ok(true)
                    } else {
                        this.unlisted(rest, name, member, None)
                    }
                },
            ),
            _ => Ok(true),
        }?;
        seen.set_all();
        Ok(fits)
    }

    /// Stops at the first failure, unless the others are wanted for their sentences.
    fn every<T>(
        &mut self,
        of: impl IntoIterator<Item = T>,
        mut check: impl FnMut(&mut Self, T) -> Answer,
    ) -> Answer {
        let mut fits = true;
        for one in of {
            self.budget.spend(1)?;
            fits &= check(self, one)?;
            if !fits && self.report.is_silent() {
                break;
            }
        }
        Ok(fits)
    }

    fn within(&mut self, part: Part<'a>, check: impl FnOnce(&mut Self) -> Answer) -> Answer {
        self.path.push(part);
        let answer = check(self)?;
        self.path.pop();
        Ok(answer)
    }

    fn fail(&mut self, value: &Value, expected: &dyn Fn(&'a Schema) -> String) -> Answer {
        self.fail_with(false, Mismatch::Value(value), expected)
    }

    /// `choice`: the value is not one of a list, which tells apart the branches of a union.
    #[cold]
    fn fail_with(
        &mut self,
        choice: bool,
        found: Mismatch<'_>,
        expected: &dyn Fn(&'a Schema) -> String,
    ) -> Answer {
        if !self.report.is_silent() {
            self.budget.spend(SENTENCE)?;
            let (path, expected) = (path::written(&self.path), expected(self.schema));
            let (found, size, value) = match found {
                Mismatch::Value(value) if self.secrets == 0 => {
                    (kind(value), Some(size(value)), repeated(value))
                }
                Mismatch::Value(value) => (kind(value), None, None),
                Mismatch::Otherwise(found) => (found, None, None),
            };
            self.report.add(
                self.path.len(),
                choice,
                Violation {
                    path,
                    expected,
                    found,
                    size,
                    value,
                },
            );
        }
        Ok(false)
    }
}

/// What does not fit.
enum Mismatch<'a> {
    Value(&'a Value),
    /// Something else than a value, in words.
    Otherwise(&'static str),
}

/// The longest number that a sentence repeats, in characters: shorter than that of a card or an account.
const REPEATED: usize = 12;

/// A value that a sentence repeats: a short number, a boolean or null. A text may be a secret, even where none belongs.
fn repeated(value: &Value) -> Option<String> {
    let is_short = match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => number.to_string().len() <= REPEATED,
        _ => false,
    };
    is_short.then(|| value.to_string())
}

/// The kind of a value, and how large it is.
fn size(value: &Value) -> String {
    let (count, (one, many)) = match value {
        Value::Null | Value::Bool(_) => return kind(value).to_owned(),
        Value::Number(number) => (number.to_string().len(), ("character", "characters")),
        Value::String(text) => (text.chars().count(), ("character", "characters")),
        Value::Array(items) => (items.len(), ("item", "items")),
        Value::Object(members) => (members.len(), ("property", "properties")),
    };
    let unit = if count == 1 { one } else { many };
    format!("{} of {count} {unit}", kind(value))
}

fn kind(value: &Value) -> &'static str {
    Type::of(value).with_article()
}
