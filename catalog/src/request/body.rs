//! The body of a request.

use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value};

use super::style::{self, Place};
use super::value::Given;
use super::{ArgumentError, error, multipart, percent};
use crate::{
    Body, BodyContent, BodyForm, Encoding, Member, Method, Operation, Source, Style, WholeForm,
};

const BASE64_RULE: &str = "must be standard Base64 with padding (RFC 4648, section 4)";
const TEXT_RULE: &str = "must be a string";
const OBJECT_RULE: &str = "must be an object";

/// A body with its media type.
pub(super) struct Content {
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

/// Writes the body, if the call has one.
pub(super) fn write(
    operation: &Operation,
    given: Given<'_>,
    boundary: [u8; 16],
) -> Result<Option<Content>, ArgumentError> {
    let Some(body) = &operation.body else {
        return Ok(None);
    };
    let content = match &body.content {
        BodyContent::Whole { source, form } => whole(body, source, *form, given)?,
        BodyContent::Members { members, form } => match form {
            BodyForm::Json => object(body, members, given)?,
            BodyForm::UrlEncoded => form_of(body, members, given)?,
            BodyForm::Multipart => multipart::write(body, members, given, boundary)?,
        },
    };
    if content.is_some() && matches!(operation.method, Method::Get | Method::Head | Method::Trace) {
        // Fetch has no such request.
        return Err(ArgumentError::Operation(
            "a GET, HEAD or TRACE request has no body",
        ));
    }
    Ok(content)
}

fn content(body: &Body, bytes: Vec<u8>) -> Option<Content> {
    Some(Content {
        media_type: body.media_type.clone(),
        bytes,
    })
}

fn whole(
    body: &Body,
    source: &Source,
    form: WholeForm,
    given: Given<'_>,
) -> Result<Option<Content>, ArgumentError> {
    let value = match form {
        WholeForm::Json => given.json(source)?,
        _ => given.value(source)?,
    };
    let Some(value) = value else {
        let empty = match form {
            WholeForm::Json => "{}",
            _ => "",
        };
        return Ok(body.required.then(|| content(body, empty.into())).flatten());
    };
    let bytes = match (form, value) {
        (WholeForm::Json, value) => Ok(value.to_string().into_bytes()),
        (WholeForm::Text, Value::String(text)) => Ok(text.clone().into_bytes()),
        (WholeForm::Text, _) => Err(TEXT_RULE),
        (WholeForm::Base64, value) => decode_base64(value),
        (WholeForm::UrlEncoded, Value::Object(members)) => fields_of(members),
        (WholeForm::UrlEncoded, _) => Err(OBJECT_RULE),
    };
    let bytes = bytes.map_err(|rule| error::broken(source, "body", rule))?;
    Ok(content(body, bytes))
}

/// Writes an object as a form: arrays are several fields, and objects are JSON.
fn fields_of(members: &Map<String, Value>) -> Result<Vec<u8>, &'static str> {
    let style = Encoding::Style {
        style: Style::Form,
        explode: true,
        allow_reserved: false,
    };
    let mut fields = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let encoding = if value.is_object() {
            Encoding::Json
        } else {
            style
        };
        fields.extend(style::write(
            name,
            encoding,
            Place::Query { taken: &[] },
            value,
        )?);
    }
    Ok(fields.join("&").into_bytes())
}

/// The bytes that a Base64 string is of.
pub(super) fn decode_base64(value: &Value) -> Result<Vec<u8>, &'static str> {
    let text = value.as_str().ok_or(BASE64_RULE)?;
    Base64::decode_vec(text).map_err(|_| BASE64_RULE)
}

fn object(
    body: &Body,
    members: &[Member],
    given: Given<'_>,
) -> Result<Option<Content>, ArgumentError> {
    let mut object = Map::new();
    for member in members {
        if let Some(value) = given.json(&member.source)? {
            object.insert(member.name.clone(), value.clone());
        }
    }
    if object.is_empty() && !body.required {
        return Ok(None);
    }
    Ok(content(
        body,
        Value::Object(object).to_string().into_bytes(),
    ))
}

fn form_of(
    body: &Body,
    members: &[Member],
    given: Given<'_>,
) -> Result<Option<Content>, ArgumentError> {
    let taken: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let place = Place::Query { taken: &taken };
    let mut fields = Vec::new();
    for member in members {
        let Some(value) = given.value(&member.source)? else {
            continue;
        };
        let field = if member.is_binary {
            decode_base64(value).map(|bytes| {
                let name = percent::encode(&member.name);
                Some(format!("{name}={}", percent::encode_bytes(&bytes)))
            })
        } else {
            style::write(&member.name, member.encoding, place, value)
        };
        fields.extend(field.map_err(|rule| error::broken(&member.source, &member.name, rule))?);
    }
    if fields.is_empty() && !body.required {
        return Ok(None);
    }
    Ok(content(body, fields.join("&").into_bytes()))
}
