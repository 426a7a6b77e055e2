//! `multipart/form-data` (RFC 7578), with the names of fields as browsers write them (WHATWG HTML, 4.10.21.8).

use http::HeaderValue;
use serde_json::Value;

use super::body::{Content, decode_base64};
use super::value::{self, Given};
use super::{ArgumentError, MAX_DEEP_OBJECT_DEPTH, error, names};
use crate::{Body, Encoding, Member, Style};

const BOUNDARY_RULE: &str = "must not contain the boundary of the request; call the tool again";
const DEPTH_RULE: &str = "must be at most 8 levels deep";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// Writes the members that have a value. Each item of an array is a part of its own, and objects are JSON (OpenAPI 3.1, Encoding
/// Object, `contentType`), but for `deepObject`.
pub(super) fn write(
    body: &Body,
    members: &[Member],
    given: Given<'_>,
    boundary: [u8; 16],
) -> Result<Option<Content>, ArgumentError> {
    let boundary = format!("mcp-edge-{:032x}", u128::from_be_bytes(boundary));
    let mut writer = Writer {
        boundary: &boundary,
        taken: members.iter().map(|member| member.name.as_str()).collect(),
        bytes: Vec::new(),
    };
    for member in members {
        if let Some(value) = given.value(&member.source)? {
            writer
                .member(member, value)
                .map_err(|rule| error::broken(&member.source, &member.name, rule))?;
        }
    }
    if writer.bytes.is_empty() && !body.required {
        return Ok(None);
    }
    let has_valid_types = members
        .iter()
        .filter_map(|member| member.content_type.as_deref())
        .all(|kind| HeaderValue::from_str(kind).is_ok());
    if !has_valid_types {
        return Err(ArgumentError::Operation(
            "the media type of a part is not a valid header value",
        ));
    }
    let mut bytes = writer.bytes;
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Some(Content {
        media_type: format!("{}; boundary={boundary}", body.media_type),
        bytes,
    }))
}

struct Writer<'a> {
    boundary: &'a str,
    /// The names of all members.
    taken: Vec<&'a str>,
    bytes: Vec<u8>,
}

impl Writer<'_> {
    fn member(&mut self, member: &Member, value: &Value) -> Result<(), &'static str> {
        let name = &member.name;
        match (member.encoding, value) {
            (Encoding::Style { explode, .. }, Value::Array(items))
                if explode || member.is_binary =>
            {
                let mut items = items.iter().filter(|item| !item.is_null());
                items.try_for_each(|item| self.value(member, name, item))
            }
            (Encoding::Style { .. }, Value::Array(items)) => {
                let items = items.iter().filter(|item| !item.is_null()).map(value::text);
                let items: Vec<_> = items.collect();
                if items.iter().any(|item| item.contains(',')) {
                    return Err(super::style::SEPARATOR_RULE);
                }
                self.part(
                    name,
                    None,
                    member.content_type.as_deref(),
                    items.join(",").as_bytes(),
                )
            }
            (
                Encoding::Style {
                    style: Style::DeepObject,
                    ..
                },
                Value::Object(_),
            ) => self.deep(member, name, value, MAX_DEEP_OBJECT_DEPTH),
            _ => self.value(member, name, value),
        }
    }

    /// Writes a part for each value in an object.
    fn deep(
        &mut self,
        member: &Member,
        name: &str,
        value: &Value,
        depth: usize,
    ) -> Result<(), &'static str> {
        let Value::Object(members) = value else {
            if names::is_taken(&member.name, name, &self.taken) {
                return Err(super::style::NAME_RULE);
            }
            return self.value(member, name, value);
        };
        let depth = depth.checked_sub(1).ok_or(DEPTH_RULE)?;
        let mut members = members.iter().filter(|(_, value)| !value.is_null());
        members.try_for_each(|(inner, value)| {
            super::style::check_member(inner)?;
            self.deep(member, &format!("{name}[{inner}]"), value, depth)
        })
    }

    /// Writes one part.
    fn value(&mut self, member: &Member, name: &str, value: &Value) -> Result<(), &'static str> {
        let kind = member.content_type.as_deref();
        if member.is_binary {
            let bytes = decode_base64(value)?;
            return self.part(name, Some(&member.name), kind.or(Some(BYTES)), &bytes);
        }
        if member.encoding == Encoding::Json || value.is_object() || value.is_array() {
            return self.part(
                name,
                None,
                kind.or(Some(JSON)),
                value.to_string().as_bytes(),
            );
        }
        self.part(name, None, kind, value::text(value).as_bytes())
    }

    fn part(
        &mut self,
        name: &str,
        file_name: Option<&str>,
        kind: Option<&str>,
        content: &[u8],
    ) -> Result<(), &'static str> {
        let boundary = self.boundary.as_bytes();
        if content.windows(boundary.len()).any(|part| part == boundary) {
            return Err(BOUNDARY_RULE);
        }
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            quoted(name)
        );
        if let Some(name) = file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(name)));
        }
        if let Some(kind) = kind {
            head.push_str(&format!("\r\nContent-Type: {kind}"));
        }
        head.push_str("\r\n\r\n");
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
