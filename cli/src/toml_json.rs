//! From TOML to JSON and back, as far as both have the same values.

use serde_json::{Map, Value as Json};
use toml_edit::{Array, InlineTable, Item, TableLike, Value};

/// The members of a table as JSON. A time becomes its text.
pub(crate) fn members(table: &dyn TableLike) -> Map<String, Json> {
    let members = table
        .iter()
        .map(|(name, item)| (name.to_owned(), of_item(item)));
    members.collect()
}

fn of_item(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => of_value(value),
        Item::Table(table) => Json::Object(members(table)),
        Item::ArrayOfTables(tables) => {
            let tables = tables.iter();
            tables.map(|table| Json::Object(members(table))).collect()
        }
    }
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::from(*number.value()),
        Value::Boolean(flag) => Json::from(*flag.value()),
        Value::Datetime(time) => Json::from(time.value().to_string()),
        Value::Array(values) => values.iter().map(of_value).collect(),
        Value::InlineTable(table) => Json::Object(members(table)),
    }
}

/// JSON as a value of TOML; `None` for null, which TOML does not have.
pub(crate) fn to_value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number),
            None => Value::from(number.as_f64()?),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => Value::Array(values.iter().filter_map(to_value).collect::<Array>()),
        Json::Object(members) => {
            let members = members.iter();
            let members = members.filter_map(|(name, json)| Some((name.as_str(), to_value(json)?)));
            Value::InlineTable(members.collect::<InlineTable>())
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn every_value_has_its_own_type() {
        let file: DocumentMut = "\
text = 'a'
number = 5
half = 0.5
flag = true
time = 2026-11-30T00:00:00Z
list = ['a', 1, { b = 2 }]
table.inner.deep = 'c'
[[each]]
name = 'd'
"
        .parse()
        .unwrap();
        let expected = json!({
            "text": "a",
            "number": 5,
            "half": 0.5,
            "flag": true,
            "time": "2026-11-30T00:00:00Z",
            "list": ["a", 1, { "b": 2 }],
            "table": { "inner": { "deep": "c" } },
            "each": [{ "name": "d" }],
        });
        assert_eq!(Json::Object(members(file.as_table())), expected);
    }

    #[test]
    fn json_comes_back_as_it_was_but_for_null() {
        let json = json!({ "a": [1, -2, 0.5, "b", true, [], {}], "c": { "d": { "e": "f" } } });
        let Some(Value::InlineTable(table)) = to_value(&json) else {
            panic!("{json}");
        };
        assert_eq!(Json::Object(members(&table)), json);
        let Some(Value::InlineTable(table)) = to_value(&json!({ "a": null, "b": [null, 1] }))
        else {
            panic!();
        };
        assert_eq!(Json::Object(members(&table)), json!({ "b": [1] }));
    }
}
