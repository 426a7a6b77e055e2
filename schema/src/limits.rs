//! What compiling a schema and checking a value may cost.
use serde_json::Value;

use super::SchemaError;

/// Bytes of a schema's strings, keys and punctuation, counted without white space.
pub const MAX_SCHEMA_BYTES: usize = 256 * 1024;
/// Subschemas in one schema, `$defs` included.
pub const MAX_SUBSCHEMAS: usize = 4096;
/// Levels of JSON in a schema.
pub const MAX_SCHEMA_DEPTH: usize = 128;
/// Subschemas entered within one another while a value is checked: its own depth times the `$ref`, `allOf` … on the way.
pub const MAX_EVALUATION_DEPTH: usize = 256;
/// Units of work that one validation may do: a subschema applied, a member visited, a few bytes compared.
pub const MAX_STEPS: usize = 2_000_000;
/// Violations that are reported; the rest are only known to exist.
pub const MAX_VIOLATIONS: usize = 8;

/// Refuses a schema that is too large or too deep, before anything recursive looks at it.
pub(super) fn check_size(schema: &Value) -> Result<(), SchemaError> {
    let mut bytes = 0_usize;
    let mut pending = vec![(schema, 1_usize)];
    while let Some((value, depth)) = pending.pop() {
        if depth > MAX_SCHEMA_DEPTH {
            return Err(SchemaError::TooDeep);
        }
        let below = depth.saturating_add(1);
        bytes = bytes.saturating_add(match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 4,
            Value::String(text) => text.len().saturating_add(3),
            Value::Array(items) => {
                pending.extend(items.iter().map(|item| (item, below)));
                2
            }
            Value::Object(members) => {
                pending.extend(members.values().map(|member| (member, below)));
                members.keys().fold(2, |sum, key| {
                    key.len().saturating_add(4).saturating_add(sum)
                })
            }
        });
        if bytes > MAX_SCHEMA_BYTES {
            return Err(SchemaError::TooLarge);
        }
    }
    Ok(())
}
