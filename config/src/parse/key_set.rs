//! A JSON Web Key Set (RFC 7517, 5) in the file.

use serde_json::Value as Json;
use toml::de::DeValue;

use super::{InvalidValue, expected, variable};
use crate::value::Text;

const SHAPE: &str = "must be a JSON Web Key Set, as '{ \"keys\": [ … ] }', with at least one key";

/// What a key says that can sign (RFC 7518, 6): the members of its private or its only half.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The set, or the name of the variable that holds it.
pub(super) fn read(value: &DeValue<'_>) -> Result<Text, InvalidValue> {
    let Some(set) = value.as_str() else {
        return match value {
            DeValue::Table(table) => variable(table),
            other => Err(expected("a text in quotes with JSON", other)),
        };
    };
    let parsed: Json = serde_json::from_str(set).map_err(|_| SHAPE)?;
    let keys = parsed
        .get("keys")
        .and_then(Json::as_array)
        .filter(|keys| !keys.is_empty())
        .ok_or(SHAPE)?;
    for (position, key) in keys.iter().enumerate() {
        check(key).map_err(|says| InvalidValue {
            within: format!(".keys[{position}]"),
            ..InvalidValue::from(says)
        })?;
    }
    Ok(Text::Literal(set.to_owned()))
}

fn check(key: &Json) -> Result<(), &'static str> {
    let kind = key
        .get("kty")
        .and_then(Json::as_str)
        .ok_or("must be a JSON Web Key, which says its kind in `kty`")?;
    let private = PRIVATE
        .iter()
        .any(|member| key.get(member).is_some_and(|value| !value.is_null()));
    if private || kind == "oct" {
        return Err(
            "must be a public key: write only what the issuer publishes, and replace a key that stood here",
        );
    }
    Ok(())
}
