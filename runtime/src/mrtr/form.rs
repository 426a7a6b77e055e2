//! Questions for a few values (2026-07-28, client/elicitation, form mode).

use std::marker::PhantomData;

use mcp_edge_schema::{FormatMode, Schema, SchemaError};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::ask::{AnswerError, Question, elicited};
use crate::server::{finish, read};

/// Asks the person to fill in a form whose fields are those of `T`.
///
/// Clients show flat forms only: the fields are strings, numbers, booleans, or a choice of names. Never
/// ask for a secret this way; use [`UrlElicitation`](super::UrlElicitation).
#[derive(Debug, Clone)]
pub struct Form<T = Value> {
    message: String,
    /// Given by hand, or made from `T`.
    schema: Option<Value>,
    answer: PhantomData<fn() -> T>,
}

impl<T: JsonSchema + DeserializeOwned> Form<T> {
    /// A form with a sentence that says what it is for.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            schema: None,
            answer: PhantomData,
        }
    }
}

impl Form<Value> {
    /// A form whose fields are described by a schema of the restricted kind that clients can show.
    pub fn with_schema(message: impl Into<String>, schema: Value) -> Self {
        Self {
            message: message.into(),
            schema: Some(schema),
            answer: PhantomData,
        }
    }
}

impl<T: JsonSchema + DeserializeOwned> Form<T> {
    fn schema(&self) -> Result<Value, String> {
        match &self.schema {
            Some(schema) => Ok(schema.clone()),
            None => flat_schema::<T>(),
        }
    }
}

impl<T: JsonSchema + DeserializeOwned> Question for Form<T> {
    type Answer = T;

    fn capability(&self) -> Value {
        json!({ "elicitation": { "form": {} } })
    }

    fn request(&self) -> Result<Value, String> {
        let schema = self.schema()?;
        check(&schema)?;
        Ok(json!({
            "method": "elicitation/create",
            "params": {
                "mode": "form",
                "message": self.message,
                "requestedSchema": schema,
            },
        }))
    }

    fn read(&self, answer: &Value) -> Result<T, AnswerError> {
        let mut content = elicited(answer)?.cloned().unwrap_or_default();
        // A flat form has no field that could be `null`; one that is was left out.
        content.retain(|_, value| !value.is_null());
        let content = Value::Object(content);
        let schema = self.schema().map_err(AnswerError::Unfit)?;
        Schema::compile_with(&schema, FormatMode::Assert)
            .map_err(|error| AnswerError::Unfit(error.to_string()))?
            .exact()
            .validate(&content)
            .map_err(|violations| AnswerError::Unfit(violations.to_string()))?;
        read(content).map_err(AnswerError::Unfit)
    }
}

/// Whether a form can be answered: its schema can be used, and allows the values that it begins with.
fn check(schema: &Value) -> Result<(), String> {
    let unusable = |error: SchemaError| format!("its schema cannot be used: {error}");
    Schema::compile_with(schema, FormatMode::Assert).map_err(unusable)?;
    let fields = schema.get("properties").and_then(Value::as_object);
    for (name, field) in fields.into_iter().flatten() {
        if let Some(default) = field.get("default") {
            Schema::compile_with(field, FormatMode::Assert)
                .map_err(unusable)?
                .validate(default)
                .map_err(|violations| {
                    format!("the field `{name}` does not allow its default: {violations}")
                })?;
        }
    }
    Ok(())
}

/// The schema of `T` in the restricted form of `requestedSchema`.
fn flat_schema<T: JsonSchema>() -> Result<Value, String> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut generated = settings.into_generator().into_root_schema_for::<T>();
    finish(&mut generated);
    let generated = generated.to_value();
    let fields = generated
        .get("properties")
        .and_then(Value::as_object)
        .ok_or("its type must be a struct with named fields")?;
    let mut properties = Map::new();
    for (name, field) in fields {
        let field = flat_field(field).ok_or_else(|| {
            format!("the field `{name}` is not a string, number, boolean or choice")
        })?;
        properties.insert(name.clone(), field);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if let (Some(required), Some(members)) = (generated.get("required"), schema.as_object_mut()) {
        members.insert("required".to_owned(), required.clone());
    }
    Ok(schema)
}

/// One field in the restricted form, which has no `null` and only four formats.
fn flat_field(field: &Value) -> Option<Value> {
    let mut field = field.as_object()?.clone();
    let kind = match field.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null").cloned(),
        kind => kind.cloned(),
    };
    if let Some(choices) = field.remove("oneOf") {
        let titled: Vec<Value> = choices
            .as_array()?
            .iter()
            .map(titled)
            .collect::<Option<_>>()?;
        field.insert("oneOf".to_owned(), Value::Array(titled));
        field.insert("type".to_owned(), json!("string"));
        return Some(Value::Object(field));
    }
    let kind = kind?;
    let flat = match kind.as_str()? {
        "string" | "number" | "integer" | "boolean" => true,
        "array" => field
            .get("items")
            .is_some_and(|items| items.get("enum").is_some() || items.get("anyOf").is_some()),
        _ => false,
    };
    if !flat {
        return None;
    }
    let shown = ["email", "uri", "date", "date-time"];
    if !field
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| shown.contains(&format))
    {
        field.remove("format");
    }
    if field.get("default").is_some_and(Value::is_null) {
        field.remove("default");
    }
    field.insert("type".to_owned(), kind);
    Some(Value::Object(field))
}

/// A choice with a title, from an enum variant with a doc comment.
fn titled(choice: &Value) -> Option<Value> {
    let name = choice.get("const")?.as_str()?;
    let title = choice
        .get("title")
        .or_else(|| choice.get("description"))
        .and_then(Value::as_str)
        .unwrap_or(name);
    Some(json!({ "const": name, "title": title }))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        /// Like blood.
        Red,
        /// Like the sky.
        Blue,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Fields {
        /// How many.
        count: u8,
        colour: Colour,
        note: Option<String>,
    }

    #[test]
    fn a_struct_becomes_a_flat_form() {
        assert_eq!(
            flat_schema::<Fields>().unwrap(),
            json!({
                "type": "object",
                "properties": {
                    "count": { "type": "integer", "description": "How many.", "minimum": 0, "maximum": 255 },
                    "colour": { "type": "string", "oneOf": [
                        { "const": "red", "title": "Like blood." },
                        { "const": "blue", "title": "Like the sky." },
                    ] },
                    "note": { "type": "string" },
                },
                "required": ["count", "colour"],
            })
        );
    }

    #[test]
    fn a_field_of_null_counts_as_left_out() {
        let form = Form::<Fields>::new("Which?");
        let read = |content: Value| form.read(&json!({ "action": "accept", "content": content }));
        let answer = read(json!({ "count": 3, "colour": "red", "note": null })).unwrap();
        assert_eq!(answer.note, None);
        assert!(read(json!({ "count": null, "colour": "red" })).is_err());
    }

    #[test]
    fn nested_fields_cannot_be_asked() {
        #[derive(Deserialize, JsonSchema)]
        struct Nested {
            #[allow(dead_code)]
            inner: Fields,
        }
        assert!(flat_schema::<Nested>().unwrap_err().contains("`inner`"));
    }

    #[test]
    fn a_form_allows_the_values_that_it_begins_with() {
        let asked = |schema| Form::with_schema("How many?", schema).request();
        let field = |least, default| {
            json!({ "type": "object", "properties": {
                "count": { "type": "integer", "minimum": least, "default": default }
            } })
        };
        assert!(asked(field(1, json!(1))).is_ok());
        assert_eq!(
            asked(field(1, json!(0))).unwrap_err(),
            "the field `count` does not allow its default: The value: expected an integer of at least 1, found 0."
        );
        assert!(asked(field(1, Value::Null)).is_err());
        assert!(
            asked(json!({ "type": 7 }))
                .unwrap_err()
                .starts_with("its schema cannot be used")
        );
    }

    #[test]
    fn an_answer_is_checked_against_the_form() {
        let form = Form::<Fields>::new("Which?");
        let read = |content: Value| form.read(&json!({ "action": "accept", "content": content }));
        assert_eq!(
            read(json!({ "count": 3, "colour": "red" })).unwrap(),
            Fields {
                count: 3,
                colour: Colour::Red,
                note: None
            }
        );
        for wrong in [
            json!({ "count": 300, "colour": "red" }),
            json!({ "count": 1e300, "colour": "red" }),
            json!({ "colour": "red" }),
            json!({}),
        ] {
            assert!(matches!(read(wrong), Err(AnswerError::Unfit(_))));
        }
        assert_eq!(
            form.read(&json!({ "action": "decline" })),
            Err(AnswerError::Declined)
        );
        assert_eq!(
            form.read(&json!({ "action": "cancel" })),
            Err(AnswerError::Cancelled)
        );
        assert!(matches!(
            form.read(&json!(12345)),
            Err(AnswerError::Unfit(_))
        ));
    }
}
