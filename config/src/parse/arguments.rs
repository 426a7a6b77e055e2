//! Conditions on arguments and their values: JSON, written as TOML.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value as Json};
use toml::de::{DeArray, DeTable, DeValue};

use super::{InvalidValue, expected};
use crate::dotted::quoted;

/// The schema of each argument, by the argument's name.
pub(super) fn read(value: &DeValue<'_>) -> Result<BTreeMap<String, Json>, InvalidValue> {
    let table = value.as_table().ok_or_else(|| {
        expected(
            "a table with a JSON Schema for each argument, as { amount = { maximum = 1000 } }",
            value,
        )
    })?;
    let mut schemas = BTreeMap::new();
    for (name, schema) in table {
        let read = match schema.get_ref() {
            DeValue::Table(_) | DeValue::Boolean(_) => json(schema.get_ref()),
            other => Err(expected("a JSON Schema, as { maximum = 1000 }", other)),
        };
        let at = format!(".{}", quoted(name.get_ref()));
        let schema = read.map_err(|objection| objection.inside(at, schema.span().start))?;
        schemas.insert(name.get_ref().to_string(), schema);
    }
    Ok(schemas)
}

/// A JSON value by each name.
pub(super) fn values(value: &DeValue<'_>) -> Result<BTreeMap<String, Json>, InvalidValue> {
    let table = value.as_table().ok_or_else(|| {
        expected(
            "a table with a value for each argument, as { limit = 20 }",
            value,
        )
    })?;
    Ok(object_members(table)?.into_iter().collect())
}

fn json(value: &DeValue<'_>) -> Result<Json, InvalidValue> {
    match value {
        DeValue::String(text) => Ok(Json::String(text.to_string())),
        DeValue::Boolean(flag) => Ok(Json::Bool(*flag)),
        DeValue::Integer(number) => integer(number.as_str(), number.radix())
            .map(Json::Number)
            .ok_or_else(|| "must be a smaller number".into()),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Json::Number)
            .ok_or_else(|| "must be a number that JSON has, neither inf nor nan".into()),
        DeValue::Datetime(_) => Err("must be in quotes: JSON has no times of its own".into()),
        DeValue::Array(entries) => array(entries),
        DeValue::Table(members) => object(members),
    }
}

fn integer(digits: &str, radix: u32) -> Option<Number> {
    let signed = || i64::from_str_radix(digits, radix).map(Number::from);
    u64::from_str_radix(digits, radix)
        .map(Number::from)
        .or_else(|_| signed())
        .ok()
}

fn array(entries: &DeArray<'_>) -> Result<Json, InvalidValue> {
    let entries = entries.iter().enumerate().map(|(position, entry)| {
        json(entry.get_ref())
            .map_err(|objection| objection.inside(format!("[{position}]"), entry.span().start))
    });
    entries.collect::<Result<_, _>>().map(Json::Array)
}

fn object(members: &DeTable<'_>) -> Result<Json, InvalidValue> {
    object_members(members).map(Json::Object)
}

fn object_members(members: &DeTable<'_>) -> Result<Map<String, Json>, InvalidValue> {
    let mut object = Map::new();
    for (name, member) in members {
        let at = format!(".{}", quoted(name.get_ref()));
        let member = json(member.get_ref())
            .map_err(|objection| objection.inside(at, member.span().start))?;
        object.insert(name.get_ref().to_string(), member);
    }
    Ok(object)
}
