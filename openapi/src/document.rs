//! The text of a document becomes a value.

use serde_json::Value;

use crate::report::Mistake;

/// The maximum size of one document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 32 * 1024 * 1024;
/// The maximum number of values of a YAML document, with those that aliases repeat.
const MAX_NODES: usize = 4_000_000;
/// The maximum number of values that the aliases of a YAML document repeat.
const MAX_REPEATED: usize = 250_000;
/// The maximum number of levels of a document; `serde_json` has the same.
const MAX_DEPTH: usize = 127;

/// Reads JSON or YAML, within the bounds that [`compile`](crate::compile) has. `name` is its path, for messages.
///
/// # Errors
///
/// The text is neither, or exceeds a bound.
pub fn read(name: &str, text: &str) -> Result<Value, Mistake> {
    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(Mistake::new(format!(
            "{name} has {} bytes, and at most {MAX_DOCUMENT_BYTES} are read; split it, or remove what is not served",
            text.len()
        )));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_yaml = [".yaml", ".yml"]
        .iter()
        .any(|end| name.to_ascii_lowercase().ends_with(end));
    if text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(text) {
            Ok(value) => return Ok(value),
            // In YAML, braces may surround what JSON would not accept.
            Err(_) if is_yaml => {}
            Err(error) => return Err(Mistake::new(format!("{name} is not valid JSON: {error}"))),
        }
    }
    yaml(text).map_err(|error| Mistake::new(format!("{name} is not valid YAML: {error}")))
}

fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: MAX_NODES.saturating_mul(2),
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            // Documents share a description or a schema by one anchor hundreds of times; the limit on what is repeated bounds it.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPEATED,
        },
        // `no` and `on` are words (YAML 1.2.2, 10.3.2).
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let message = error.to_string();
        let message = message.lines().next().unwrap_or_default();
        match first_of(text, &error) {
            Some(line) => format!("{message}; the key is on line {line} already"),
            None => message.to_owned(),
        }
    })
}

/// The line of the first of two equal keys, the second of which is the error: the nearest line above with the key in its column.
fn first_of(text: &str, error: &serde_saphyr::Error) -> Option<usize> {
    let serde_saphyr::Error::DuplicateMappingKey {
        key: Some(key),
        location,
    } = error
    else {
        return None;
    };
    let second = usize::try_from(location.line()).ok()?;
    let indent = usize::try_from(location.column()).ok()?.checked_sub(1)?;
    let lines: Vec<&str> = text.lines().take(second.checked_sub(1)?).collect();
    for (index, line) in lines.iter().enumerate().rev() {
        let rest = line.get(indent..).unwrap_or_default();
        let unquoted = rest.trim_start_matches(['"', '\'']);
        let after = unquoted.strip_prefix(key.as_str());
        let after = after.map(|after| after.trim_start_matches(['"', '\'']).trim_start());
        if after.is_some_and(|after| after.starts_with(':')) {
            return index.checked_add(1);
        }
        let own = line.len().saturating_sub(line.trim_start().len());
        // Above, the mapping has not begun.
        if own < indent && !line.trim().is_empty() {
            return None;
        }
    }
    None
}

/// The revision of OpenAPI that a document follows, as far as compilation depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revision {
    V3_0,
    V3_1,
}

/// Finds the revision of a document, or what is wrong with it as an OpenAPI document.
pub(crate) fn revision(name: &str, document: &Value) -> Result<Revision, Mistake> {
    let Value::Object(members) = document else {
        return Err(Mistake::new(format!(
            "{name} is not an OpenAPI document: its root must be an object with `openapi: 3.0.x` or `3.1.x`"
        )));
    };
    if let Some(swagger) = members.get("swagger") {
        let version = swagger.as_str().map_or(swagger.to_string(), str::to_owned);
        return Err(Mistake::new(format!(
            "{name} is a Swagger {version} document; convert it to OpenAPI 3.0 or 3.1, for example with `npx swagger2openapi`"
        )));
    }
    let version = match members.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        // YAML without quotes: `openapi: 3.0`.
        Some(Value::Number(version)) => version.to_string(),
        _ => {
            return Err(Mistake::new(format!(
                "{name} is not an OpenAPI document: the member `openapi` is missing; it must be 3.0.x or 3.1.x"
            )));
        }
    };
    match version.get(..3) {
        Some("3.0") => Ok(Revision::V3_0),
        Some("3.1") => Ok(Revision::V3_1),
        _ => Err(Mistake::new(format!(
            "{name}: openapi must be 3.0.x or 3.1.x, got \"{version}\""
        ))),
    }
}
