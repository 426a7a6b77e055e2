//! JSON-RPC request ids.

use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

/// The id of a request: a string or an integer, never null (2026-07-28, basic).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Id {
    /// A string.
    Text(String),
    /// An integer.
    Number(Number),
}

impl Id {
    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) if number.is_i64() || number.is_u64() => {
                Some(Self::Number(number.clone()))
            }
            _ => None,
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(number) => Value::Number(number.clone()),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => number.serialize(serializer),
        }
    }
}
