//! The values of a request: arguments, defaults and fixed values.

use mcp_edge_schema::text::{MAX_SHOWN, shorten};
use serde_json::{Map, Value};

use super::ArgumentError;
use crate::Source;

/// 2^53: integers up to it are exact as floats.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The arguments of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) arguments: &'a Map<String, Value>,
}

impl<'a> Given<'a> {
    /// The value of a source, of which `null` is none.
    pub(super) fn value(self, source: &'a Source) -> Result<Option<&'a Value>, ArgumentError> {
        self.find(source, |value| !value.is_null())
    }

    /// The value of a source in JSON, where `null` is a value.
    pub(super) fn json(self, source: &'a Source) -> Result<Option<&'a Value>, ArgumentError> {
        self.find(source, |_| true)
    }

    fn find(
        self,
        source: &'a Source,
        counts: impl Fn(&Value) -> bool,
    ) -> Result<Option<&'a Value>, ArgumentError> {
        match source {
            Source::Absent => Ok(None),
            Source::Fixed(value) => Ok(Some(value).filter(|value| counts(value))),
            Source::Argument {
                name,
                required,
                default,
            } => {
                let argument = self.arguments.get(name).filter(|value| counts(value));
                let value = argument.or(default.as_ref()).filter(|value| counts(value));
                if value.is_none() && *required {
                    return Err(ArgumentError::Missing {
                        argument: shorten(name, MAX_SHOWN),
                    });
                }
                Ok(value)
            }
        }
    }
}

/// A value as text: strings as they are, and all others as JSON. A number that is an integer is written as one.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            // `5.0` is an integer (JSON Schema 2020-12, 4.2.3), and few servers read it as one.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
                (float as i64).to_string()
            }
            _ => number.to_string(),
        },
        value => value.to_string(),
    }
}
