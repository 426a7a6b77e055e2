//! What a tool declares of its results.

use mcp_edge_catalog::Output;
use serde_json::{Map, Value, json};

use crate::at::{At, escape};
use crate::media::{self, Kind};
use crate::operations::Found;
use crate::refs::{Library, Node};
use crate::report::Losses;
use crate::request::OutputPolicy;
use crate::schema::{Converter, Direction, Options, Patterns, References, Schema};

/// The maximum number of media types in an `Accept` header.
const MAX_ACCEPTED: usize = 4;

/// The success responses of an operation.
#[derive(Default)]
struct Successes<'d> {
    /// The distinct schemas of JSON responses.
    schemas: Vec<(Node<'d>, &'d str, String)>,
    /// Whether one has no content.
    has_empty: bool,
    /// Whether one has content that is not JSON, or JSON without a schema.
    has_open: bool,
    accepted: Vec<(Kind, &'d str)>,
}

/// Finds what a tool declares, and its `Accept` header.
pub(crate) fn plan<'d>(
    library: &'d Library,
    patterns: &Patterns,
    operation: &Found<'d>,
    policy: OutputPolicy,
    max_bytes: usize,
    losses: &mut Losses,
) -> (Output, String) {
    let successes = successes(library, operation, losses);
    let accept = accept(&successes);
    let output = match policy {
        OutputPolicy::Text => Output::Text,
        OutputPolicy::Open => Output::Open,
        OutputPolicy::Schema => schema(library, patterns, operation, &successes, max_bytes, losses),
    };
    (output, accept)
}

fn successes<'d>(
    library: &'d Library,
    operation: &Found<'d>,
    losses: &mut Losses,
) -> Successes<'d> {
    let mut found = Successes::default();
    let Some(responses) = operation.node.get("responses") else {
        return found;
    };
    for (status, response) in responses.value.as_object().into_iter().flatten() {
        if !is_success(status) {
            continue;
        }
        let pointer = format!("{}/responses/{}", operation.pointer, escape(status));
        let (response, target) = match library.follow(responses.with(response)) {
            Ok(found) => found,
            Err(problem) => {
                losses.add(
                    format!("the response {status} is not declared: {problem}"),
                    format!("{}#{pointer}", operation.document),
                );
                found.has_open = true;
                continue;
            }
        };
        let (document, pointer) = match target {
            Some(target) => (target.document, target.pointer),
            None => (operation.document, pointer),
        };
        let content = response.get("content");
        let members = content.and_then(|content| content.value.as_object());
        let ordered = media::ordered(members.into_iter().flatten().map(|(name, _)| name));
        let Some((kind, name)) = ordered.first().copied() else {
            found.has_empty = true;
            continue;
        };
        for one in &ordered {
            // JSON alone where there is JSON: a server that can choose would send something else.
            if is_json(one.0) == is_json(kind) && !found.accepted.contains(one) {
                found.accepted.push(*one);
            }
        }
        let schema = content
            .and_then(|content| content.get(name))
            .and_then(|media| media.get("schema"))
            .filter(|_| is_json(kind) || kind == Kind::Any);
        match schema {
            None => found.has_open = true,
            Some(schema) => {
                if !found
                    .schemas
                    .iter()
                    .any(|(known, ..)| known.value == schema.value)
                {
                    let pointer = format!("{pointer}/content/{}/schema", escape(name));
                    found.schemas.push((schema, document, pointer));
                }
            }
        }
    }
    found
}

fn is_success(status: &str) -> bool {
    status.len() == 3 && status.starts_with('2') && !status.contains(' ')
}

fn is_json(kind: Kind) -> bool {
    matches!(kind, Kind::Json | Kind::OtherJson)
}

fn accept(successes: &Successes<'_>) -> String {
    let mut accepted = successes.accepted.clone();
    accepted.sort();
    let names: Vec<&str> = accepted
        .iter()
        .take(MAX_ACCEPTED)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() {
        return "*/*".to_owned();
    }
    names.join(", ")
}

fn schema<'d>(
    library: &'d Library,
    patterns: &Patterns,
    operation: &Found<'d>,
    successes: &Successes<'d>,
    max_bytes: usize,
    losses: &mut Losses,
) -> Output {
    let (node, document, pointer) = match successes.schemas.as_slice() {
        [] => return Output::Open,
        [one] if !successes.has_open => one,
        _ => {
            losses.add(
                "no output schema is declared: success responses differ",
                format!("{}#{}/responses", operation.document, operation.pointer),
            );
            return Output::Open;
        }
    };
    let at = At::new(document, pointer);
    for (references, own, nested) in [
        (References::Inlined, 400, 200),
        (References::Inlined, 120, 0),
        (References::Named, 0, 0),
    ] {
        let options = Options {
            direction: Direction::Output,
            references,
            own_description: own,
            nested_description: nested,
            own_depth: 1,
            max_depth: usize::MAX,
            max_enum: usize::MAX,
            budget: max_bytes.saturating_mul(3),
        };
        let mut converter = Converter::new(library, patterns, options);
        let converted = converter
            .convert(*node, &at)
            .and_then(|schema| Ok((schema, converter.definitions()?)));
        let Ok((schema, definitions)) = converted else {
            continue;
        };
        // A cut is right for arguments, which a model writes; a result is described wholly or not at all.
        if converter.is_cut {
            continue;
        }
        let (schema, wrapped) = object(schema, definitions, successes.has_empty);
        if schema.to_string().len() > max_bytes
            || mcp_edge_schema::Schema::compile(&schema).is_err()
        {
            continue;
        }
        losses.extend(converter.losses);
        return Output::Schema { schema, wrapped };
    }
    losses.add(
        format!("no output schema is declared: it is larger than {max_bytes} bytes, or invalid"),
        at,
    );
    Output::Open
}

/// A schema of type `object`, and whether the value is its member `result`.
fn object(mut schema: Schema, definitions: Schema, has_empty: bool) -> (Value, bool) {
    let is_plain = schema.get("type") == Some(&Value::from("object"));
    let (mut out, wrapped) = if is_plain {
        if has_empty {
            // A response without content is an empty object.
            schema.remove("required");
        }
        (schema, false)
    } else {
        let mut out = Map::new();
        out.insert("type".to_owned(), Value::from("object"));
        out.insert("properties".to_owned(), json!({ "result": schema }));
        if !has_empty {
            out.insert("required".to_owned(), json!(["result"]));
        }
        (out, true)
    };
    if has_empty && !wrapped {
        out.remove("minProperties");
    }
    if !definitions.is_empty() {
        out.insert("$defs".to_owned(), Value::Object(definitions));
    }
    (Value::Object(out), wrapped)
}
