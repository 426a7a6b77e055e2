//! What holds for every compilation, read from the document a second time in the plainest way.

use std::collections::BTreeSet;

use mcp_edge_catalog::request::{ArgumentError, BaseUrl, build};
use mcp_edge_catalog::{BodyContent, Catalog, Location, Operation, Output, PathPiece, Source};
use mcp_edge_openapi::{Compilation, Request};
use serde_json::{Map, Value};

const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

/// The problems of a compilation of one document. `document` has no references to other files.
pub(crate) fn problems(
    request: &Request<'_>,
    document: &Value,
    compilation: &Compilation,
) -> Vec<String> {
    let mut problems = Vec::new();
    counts(document, compilation, &mut problems);
    let names: BTreeSet<&str> = compilation
        .operations
        .iter()
        .map(|operation| operation.name.as_str())
        .collect();
    if names.len() != compilation.operations.len() {
        problems.push("two tools have one name".to_owned());
    }
    let catalog = Catalog {
        operations: compilation.operations.clone(),
    };
    if let Err(problem) = mcp_edge_catalog::codec::encode(&catalog) {
        problems.push(format!("the catalog has no binary form: {problem}"));
    }
    for (operation, tool) in compilation.operations.iter().zip(&compilation.report.tools) {
        let mut found = Vec::new();
        if operation.name != tool.name {
            found.push("the report is of another tool".to_owned());
        }
        of_tool(request, operation, &mut found);
        if let Err(problem) = can_be_called(operation) {
            found.push(problem.to_string());
        }
        let losses: Vec<&str> = tool.losses.iter().map(|loss| loss.text.as_str()).collect();
        unreported(document, &tool.operation, operation, &losses, &mut found);
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("{}: {problem}", tool.operation)),
        );
    }
    problems
}

/// The number of operations of a document.
pub(crate) fn operations(document: &Value) -> usize {
    let paths = document.get("paths").and_then(Value::as_object);
    paths
        .into_iter()
        .flatten()
        .filter(|(path, _)| path.starts_with('/'))
        .map(|(_, item)| {
            let item = resolved(document, item);
            METHODS
                .iter()
                .filter(|method| item.get(**method).is_some())
                .count()
        })
        .sum()
}

fn counts(document: &Value, compilation: &Compilation, problems: &mut Vec<String>) {
    let report = &compilation.report;
    let counted = report.tools.len() + report.excluded.len() + report.unmappable.len();
    let expected = operations(document);
    if counted != expected || report.tools.len() != compilation.operations.len() {
        problems.push(format!("{expected} operations, and {counted} are reported"));
    }
}

fn of_tool(request: &Request<'_>, operation: &Operation, problems: &mut Vec<String>) {
    let mut expect = |holds: bool, text: &str| {
        if !holds {
            problems.push(text.to_owned());
        }
    };
    let is_name = |name: &str| {
        (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    expect(is_name(&operation.name), "the name is not in the grammar");
    expect(!operation.description.is_empty(), "no description");
    let input = &operation.input;
    expect(
        input["type"] == "object" && input["additionalProperties"] == false,
        "the input is not a closed object",
    );
    let allowed = ["type", "properties", "required", "additionalProperties"];
    let members = input.as_object().cloned().unwrap_or_default();
    expect(
        members
            .keys()
            .all(|keyword| allowed.contains(&keyword.as_str())),
        "the root of the input has other keywords",
    );
    expect(
        input.to_string().len() <= request.max_input_bytes,
        "the input is over the budget",
    );
    expect(
        mcp_edge_schema::Schema::compile(input).is_ok(),
        "the input does not compile",
    );
    expect(!has_reference(input), "the input has a reference");
    let strict = operation.strict_input.as_ref();
    expect(
        strict.is_none_or(|strict| {
            mcp_edge_schema::Schema::compile(strict).is_ok()
                && strict["required"] == input["required"]
        }),
        "the strict input does not compile, or requires something else",
    );
    let properties = input["properties"].as_object().cloned().unwrap_or_default();
    for (name, schema) in &properties {
        let is_argument = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        expect(is_argument, "an argument is not in the grammar");
        expect(
            schema["type"] != "array" || schema.get("items").is_some(),
            "an array has no items",
        );
    }
    if let Some(strict) = strict.and_then(|strict| strict["properties"].as_object()) {
        expect(
            strict.keys().eq(properties.keys()),
            "the strict input has other arguments",
        );
    }
    let sources = sources(operation);
    let arguments: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| match source {
            Source::Argument { name, .. } => Some(name.as_str()),
            Source::Fixed(_) | Source::Absent => None,
        })
        .collect();
    let count = sources
        .iter()
        .filter(|source| matches!(source, Source::Argument { .. }))
        .count();
    expect(
        arguments.len() == count && arguments.iter().copied().eq(properties.keys()),
        "the arguments are not those of the input",
    );
    let required: BTreeSet<&str> = input["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let expected: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| match source {
            Source::Argument {
                name,
                required: true,
                ..
            } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    expect(
        required == expected,
        "the input requires other arguments than the request",
    );
    let mut used = BTreeSet::new();
    for piece in operation.path.iter().flatten() {
        match piece {
            PathPiece::Literal(text) => expect(
                !text.contains(['{', '}', '/', '?', '#', '\\']),
                "a literal of the path has a reserved character",
            ),
            PathPiece::Parameter(index) => {
                let parameter = operation.parameters.get(*index);
                expect(
                    parameter.is_some_and(|one| one.location == Location::Path),
                    "the path has a parameter that is none",
                );
                used.insert(*index);
            }
        }
    }
    let in_path = operation
        .parameters
        .iter()
        .enumerate()
        .filter(|(_, parameter)| parameter.location == Location::Path);
    for (index, _) in in_path {
        expect(used.contains(&index), "the path lacks a parameter");
    }
    if let Output::Schema { schema, .. } = &operation.output {
        expect(
            schema["type"] == "object",
            "the output is not of type object",
        );
        expect(
            schema.to_string().len() <= request.max_output_bytes,
            "the output is over the budget",
        );
        expect(
            mcp_edge_schema::Schema::compile(schema).is_ok(),
            "the output does not compile",
        );
    }
    let is_header = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    expect(is_header(&operation.accept), "Accept is not a header value");
    let body = operation.body.as_ref();
    expect(
        body.is_none_or(|body| is_header(&body.media_type) && !body.media_type.contains('*')),
        "the media type of the body is not a header value, or a range",
    );
}

/// Whether some call of the tool makes a request, or could with values that suit the service.
fn can_be_called(operation: &Operation) -> Result<(), ArgumentError> {
    let Ok(base) = BaseUrl::parse("https://api.example/v1") else {
        return Ok(());
    };
    let Value::Object(arguments) = sample(&operation.input, 0) else {
        return Ok(());
    };
    match build(operation, &base, &arguments, [0; 16]) {
        Err(problem @ ArgumentError::Operation(_)) => Err(problem),
        // Some schemas accept nothing but null, which is no value of a parameter.
        Err(problem @ ArgumentError::Missing { .. }) if !arguments.values().any(Value::is_null) => {
            Err(problem)
        }
        _ => Ok(()),
    }
}

/// A value for a schema: what is required of an object, and short texts.
fn sample(schema: &Value, depth: usize) -> Value {
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return value.clone();
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => &kinds[0],
        kind => kind,
    };
    match kind.as_str() {
        Some("object") if depth < 20 => {
            let names = schema["required"].as_array().into_iter().flatten();
            let names = names.filter_map(Value::as_str);
            names
                .map(|name| {
                    let property = &schema["properties"][name];
                    (name.to_owned(), sample(property, depth + 1))
                })
                .collect::<Map<_, _>>()
                .into()
        }
        Some("object") => Value::Object(Map::new()),
        Some("array") => Value::Array(Vec::new()),
        Some("integer" | "number") => Value::from(1),
        Some("boolean") => Value::Bool(true),
        _ => Value::from("eA=="),
    }
}

fn sources(operation: &Operation) -> Vec<&Source> {
    let mut sources: Vec<&Source> = operation
        .parameters
        .iter()
        .map(|parameter| &parameter.source)
        .collect();
    match operation.body.as_ref().map(|body| &body.content) {
        Some(BodyContent::Whole { source, .. }) => sources.push(source),
        Some(BodyContent::Members { members, .. }) => {
            sources.extend(members.iter().map(|member| &member.source));
        }
        None => {}
    }
    sources
}

/// Whether a schema refers to anything. Names of properties are not keywords.
fn has_reference(schema: &Value) -> bool {
    let Value::Object(keywords) = schema else {
        return false;
    };
    keywords
        .iter()
        .any(|(keyword, value)| match keyword.as_str() {
            "$ref" | "$dynamicRef" | "$defs" | "definitions" => true,
            "properties" | "patternProperties" | "dependentSchemas" => value
                .as_object()
                .is_some_and(|members| members.values().any(has_reference)),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => value
                .as_array()
                .is_some_and(|members| members.iter().any(has_reference)),
            "const" | "enum" | "default" => false,
            _ => has_reference(value),
        })
}

/// What of an operation is neither a part of the tool nor reported.
fn unreported(
    document: &Value,
    label: &str,
    operation: &Operation,
    losses: &[&str],
    problems: &mut Vec<String>,
) {
    // Losses that are not listed are counted.
    if losses.iter().any(|text| text.contains("are not listed")) {
        return;
    }
    let Some((method, path)) = label.split_once(' ') else {
        return;
    };
    let item = resolved(document, &document["paths"][path]);
    let source = &item[method.to_ascii_lowercase()];
    for (name, place) in parameters(document, item, source) {
        let is_sent = operation.parameters.iter().any(|parameter| {
            let location = match parameter.location {
                Location::Path => "path",
                Location::Query => "query",
                Location::Header => "header",
                Location::Cookie => "cookie",
            };
            location == place && parameter.name.eq_ignore_ascii_case(name)
        });
        let is_in_query = place == "path"
            && path
                .split_once('?')
                .is_some_and(|(_, query)| query.contains(&format!("{{{name}}}")));
        let is_reported = losses
            .iter()
            .any(|text| text.contains(&format!("`{name}`")));
        if !is_sent && !is_in_query && !is_reported {
            problems.push(format!("the {place} parameter `{name}` is lost"));
        }
    }
    let Some(body) = source.get("requestBody") else {
        return;
    };
    let body = resolved(document, body);
    let Some(sent) = &operation.body else {
        let is_empty = body["content"].as_object().is_none_or(|content| {
            content.values().all(|media| {
                media["schema"]["properties"]
                    .as_object()
                    .is_some_and(Map::is_empty)
            })
        });
        if !is_empty && !losses.iter().any(|text| text.contains("body is left out")) {
            problems.push("the body is lost".to_owned());
        }
        return;
    };
    let BodyContent::Members { members, .. } = &sent.content else {
        return;
    };
    let range = match sent.media_type.as_str() {
        "application/json" => ["application/json", "*/*", "application/*"],
        other => [other; 3],
    };
    let media = range.iter().find_map(|name| body["content"].get(*name));
    let schema = resolved(
        document,
        media.map_or(&Value::Null, |media| &media["schema"]),
    );
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let is_read_only =
            property["readOnly"] == true || resolved(document, property)["readOnly"] == true;
        if !is_read_only && !members.iter().any(|member| member.name == *name) {
            problems.push(format!("the member `{name}` of the body is lost"));
        }
    }
}

/// The names and places of the parameters of an operation, in the plainest reading.
pub(crate) fn parameters<'d>(
    document: &'d Value,
    item: &'d Value,
    operation: &'d Value,
) -> BTreeSet<(&'d str, &'d str)> {
    [item, operation]
        .into_iter()
        .filter_map(|owner| owner["parameters"].as_array())
        .flatten()
        .filter_map(|parameter| {
            let parameter = resolved(document, parameter);
            Some((parameter["name"].as_str()?, parameter["in"].as_str()?))
        })
        .collect()
}

/// The value behind references within the document.
pub(crate) fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let mut value = value;
    for _ in 0..16 {
        let Some(pointer) = value["$ref"]
            .as_str()
            .and_then(|text| text.strip_prefix('#'))
        else {
            break;
        };
        let pointer = pointer.replace("%7B", "{").replace("%7D", "}");
        match document.pointer(&pointer) {
            Some(target) => value = target,
            None => break,
        }
    }
    value
}
