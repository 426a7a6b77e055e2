//! Parameters: their names, places and forms.

use mcp_edge_catalog::{Encoding, Location, PathPiece, Source, Style};
use serde_json::json;

use super::support::*;

#[test]
fn a_name_in_two_places_gets_its_place() {
    let text = document(
        "3.1.0",
        json!({ "/x/{id}": { "put": {
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "id", "in": "query", "schema": { "type": "string" } },
                { "name": "name", "in": "header", "schema": { "type": "string" } }
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": {
                "type": "object", "properties": { "id": { "type": "integer" }, "name": { "type": "string" } }, "required": ["id"]
            } } } }
        } } }),
        json!({}),
    );
    let operation = only(&text);
    let properties = operation.input["properties"].as_object().unwrap();
    let names: Vec<&String> = properties.keys().collect();
    assert_eq!(names, ["id", "id_path", "id_query", "name", "name_header"]);
    assert_eq!(properties["id"]["type"], "integer");
    assert_eq!(operation.input["required"], json!(["id_path", "id"]));
}

#[test]
fn headers_of_the_gateway_and_credentials_are_not_arguments() {
    let text = json!({
        "openapi": "3.0.3",
        "paths": { "/x": { "get": { "parameters": [
            { "name": "Authorization", "in": "header", "required": true, "schema": { "type": "string" } },
            { "name": "Accept", "in": "header", "schema": { "type": "string" } },
            { "name": "Host", "in": "header", "schema": { "type": "string" } },
            { "name": "Mcp-Name", "in": "header", "schema": { "type": "string" } },
            { "name": "X-Tenant-Key", "in": "header", "schema": { "type": "string" } },
            { "name": "api_key", "in": "query", "schema": { "type": "string" } },
            { "name": "X-Trace", "in": "header", "schema": { "type": "string" } }
        ] } } },
        "components": { "securitySchemes": { "k": { "type": "apiKey", "in": "header", "name": "x-tenant-key" } } }
    })
    .to_string();
    let operation = only(&text);
    let sources: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter.source != Source::Absent))
        .collect();
    assert_eq!(sources, [("X-Trace", true), ("api_key", false)]);
    let losses = losses(&text);
    for expected in [
        "the header parameter `Authorization` is not an argument: the gateway sets this header or sends none",
        "the header parameter `Accept` is not an argument",
        "the header parameter `Host` is not an argument",
        "the header parameter `Mcp-Name` is not an argument",
        "`X-Tenant-Key` is not an argument: it is a credential of `securitySchemes`; set the upstream's credential",
        "`api_key` is not an argument: its name is one of credentials; set the upstream's credential, or add the parameter to `credential_arguments`",
    ] {
        assert!(losses.contains(expected), "{expected}: {losses}");
    }
}

#[test]
fn a_parameter_can_be_json() {
    let operation = only(&with_parameters(json!([
        { "name": "where", "in": "query", "content": { "application/json": { "schema": { "type": "object" } } } }
    ])));
    assert_eq!(operation.parameters[0].encoding, Encoding::Json);
    assert_eq!(operation.input["properties"]["where"]["type"], "object");
    let text = with_parameters(json!([
        { "name": "x", "in": "query", "content": { "application/xml": { "schema": { "type": "object" } } } }
    ]));
    assert!(losses(&text).starts_with(
        "the parameter `x` is left out: the parameter `x` is of the media type application/xml"
    ));
}

#[test]
fn a_style_that_its_place_does_not_have_is_reported() {
    let text = with_parameters(json!([
        { "name": "a", "in": "query", "style": "simple", "schema": { "type": "string" } },
        { "name": "b", "in": "query", "style": "pipeDelimited", "allowReserved": true, "schema": { "type": "array" } }
    ]));
    let parameters = only(&text).parameters;
    let style = |style, explode, allow_reserved| Encoding::Style {
        style,
        explode,
        allow_reserved,
    };
    assert_eq!(parameters[0].encoding, style(Style::Form, true, false));
    assert_eq!(
        parameters[1].encoding,
        style(Style::PipeDelimited, false, true)
    );
    assert_eq!(
        losses(&text),
        "the style `simple` of `a` does not exist for query parameters; the default is used (api.yaml#/paths/~1x/get/parameters/0)\n"
    );
}

#[test]
fn a_place_that_is_not_one_is_reported_or_refused() {
    let parameter =
        |required| json!([{ "name": "b", "in": "body", "required": required, "schema": {} }]);
    assert!(losses(&with_parameters(parameter(false))).contains("`in: body` is not a place"));
    assert!(unmappable(&with_parameters(parameter(true))).contains("`in: body` is not a place"));
}

#[test]
fn a_segment_can_have_several_parameters_and_text() {
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let text = document(
        "3.1.0",
        json!({ "/a/{id}.{format}:cancel/": { "get": { "parameters": [parameter("format"), parameter("id")] } } }),
        json!({}),
    );
    let literal = |text: &str| PathPiece::Literal(text.to_owned());
    assert_eq!(
        only(&text).path,
        [
            vec![literal("a")],
            vec![
                PathPiece::Parameter(1),
                literal("."),
                PathPiece::Parameter(0),
                literal(":cancel")
            ],
            vec![],
        ]
    );
}

#[test]
fn a_query_in_the_path_is_fixed_or_a_parameter() {
    let text = document(
        "3.0.3",
        json!({ "/x?Action=List&v={version}": { "get": { "parameters": [
            { "name": "version", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "Action", "in": "query", "schema": { "type": "string" } }
        ] } } }),
        json!({}),
    );
    let operation = only(&text);
    assert_eq!(
        operation.fixed_query,
        [("Action".to_owned(), "List".to_owned())]
    );
    assert_eq!(operation.parameters.len(), 1);
    assert_eq!(operation.parameters[0].name, "v");
    assert_eq!(operation.parameters[0].location, Location::Query);
    assert!(losses(&text).contains("the parameter `Action` is left out: the path sets its value"));

    let text = document(
        "3.0.3",
        json!({ "/#Action=List": { "get": {} } }),
        json!({}),
    );
    assert!(unmappable(&text).contains("the path contains `#`, and a request has no fragment"));
}

#[test]
fn a_parameter_without_a_place_in_the_path_is_reported() {
    let text = document(
        "3.0.3",
        json!({ "/x": { "get": { "parameters": [
            { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }
        ] } } }),
        json!({}),
    );
    assert!(
        losses(&text).starts_with("the parameter `id` is left out: the path does not contain it")
    );
}

#[test]
fn the_description_of_a_parameter_is_nearer_than_that_of_its_schema() {
    let operation = only(&with_parameters(json!([
        { "name": "a", "in": "query", "description": "near", "deprecated": true,
          "schema": { "type": "string", "description": "far", "example": "x", "x-mcp-header": "Stolen" } }
    ])));
    assert_eq!(
        operation.input["properties"]["a"],
        json!({ "type": "string", "description": "near", "deprecated": true })
    );
}

#[test]
fn descriptions_and_annotations_come_from_the_operation() {
    let text = "
openapi: 3.1.0
paths:
  /a:
    get: { summary: List all, description: List all of them. }
    put: { summary: Replace, description: With another., deprecated: true }
    delete: {}
    post: { description: \"a\\0b\" }
";
    let operations = compiled(&request(text)).operations;
    let texts: Vec<(Option<&str>, &str)> = operations
        .iter()
        .map(|operation| (operation.title.as_deref(), operation.description.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            (Some("List all"), "List all of them."),
            (None, "ab"),
            (Some("Replace"), "Deprecated. Replace.\n\nWith another."),
            (None, "DELETE /a"),
        ]
    );
    let hints: Vec<_> = operations
        .iter()
        .map(|operation| {
            let hints = operation.annotations;
            (hints.read_only, hints.destructive, hints.idempotent)
        })
        .collect();
    assert_eq!(
        hints,
        [
            (Some(true), None, None),
            (Some(false), None, None),
            (Some(false), None, Some(true)),
            (Some(false), Some(true), Some(true)),
        ]
    );
}
