//! What is asked of a value by itself, without other subschemas.
use serde_json::{Number, Value};

use super::{
    budget::{Budget, LimitExceeded},
    equality::{any_equal, equal},
    format::Format,
    number::{Decimal, EXACT},
    pattern::Pattern,
    violation,
};

#[derive(Default)]
pub(super) struct Shape {
    /// Empty when every type is allowed.
    pub(super) types: Vec<Type>,
    /// `enum`, or `const` as a list of one.
    pub(super) allowed: Vec<Vec<Value>>,
    pub(super) number: NumberShape,
    pub(super) text: TextShape,
    pub(super) items: Count,
    pub(super) unique_items: bool,
    pub(super) properties: Count,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Default)]
pub(super) struct NumberShape {
    pub(super) minimum: Option<Bound>,
    pub(super) exclusive_minimum: Option<Bound>,
    pub(super) maximum: Option<Bound>,
    pub(super) exclusive_maximum: Option<Bound>,
    pub(super) multiple_of: Option<Bound>,
}

/// A number to compare with, and as it was written.
pub(super) struct Bound {
    pub(super) value: Decimal,
    pub(super) written: Number,
}

#[derive(Default)]
pub(super) struct TextShape {
    pub(super) characters: Count,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Format>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) at_least: Option<u64>,
    pub(super) at_most: Option<u64>,
}

impl Type {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// The narrowest type of a value.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if Decimal::of(number).is_integer() => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    pub(super) fn with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }

    fn includes(self, found: Self) -> bool {
        self == found || (self == Self::Number && found == Self::Integer)
    }
}

/// The first double that no unsigned integer of 64 bits is.
const PAST_UNSIGNED: f64 = 18_446_744_073_709_551_616.0;
/// The double that the least integer of 64 bits is, and that integers below it are rounded to.
const MIN_SIGNED: f64 = -9_223_372_036_854_775_808.0;

impl Shape {
    /// What is wrong with an integer of which only a rounded value is left, where nothing but an integer will do.
    pub(super) fn rounded(&self, value: &Value) -> Option<&'static str> {
        let double = value
            .as_number()
            .filter(|number| number.is_f64())?
            .as_f64()?;
        let wants_integer =
            self.types.contains(&Type::Integer) && !self.types.contains(&Type::Number);
        if !wants_integer || double.abs() < EXACT {
            return None;
        }
        Some(if double >= PAST_UNSIGNED || double <= MIN_SIGNED {
            violation::BEYOND_64_BITS
        } else {
            violation::NOT_IN_DIGITS
        })
    }

    pub(super) fn accepts(
        &self,
        value: &Value,
        budget: &mut Budget,
    ) -> Result<bool, LimitExceeded> {
        if !self.types.is_empty() {
            let found = Type::of(value);
            if !self.types.iter().any(|allowed| allowed.includes(found)) {
                return Ok(false);
            }
        }
        for allowed in &self.allowed {
            if !contains(allowed, value, budget)? {
                return Ok(false);
            }
        }
        match value {
            Value::Number(number) => Ok(self.number.accepts(number)),
            Value::String(text) => self.text.accepts(text, budget),
            Value::Array(items) => Ok(self.items.accepts(items.len())
                && !(self.unique_items && any_equal(items, budget)?)),
            Value::Object(members) => Ok(self.properties.accepts(members.len())),
            Value::Null | Value::Bool(_) => Ok(true),
        }
    }
}

impl NumberShape {
    fn accepts(&self, number: &Number) -> bool {
        let value = Decimal::of(number);
        let holds = |bound: &Option<Bound>, test: fn(Decimal, Decimal) -> bool| {
            bound.as_ref().is_none_or(|bound| test(value, bound.value))
        };
        holds(&self.minimum, |value, bound| value >= bound)
            && holds(&self.exclusive_minimum, |value, bound| value > bound)
            && holds(&self.maximum, |value, bound| value <= bound)
            && holds(&self.exclusive_maximum, |value, bound| value < bound)
            && holds(&self.multiple_of, Decimal::is_multiple_of)
    }
}

impl TextShape {
    fn accepts(&self, text: &str, budget: &mut Budget) -> Result<bool, LimitExceeded> {
        budget.spend_on_text(text.len())?;
        let matches = match &self.pattern {
            Some(pattern) => pattern.matches(text, budget)?,
            None => true,
        };
        Ok(matches
            && (self.characters.is_open() || self.characters.accepts(text.chars().count()))
            && self.format.is_none_or(|format| format.accepts(text)))
    }
}

impl Count {
    pub(super) fn is_open(self) -> bool {
        self.at_least.is_none() && self.at_most.is_none()
    }

    pub(super) fn accepts(self, count: usize) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.at_least.is_none_or(|least| count >= least)
            && self.at_most.is_none_or(|most| count <= most)
    }
}

fn contains(allowed: &[Value], value: &Value, budget: &mut Budget) -> Result<bool, LimitExceeded> {
    for one in allowed {
        if equal(one, value, budget)? {
            return Ok(true);
        }
    }
    Ok(false)
}
