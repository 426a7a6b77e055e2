//! Responses that have no content.

use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::{Map, Value, json};

use super::clean::clean;
use super::failure::describe;
use super::{ResultContent, ResultParts, misfit, wrapped};
use crate::{Operation, Output};

/// The header fields of a `HEAD` response that describe what a `GET` would give.
const SHOWN: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::ETAG,
    header::LAST_MODIFIED,
    header::ACCEPT_RANGES,
    header::EXPIRES,
];
const MAX_HEADER_BYTES: usize = 256;

fn text(text: String) -> ResultParts {
    ResultParts::success(vec![ResultContent::Text(text)])
}

/// The result of a success without content. It is an empty object where the tool's schema allows one, else `null` in it.
pub(super) fn success(operation: &Operation, status: StatusCode) -> ResultParts {
    let parts = text(format!(
        "The call succeeded: {}, without content.",
        describe(status)
    ));
    let Output::Schema { schema, .. } = &operation.output else {
        return parts;
    };
    let empty = [Value::Object(Map::new()), wrapped(operation, Value::Null)];
    match empty
        .into_iter()
        .find(|value| misfit(schema, value).is_none())
    {
        Some(value) => parts.with_structured(operation, value),
        None => parts.without_value(operation, "the response has no content"),
    }
}

/// The result of a 304, which only a conditional request has.
pub(super) fn not_modified(operation: &Operation) -> ResultParts {
    text("Nothing has changed since the version that the call names: 304 Not Modified.".to_owned())
        .without_value(operation, "the response has no content (304)")
}

/// The result of a `HEAD` request.
pub(super) fn head(operation: &Operation, status: StatusCode, headers: &HeaderMap) -> ResultParts {
    let shown = SHOWN.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        Some((
            name.as_str().to_owned(),
            Value::from(clean(value, MAX_HEADER_BYTES)),
        ))
    });
    let value = json!({ "status": status.as_u16(), "headers": shown.collect::<Map<_, _>>() });
    text(value.to_string()).with_structured(operation, value)
}
