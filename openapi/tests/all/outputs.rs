//! What tools declare of their results, and what they accept.

use mcp_edge_catalog::{Operation, Output};
use mcp_edge_openapi::{OutputPolicy, ToolChange};
use serde_json::{Value, json};

use super::support::*;

fn with_responses(responses: Value) -> Operation {
    only(&document(
        "3.1.0",
        json!({ "/x": { "get": { "responses": responses } } }),
        json!({}),
    ))
}

fn json_of(schema: Value) -> Value {
    json!({ "content": { "application/json": { "schema": schema } } })
}

fn schema(operation: Operation) -> (Value, bool) {
    match operation.output {
        Output::Schema { schema, wrapped } => (schema, wrapped),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_object_is_declared_as_it_is_and_all_else_as_result() {
    let object = json!({ "type": "object", "properties": { "a": { "type": "string", "writeOnly": true } }, "required": ["a"] });
    assert_eq!(
        schema(with_responses(json!({ "200": json_of(object) }))),
        (json!({ "type": "object", "properties": {} }), false)
    );
    let array = json!({ "type": "array", "items": { "type": "integer" } });
    assert_eq!(
        schema(with_responses(json!({ "2XX": json_of(array.clone()) }))),
        (
            json!({ "type": "object", "properties": { "result": array }, "required": ["result"] }),
            true
        )
    );
}

#[test]
fn a_response_without_content_fits_the_schema() {
    let object = json!({ "type": "object", "properties": { "a": {} }, "required": ["a"], "minProperties": 1 });
    let (schema, _) = schema(with_responses(json!({ "200": json_of(object), "204": {} })));
    let schema = mcp_edge_schema::Schema::compile(&schema).unwrap();
    assert!(schema.validate(&json!({})).is_ok());
}

#[test]
fn responses_that_differ_declare_nothing() {
    let one = json_of(json!({ "type": "object", "properties": { "a": {} } }));
    let other = json_of(json!({ "type": "object", "properties": { "b": {} } }));
    assert_eq!(
        with_responses(json!({ "200": one, "201": other })).output,
        Output::Open
    );
    let text = document(
        "3.1.0",
        json!({ "/x": { "get": { "responses": { "200": one, "201": other } } } }),
        json!({}),
    );
    assert!(losses(&text).starts_with("no output schema is declared: success responses differ"));
    schema(with_responses(
        json!({ "200": one, "201": one, "404": other }),
    ));
    assert_eq!(
        with_responses(json!({ "default": one })).output,
        Output::Open
    );
    assert_eq!(with_responses(json!({})).output, Output::Open);
}

#[test]
fn accept_has_the_media_types_of_success() {
    let content = |names: &[&str]| {
        let content: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({})))
            .collect();
        json!({ "200": { "content": content }, "400": { "content": { "text/html": {} } } })
    };
    for (names, expected) in [
        (
            &["text/csv", "application/json", "application/xml"][..],
            "application/json",
        ),
        (
            &["application/hal+json", "application/json"],
            "application/json, application/hal+json",
        ),
        (&["application/pdf"], "application/pdf"),
        (&["text/plain", "image/png"], "text/plain, image/png"),
        (&[], "*/*"),
        (&["a/b\r\nX: y"], "*/*"),
    ] {
        assert_eq!(with_responses(content(names)).accept, expected);
    }
}

#[test]
fn a_cyclic_output_refers_to_its_definitions() {
    let schemas = json!({ "Node": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Node" } } } });
    let text = with_response(
        "3.1.0",
        json!({ "$ref": "#/components/schemas/Node" }),
        schemas,
    );
    let (schema, _) = schema(only(&text));
    assert_eq!(
        schema["properties"]["next"],
        json!({ "$ref": "#/$defs/Node" })
    );
    assert_eq!(schema["$defs"]["Node"]["type"], "object");
    assert_eq!(losses(&text), "");
}

#[test]
fn an_output_over_its_budget_is_left_out_whole() {
    let properties: serde_json::Map<String, Value> = (0..1_000)
        .map(|index| (format!("member_{index}"), json!({ "type": "string" })))
        .collect();
    let text = with_response(
        "3.1.0",
        json!({ "type": "object", "properties": properties }),
        json!({}),
    );
    assert_eq!(only(&text).output, Output::Open);
    assert!(
        losses(&text)
            .starts_with("no output schema is declared: it is larger than 8192 bytes, or invalid")
    );
}

#[test]
fn the_configuration_decides_what_is_declared() {
    let text = with_response("3.1.0", json!({ "type": "object" }), json!({}));
    let change = |change: ToolChange| {
        changed(
            &text,
            ToolChange {
                operation: "GET /x".to_owned(),
                ..change
            },
        )
        .output
    };
    assert_eq!(
        change(ToolChange {
            output: Some(OutputPolicy::Text),
            ..Default::default()
        }),
        Output::Text
    );
    // The result is no longer what the document describes.
    assert_eq!(
        change(ToolChange {
            omit: vec!["/a".to_owned()],
            ..Default::default()
        }),
        Output::Open
    );
}
