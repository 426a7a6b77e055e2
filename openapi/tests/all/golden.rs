//! One document in full: its tools are in `tests/golden`.

use std::fmt::Debug;

use mcp_edge_catalog::{Body, BodyContent, Operation, Output, Source};
use serde_json::{Value, json};

use super::support::*;

#[test]
fn a_document_becomes_these_tools() {
    let mut request = request(include_str!("../fixtures/hospital.yaml"));
    request.prefix = "ehr".to_owned();
    request.rules.exclude = vec!["tag:admin".to_owned()];
    let compilation = compiled(&request);
    let lines = |list: Vec<String>| Value::from(list);
    let report = &compilation.report;
    let found = json!({
        "tools": compilation.operations.iter().map(shown).collect::<Vec<_>>(),
        "losses": report.tools.iter().flat_map(|tool| {
            tool.losses.iter().map(|loss| format!("{}: {loss}", tool.operation))
        }).collect::<Vec<_>>(),
        "excluded": lines(report.excluded.iter().map(ToString::to_string).collect()),
        "unmappable": lines(report.unmappable.iter().map(ToString::to_string).collect()),
    });
    let found = format!("{}\n", serde_json::to_string_pretty(&found).unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/hospital.json");
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    assert!(
        expected == found,
        "the tools differ from tests/golden/hospital.json; see the difference with MCP_EDGE_BLESS=1 and git diff"
    );
}

fn shown(operation: &Operation) -> Value {
    let parameters: Vec<String> = operation
        .parameters
        .iter()
        .map(|one| {
            format!(
                "{:?} {} = {}, {:?}",
                one.location,
                one.name,
                source(&one.source),
                one.encoding
            )
        })
        .collect();
    let output = match &operation.output {
        Output::Schema { schema, wrapped } => json!({ "schema": schema, "wrapped": wrapped }),
        other => text(other),
    };
    json!({
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "tags": operation.tags,
        "request": format!("{:?} {:?}", operation.method, operation.path),
        "parameters": parameters,
        "body": operation.body.as_ref().map(body),
        "accept": operation.accept,
        "input": operation.input,
        "strict_input": operation.strict_input,
        "output": output,
        "annotations": text(&operation.annotations),
    })
}

fn body(body: &Body) -> Value {
    let content = match &body.content {
        BodyContent::Whole { source: it, form } => json!(format!("{form:?} of {}", source(it))),
        BodyContent::Members { members, form } => json!({
            format!("{form:?}"): members.iter().map(|member| {
                format!(
                    "{} = {}, {:?}, {:?}{}",
                    member.name,
                    source(&member.source),
                    member.encoding,
                    member.content_type,
                    if member.is_binary { ", bytes" } else { "" }
                )
            }).collect::<Vec<_>>()
        }),
    };
    json!({ "media_type": body.media_type, "required": body.required, "content": content })
}

fn source(source: &Source) -> String {
    match source {
        Source::Argument { name, required, .. } => {
            format!("{name}{}", if *required { " (required)" } else { "" })
        }
        Source::Fixed(value) => value.to_string(),
        Source::Absent => "absent".to_owned(),
    }
}

fn text(value: &impl Debug) -> Value {
    Value::from(format!("{value:?}"))
}
