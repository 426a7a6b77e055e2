//! Schemas of 3.0 and of careless documents become JSON Schema 2020-12.

use serde_json::{Value, json};

use super::support::*;

fn argument(version: &str, schema: Value) -> Value {
    let text = document(
        version,
        json!({ "/x": { "get": { "parameters": [
            // As JSON, so that values of different types stay different.
            { "name": "a", "in": "query", "content": { "application/json": { "schema": schema } } }
        ] } } }),
        json!({}),
    );
    only(&text).input["properties"]["a"].clone()
}

#[test]
fn keywords_are_normalised() {
    for (schema, expected) in [
        (
            json!({ "type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false }),
            json!({ "type": "number", "exclusiveMinimum": 1, "maximum": 9 }),
        ),
        (
            json!({ "type": "number", "exclusiveMinimum": 1, "multipleOf": 0.5 }),
            json!({ "type": "number", "exclusiveMinimum": 1, "multipleOf": 0.5 }),
        ),
        (
            json!({ "type": "string", "example": "x", "examples": ["y"], "xml": {}, "externalDocs": {}, "x-a": 1 }),
            json!({ "type": "string" }),
        ),
        (
            json!({ "type": "string", "format": "byte" }),
            json!({ "type": "string", "contentEncoding": "base64" }),
        ),
        (
            json!({ "format": "byte" }),
            json!({ "type": "string", "contentEncoding": "base64" }),
        ),
        (
            json!({ "type": "array", "items": { "format": "binary" } }),
            json!({ "type": "array", "items": {
                "type": "string",
                "contentEncoding": "base64",
                "contentMediaType": "application/octet-stream"
            } }),
        ),
        (
            json!({ "type": "string", "minLength": 2.0 }),
            json!({ "type": "string", "minLength": 2 }),
        ),
        (
            json!({ "type": ["string", "null", "string"] }),
            json!({ "type": ["string", "null"] }),
        ),
        (
            json!({ "enum": ["a", "b"] }),
            json!({ "type": "string", "enum": ["a", "b"] }),
        ),
        (
            json!({ "items": { "type": "string" } }),
            json!({ "type": "array", "items": { "type": "string" } }),
        ),
        (
            json!({ "type": "array", "items": [{ "type": "string" }] }),
            json!({ "type": "array", "prefixItems": [{ "type": "string" }], "items": {} }),
        ),
        (
            json!({ "type": "object", "required": ["a", "a"], "properties": { "a": true } }),
            json!({ "type": "object", "required": ["a"], "properties": { "a": {} } }),
        ),
        (
            json!({ "anyOf": [{ "type": "string", "maxLength": 3 }, { "type": "null" }] }),
            json!({ "type": ["string", "null"], "maxLength": 3 }),
        ),
        (json!({ "anyOf": [{ "type": "string" }, {}] }), json!({})),
        (
            json!({ "const": 1, "default": 1 }),
            json!({ "const": 1, "default": 1 }),
        ),
        (json!(true), json!({})),
    ] {
        assert_eq!(argument("3.1.0", schema.clone()), expected, "{schema}");
    }
}

#[test]
fn what_has_no_meaning_is_dropped_with_a_report() {
    for (schema, expected) in [
        (
            json!({ "pattern": "(?=x)" }),
            "`pattern` is ignored: the expression is invalid, or is not of linear time",
        ),
        (json!({ "pattern": "(" }), "`pattern` is ignored"),
        (
            json!({ "type": "datetime" }),
            "`type` is ignored: datetime is not a type",
        ),
        (
            json!({ "minimum": "1" }),
            "`minimum` is ignored: its value has the wrong type",
        ),
        (json!({ "multipleOf": 0 }), "`multipleOf` is ignored"),
        (json!({ "minLength": -1 }), "`minLength` is ignored"),
        (json!({ "enum": [] }), "`enum` is ignored"),
        (json!({ "required": true }), "`required` is ignored"),
        (
            json!({ "oneOf": {} }),
            "`oneOf` is ignored: it is not a list of schemas",
        ),
        (
            json!({ "optional": true }),
            "`optional` is ignored: it is not a keyword, or has the wrong type",
        ),
        (
            json!({ "properties": [] }),
            "`properties` is ignored: it is not a keyword, or has the wrong type",
        ),
        (
            json!({ "$dynamicRef": "#x" }),
            "`$dynamicRef` is not resolved; any value is accepted",
        ),
        (
            json!("string"),
            "any value is accepted: this is not a schema",
        ),
        (
            json!({ "default": "x".repeat(600) }),
            "a long `default` is left out",
        ),
    ] {
        let content = json!({ "application/json": { "schema": schema } });
        let text = with_parameters(json!([{ "name": "a", "in": "query", "content": content }]));
        let losses = losses(&text);
        assert!(losses.starts_with(expected), "{schema}: {losses}");
        assert_eq!(only(&text).input["properties"]["a"], json!({}), "{schema}");
    }
}

#[test]
fn siblings_of_a_reference_count_from_3_1_on() {
    let schema = json!({ "type": "object", "properties": { "a": {
        "$ref": "#/components/schemas/A", "description": "near", "maxLength": 3
    } } });
    let schemas = json!({ "A": { "type": "string", "description": "far" } });
    let text = with_body("3.1.0", schema.clone(), schemas.clone());
    assert_eq!(
        only(&text).input["properties"]["a"],
        json!({ "type": "string", "description": "near", "maxLength": 3 })
    );
    let text = with_body("3.0.3", schema, schemas);
    assert_eq!(
        only(&text).input["properties"]["a"],
        json!({ "type": "string", "description": "near" })
    );
    assert!(
        losses(&text)
            .starts_with("`maxLength` is ignored: OpenAPI 3.0 gives it no meaning next to `$ref`")
    );
}

#[test]
fn schemas_that_cannot_be_merged_stay_apart_below_the_root() {
    assert_eq!(
        argument(
            "3.1.0",
            json!({ "allOf": [{ "type": "string", "pattern": "a" }, { "pattern": "b" }] })
        ),
        json!({ "type": "string", "pattern": "a", "allOf": [{ "pattern": "b" }] })
    );
}

#[test]
fn a_schema_of_nothing_but_itself_accepts_anything() {
    for schemas in [
        json!({ "A": { "$ref": "#/components/schemas/A" } }),
        json!({ "A": { "allOf": [{ "$ref": "#/components/schemas/A" }] } }),
        json!({ "A": { "anyOf": [{ "$ref": "#/components/schemas/A" }, { "type": "string" }] } }),
    ] {
        let text = with_body(
            "3.1.0",
            json!({ "$ref": "#/components/schemas/A" }),
            schemas,
        );
        assert!(losses(&text).contains("the schema A contains itself"));
        assert!(only(&text).input["properties"].get("body").is_some());
    }
}

/// A schema of `width` members on each of `depth` levels.
fn tree(width: usize, depth: usize) -> Value {
    let member = if depth == 0 {
        json!({ "type": "string", "description": "A description of some length, which is left out first." })
    } else {
        tree(width, depth - 1)
    };
    let properties: serde_json::Map<String, Value> = (0..width)
        .map(|index| (format!("member_{index}"), member.clone()))
        .collect();
    json!({ "type": "object", "properties": properties, "required": ["member_0"] })
}

#[test]
fn an_input_over_its_budget_loses_descriptions_then_depth() {
    let text = with_body("3.1.0", tree(4, 2), json!({}));
    let mut request = request(&text);
    request.max_input_bytes = 7_000;
    let compilation = compiled(&request);
    let input = compilation.operations[0].input.to_string();
    assert!(!input.contains("A description"), "{input}");
    assert!(input.contains("member_3"));
    assert_eq!(compilation.operations[0].strict_input, None);
    let losses = &compilation.report.tools[0].losses;
    assert_eq!(
        losses[0].text,
        "the input schema is larger than 7000 bytes: descriptions are shortened"
    );

    request.max_input_bytes = 2_000;
    let compilation = compiled(&request);
    let operation = &compilation.operations[0];
    assert!(operation.input.to_string().contains("Nested further."));
    let losses = &compilation.report.tools[0].losses;
    assert!(losses[0].text.ends_with("levels deep"));
    // The whole schema still decides.
    let strict =
        mcp_edge_schema::Schema::compile(operation.strict_input.as_ref().unwrap()).unwrap();
    let call = |value: Value| json!({ "member_0": { "member_0": { "member_0": value } } });
    assert!(strict.validate(&call(json!("x"))).is_ok());
    assert!(strict.validate(&call(json!(1))).is_err());

    request.max_input_bytes = 100;
    let compilation = compiled(&request);
    assert!(
        compilation.report.unmappable[0]
            .reason
            .starts_with("its arguments need more than 100 bytes of schema")
    );
}

#[test]
fn hidden_arguments_do_not_count_towards_the_budget() {
    let mut schema = tree(3, 1);
    schema["properties"]["large"] = tree(9, 2);
    let text = with_body("3.1.0", schema, json!({}));
    let mut request = request(&text);
    request.max_input_bytes = 3_000;
    request.changes.push(mcp_edge_openapi::ToolChange {
        operation: "POST /x".to_owned(),
        hide: vec!["large".to_owned()],
        ..Default::default()
    });
    let compilation = compiled(&request);
    assert_eq!(compilation.report.tools[0].losses, []);
    assert!(
        compilation.operations[0]
            .input
            .to_string()
            .contains("A description")
    );
}

#[test]
fn a_long_enum_is_cut_and_still_checked() {
    let values: Vec<String> = (0..2_000).map(|index| format!("value-{index}")).collect();
    let text = with_parameters(json!([
        { "name": "a", "in": "query", "schema": { "type": "string", "enum": values, "description": "A value." } }
    ]));
    let operation = only(&text);
    assert_eq!(
        operation.input["properties"]["a"],
        json!({ "type": "string", "description": "A value. One of 2000 values, such as \"value-0\", \"value-1\", \"value-2\"." })
    );
    let strict = operation.strict_input.unwrap();
    assert_eq!(
        strict["properties"]["a"]["enum"].as_array().unwrap().len(),
        2_000
    );
}
