//! What other OpenAPI gateways got wrong in public reports, each with the right behaviour.

use mcp_edge_catalog::{
    BodyContent, BodyForm, Encoding, Location, Output, PathPiece, Style, WholeForm,
};
use mcp_edge_openapi::{Document, Request};
use serde_json::{Value, json};

use super::support::*;

fn style(style: Style, explode: bool) -> Encoding {
    Encoding::Style {
        style,
        explode,
        allow_reserved: false,
    }
}

/// makenotion/notion-mcp-server#341, anthropics/claude-code#5319: a client refuses all tools because of one.
#[test]
fn b01_the_root_of_an_input_has_no_combinators() {
    for keyword in ["oneOf", "anyOf", "allOf"] {
        let schema = json!({ keyword: [
            { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] },
            { "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] }
        ] });
        let operation = only(&with_body("3.1.0", schema, json!({})));
        let roots: Vec<&String> = operation.input.as_object().unwrap().keys().collect();
        assert_eq!(
            roots,
            ["additionalProperties", "properties", "required", "type"]
        );
    }
}

/// twilio-labs/mcp#56.
#[test]
fn b02_names_outside_the_grammar_are_renamed_and_restored() {
    let operation = only(&with_parameters(json!([
        { "name": "StartTime", "in": "query", "schema": { "type": "string" } },
        { "name": "StartTime<", "in": "query", "schema": { "type": "string" } },
        { "name": "StartTime>", "in": "query", "schema": { "type": "string" } }
    ])));
    let names: Vec<&String> = operation.input["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(names, ["StartTime", "StartTime_gt", "StartTime_lt"]);
    let wire: Vec<&str> = operation
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(wire, ["StartTime", "StartTime<", "StartTime>"]);
}

/// anthropics/claude-code#92648, freee/freee-mcp#15.
#[test]
fn b03_brackets_become_dots() {
    let operation = only(&with_parameters(json!([
        { "name": "uids[]", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
        { "name": "filter[bundleId]", "in": "query", "schema": { "type": "string" } }
    ])));
    let properties = operation.input["properties"].as_object().unwrap();
    assert!(properties.contains_key("uids") && properties.contains_key("filter.bundleId"));
    assert_eq!(operation.parameters[1].name, "filter[bundleId]");
}

/// spring-projects/spring-ai#2561.
#[test]
fn b04_an_array_has_items() {
    let operation = only(&with_parameters(json!([
        { "name": "a", "in": "query", "schema": { "type": "array" } }
    ])));
    assert_eq!(operation.input["properties"]["a"]["items"], json!({}));
}

/// matthewhand/mcp-openapi-proxy#74, BerriAI/litellm#29207.
#[test]
fn b05_references_of_bodies_and_parameters_are_resolved() {
    let text = document(
        "3.0.3",
        json!({ "/x": { "post": {
            "parameters": [{ "name": "mode", "in": "query", "schema": { "$ref": "#/components/schemas/Mode" } }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Foo" } } } }
        } } }),
        json!({ "schemas": {
            "Mode": { "type": "integer", "enum": [1, 2] },
            "Foo": { "type": "object", "properties": { "bar": { "$ref": "#/components/schemas/Mode" } } }
        } }),
    );
    let operation = only(&text);
    let mode = json!({ "type": "integer", "enum": [1, 2] });
    assert_eq!(
        operation.input["properties"],
        json!({ "bar": mode, "mode": mode })
    );
}

/// anomalyco/opencode#26529, anthropics/claude-code#76881: a dangling `$ref` loses all tools of the server.
#[test]
fn b06_no_reference_dangles() {
    let dangling = json!({ "type": "object", "properties": { "a": { "$ref": "#/components/schemas/Missing" } } });
    let text = with_body("3.1.0", dangling.clone(), json!({}));
    assert_eq!(only(&text).input["properties"]["a"], json!({}));
    assert_eq!(
        losses(&text),
        "any value is accepted: the reference \"#/components/schemas/Missing\" names nothing \
         (api.yaml#/paths/~1x/post/requestBody/content/application~1json/schema/properties/a)\n"
    );
    let operation = only(&with_response("3.1.0", dangling, json!({})));
    let Output::Schema { schema, .. } = operation.output else {
        panic!("no schema");
    };
    assert_eq!(schema["properties"]["a"], json!({}));
}

/// PrefectHQ/fastmcp#195.
#[test]
fn b07_an_enum_has_no_duplicates() {
    let operation = only(&with_parameters(json!([
        { "name": "a", "in": "query", "schema": { "type": "string", "enum": ["x", "y", "x"] } }
    ])));
    assert_eq!(
        operation.input["properties"]["a"]["enum"],
        json!(["x", "y"])
    );
}

/// opentokenz/mcpx#28: a client refuses the whole list.
#[test]
fn b08_an_output_schema_is_of_type_object() {
    for (schema, wrapped) in [
        (
            json!({ "type": "array", "items": { "type": "string" } }),
            true,
        ),
        (json!({ "type": "string" }), true),
        (json!({ "type": ["object", "null"] }), true),
        (
            json!({ "properties": { "a": { "type": "string" } } }),
            false,
        ),
    ] {
        let operation = only(&with_response("3.1.0", schema, json!({})));
        let Output::Schema {
            schema,
            wrapped: is_wrapped,
        } = operation.output
        else {
            panic!("no schema");
        };
        assert_eq!(schema["type"], "object");
        assert_eq!(is_wrapped, wrapped);
    }
}

/// PrefectHQ/fastmcp#1280, #3744.
#[test]
fn b09_nullable_of_3_0_is_a_type() {
    let nullable = json!({ "type": "object", "properties": {
        "a": { "type": "number", "nullable": true },
        "b": { "type": "string", "enum": ["x"], "nullable": true },
        "c": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/C" }] }
    } });
    let schemas = json!({ "C": { "type": "string" } });
    let expected = json!({
        "a": { "type": ["number", "null"] },
        "b": { "type": ["string", "null"], "enum": ["x", null] },
        "c": { "type": ["string", "null"] }
    });
    let operation = only(&with_body("3.0.3", nullable.clone(), schemas.clone()));
    assert_eq!(operation.input["properties"], expected);
    let Output::Schema { schema, .. } = only(&with_response("3.0.3", nullable, schemas)).output
    else {
        panic!("no schema");
    };
    assert_eq!(schema["properties"], expected);
}

/// PrefectHQ/fastmcp#1241, #1271: no output schema where the configuration does not trust the document.
#[test]
fn b10_an_output_schema_can_be_left_out() {
    let text = with_response("3.1.0", json!({ "type": "object" }), json!({}));
    let mut request = request(&text);
    request.output = mcp_edge_openapi::OutputPolicy::Open;
    assert_eq!(compiled(&request).operations[0].output, Output::Open);
}

/// PrefectHQ/fastmcp-ts#82.
#[test]
fn b11_all_of_keeps_what_each_part_requires() {
    let schema = json!({ "allOf": [
        { "$ref": "#/components/schemas/Base" },
        { "type": "object", "properties": { "b": { "type": "string" } }, "required": ["b"] }
    ] });
    let schemas = json!({ "Base": {
        "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"]
    } });
    let operation = only(&with_body("3.0.3", schema, schemas));
    assert_eq!(operation.input["required"], json!(["a", "b"]));
}

fn named(prefix: &str, ids: &[&str]) -> Vec<String> {
    let paths: serde_json::Map<String, Value> = ids
        .iter()
        .enumerate()
        .map(|(index, id)| (format!("/{index}"), json!({ "get": { "operationId": id } })))
        .collect();
    let text = document("3.1.0", Value::Object(paths), json!({}));
    let mut request = request(&text);
    request.prefix = prefix.to_owned();
    let operations = compiled(&request).operations;
    operations
        .into_iter()
        .map(|operation| operation.name)
        .collect()
}

/// harsha-iiiv/openapi-mcp-generator#4, tadata-org/fastapi_mcp#161.
#[test]
fn b12_a_name_has_64_characters_with_its_prefix() {
    let id = "a".repeat(60);
    assert_eq!(named("", &[&id]), [id.as_str()]);
    let names = named("hospital", &[&id]);
    assert_eq!(names[0].len(), 64);
    assert!(names[0].starts_with("hospital_aaa"));
}

/// mcp-use/mcp-use#1885.
#[test]
fn b13_long_names_stay_apart() {
    let (one, other) = ("a".repeat(70), format!("{}b", "a".repeat(70)));
    let names = named("", &[&one, &other]);
    assert_ne!(names[0], names[1]);
    assert!(names.iter().all(|name| name.len() == 64));
}

/// ivo-toby/mcp-openapi-server#94.
#[test]
fn b14_words_are_not_abbreviated() {
    let id = "listAllTheRequestsOfOneParticularDepartmentInTheWholeHospitalGroup2";
    let names = named("", &[id]);
    let (start, _) = names[0].rsplit_once('_').unwrap();
    assert_eq!(start.len(), 55);
    assert!(id.starts_with(start), "{start}");
}

/// docker/mcp-gateway#228.
#[test]
fn b15_names_have_no_punctuation() {
    assert_eq!(
        named("", &["repos/get-content", "server:tool", "v1.list"]),
        ["repos_get-content", "server_tool", "v1_list"]
    );
}

/// agentgateway/agentgateway#1579, doitintl/doit-mcp-server#225.
#[test]
fn b16_parameters_of_the_path_item_count() {
    let text = document(
        "3.0.3",
        json!({ "/accounts/{accountID}": {
            "parameters": [
                { "name": "accountID", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "limit", "in": "query", "schema": { "type": "string" } }
            ],
            "get": { "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer" } }] }
        } }),
        json!({}),
    );
    let operation = only(&text);
    assert_eq!(operation.path[1], [PathPiece::Parameter(0)]);
    assert_eq!(operation.input["properties"]["limit"]["type"], "integer");
    assert_eq!(operation.input["required"], json!(["accountID"]));

    let text = document(
        "3.0.3",
        json!({ "/accounts/{accountID}": { "get": {} } }),
        json!({}),
    );
    assert_eq!(
        unmappable(&text),
        "GET /accounts/{accountID}: the placeholder `{accountID}` of the path has no parameter \
         (api.yaml#/paths/~1accounts~1{accountID}/get)"
    );
}

/// IBM/WxMCPServer#1.
#[test]
fn b17_parameters_can_be_references() {
    let text = document(
        "3.0.3",
        json!({ "/x": { "get": { "parameters": [{ "$ref": "#/components/parameters/Limit" }] } } }),
        json!({ "parameters": { "Limit": { "name": "limit", "in": "query", "schema": { "type": "integer" } } } }),
    );
    assert_eq!(only(&text).parameters[0].name, "limit");
}

/// PrefectHQ/fastmcp#801.
#[test]
fn b18_a_placeholder_can_be_there_twice() {
    let text = document(
        "3.0.3",
        json!({ "/{tenant}/{tenant}/device/": { "get": { "parameters": [
            { "name": "tenant", "in": "path", "required": true, "schema": { "type": "string" } }
        ] } } }),
        json!({}),
    );
    let path = only(&text).path;
    assert_eq!(path[0], [PathPiece::Parameter(0)]);
    assert_eq!(path[1], [PathPiece::Parameter(0)]);
    assert_eq!(path[3], []);
}

/// PrefectHQ/fastmcp#1114, #1004, #5098: `deepObject`, `explode: false`, and an array in a cookie.
#[test]
fn b19_b20_b21_styles_are_those_of_the_document() {
    let array = json!({ "type": "array", "items": { "type": "string" } });
    let operation = only(&with_parameters(json!([
        { "name": "target", "in": "query", "style": "deepObject", "explode": true, "schema": { "type": "object" } },
        { "name": "tags", "in": "query", "explode": false, "schema": array },
        { "name": "all", "in": "query", "schema": array },
        { "name": "seen", "in": "cookie", "explode": false, "schema": array },
        { "name": "X-Ids", "in": "header", "schema": array }
    ])));
    let encodings: Vec<Encoding> = operation
        .parameters
        .iter()
        .map(|parameter| parameter.encoding)
        .collect();
    assert_eq!(
        encodings,
        [
            style(Style::DeepObject, true),
            style(Style::Form, false),
            style(Style::Form, true),
            style(Style::Form, false),
            style(Style::Simple, false),
        ]
    );
}

/// PrefectHQ/fastmcp#5096.
#[test]
fn b22_a_free_form_body_is_one_argument() {
    for schema in [
        json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        json!({ "type": "object" }),
        json!({ "type": "array", "items": { "type": "string" } }),
        json!({ "type": "string" }),
        json!({}),
    ] {
        let body = only(&with_body("3.1.0", schema, json!({}))).body.unwrap();
        assert!(matches!(
            body.content,
            BodyContent::Whole {
                form: WholeForm::Json,
                ..
            }
        ));
    }
}

fn media(types: &[&str]) -> String {
    let schema = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let content: serde_json::Map<String, Value> = types
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "schema": schema })))
        .collect();
    document(
        "3.0.3",
        json!({ "/x": { "post": { "requestBody": { "required": true, "content": content } } } }),
        json!({}),
    )
}

/// PrefectHQ/fastmcp#3606, doitintl/doit-mcp-server#225.
#[test]
fn b23_json_is_sent_under_its_own_name() {
    let body = only(&media(&["application/merge-patch+json"]))
        .body
        .unwrap();
    assert_eq!(body.media_type, "application/merge-patch+json");
    assert!(matches!(
        body.content,
        BodyContent::Members {
            form: BodyForm::Json,
            ..
        }
    ));
}

/// ivo-toby/mcp-openapi-server#81, RevenueCat/ai-toolkit#18.
#[test]
fn b24_a_required_body_is_sent_without_arguments() {
    let text = with_body(
        "3.0.3",
        json!({ "type": "object", "properties": {} }),
        json!({}),
    );
    let body = only(&text).body.unwrap();
    assert!(body.required);
    assert_eq!(body.media_type, "application/json");
    let BodyContent::Members { members, .. } = body.content else {
        panic!("one argument");
    };
    assert_eq!(members, []);
}

/// tadata-org/fastapi_mcp#119.
#[test]
fn b25_forms_are_forms() {
    for (name, expected) in [
        ("application/x-www-form-urlencoded", BodyForm::UrlEncoded),
        ("multipart/form-data", BodyForm::Multipart),
    ] {
        let BodyContent::Members { form, .. } = only(&media(&[name])).body.unwrap().content else {
            panic!("one argument");
        };
        assert_eq!(form, expected);
    }
}

/// agentgateway/agentgateway#145, PrefectHQ/fastmcp#886, #1681.
#[test]
fn b26_b27_the_servers_of_a_document_change_nothing() {
    for servers in [
        json!([]),
        json!([{ "url": "/myapp" }]),
        json!([{ "url": "https://{tenant}.api.example", "variables": { "tenant": { "default": "a" } } }]),
    ] {
        let text = json!({ "openapi": "3.0.3", "servers": servers, "paths": { "/mqtt/x": { "get": {} } } });
        let operation = only(&text.to_string());
        assert_eq!(operation.path.len(), 2);
        assert_eq!(operation.origin, None);
        assert_eq!(operation.input["properties"], json!({}));
    }
}

/// punkpeye/fastmcp#377.
#[test]
fn b28_a_server_of_an_operation_must_be_configured() {
    let text = json!({
        "openapi": "3.0.3",
        "servers": [{ "url": "https://api.box.example" }],
        "paths": { "/files": { "post": { "servers": [{ "url": "https://upload.box.example/" }] } } }
    })
    .to_string();
    assert_eq!(
        unmappable(&text),
        "POST /files: it has a server of its own, \"https://upload.box.example/\"; add it to the origins of the upstream \
         (api.yaml#/paths/~1files/post/servers)"
    );
}

/// ReAPI-com/mcp-openapi#10: 6 of 150 operations, and no word about the others.
#[test]
fn b29_every_operation_is_counted() {
    let text = document(
        "3.0.3",
        json!({
            "/a": { "get": {}, "post": {}, "delete": {} },
            "/b#c": { "get": {} },
            "/d": { "get": 1, "x-get": {} }
        }),
        json!({}),
    );
    let mut request = request(&text);
    request.rules.exclude = vec!["DELETE *".to_owned()];
    let report = compiled(&request).report;
    assert_eq!(report.tools.len(), 2);
    assert_eq!(report.excluded.len(), 1);
    assert_eq!(report.unmappable.len(), 2);
}

/// punkpeye/fastmcp#349.
#[test]
fn b30_documents_of_several_files_are_resolved() {
    let read = |path: &str| match path {
        "api/paths/x.yaml" => Ok(
            "get:\n  parameters: [{ $ref: '../common.yaml#/limit' }]\n  responses: {}\n".to_owned(),
        ),
        "api/common.yaml" => {
            Ok("limit: { name: limit, in: query, schema: { $ref: 'types/n.json' } }".to_owned())
        }
        "api/types/n.json" => Ok("{\"type\": \"integer\"}".to_owned()),
        other => Err(format!("there is no file {other}")),
    };
    let text = "openapi: 3.1.0\npaths: { /x: { $ref: './paths/x.yaml' } }";
    let request = Request {
        read: &read,
        ..request(text)
    };
    let request = Request {
        documents: vec![Document {
            name: "api/root.yaml".to_owned(),
            text: text.to_owned(),
        }],
        ..request
    };
    let compilation = mcp_edge_openapi::compile(&request).unwrap();
    assert_eq!(
        compilation.operations[0].input["properties"],
        json!({ "limit": { "type": "integer" } })
    );
}

/// open-webui/open-webui#27413, wso2/api-manager#5189, PrefectHQ/fastmcp#1206.
#[test]
fn b31_cyclic_schemas_are_cut() {
    let schemas = json!({
        "Recipe": { "type": "object", "properties": {
            "name": { "type": "string" },
            "categories": { "type": "array", "items": { "$ref": "#/components/schemas/Category" } }
        } },
        "Category": { "type": "object", "properties": {
            "title": { "type": "string" },
            "recipes": { "type": "array", "items": { "$ref": "#/components/schemas/Recipe" } }
        } }
    });
    let text = with_body(
        "3.0.3",
        json!({ "$ref": "#/components/schemas/Recipe" }),
        schemas,
    );
    let operation = only(&text);
    let category = &operation.input["properties"]["categories"]["items"];
    assert_eq!(category["properties"]["title"], json!({ "type": "string" }));
    assert_eq!(
        category["properties"]["recipes"]["items"],
        json!({ "type": "object", "description": "Nested further, in the same form as Recipe." })
    );
    assert!(losses(&text).contains("the schema Recipe contains itself, and is described once"));

    // The recursive form is what arguments are checked against.
    let strict = mcp_edge_schema::Schema::compile(&operation.strict_input.unwrap()).unwrap();
    let nested = |name: Value| json!({ "categories": [{ "recipes": [{ "categories": [{ "recipes": [{ "name": name }] }] }] }] });
    assert!(strict.validate(&nested(json!("soup"))).is_ok());
    assert!(strict.validate(&nested(json!(1))).is_err());
}

/// GHSA-vv7q-7jx5-f767, agentgateway/agentgateway#3598: no template reaches above its path, and no value may contain `/`.
#[test]
fn b35_b36_no_path_leads_elsewhere() {
    for path in ["/a/../b", "/a/%2e%2e/b", "/..", "/a%2f..%2fb", "/a\\..\\b"] {
        let text = document("3.0.3", json!({ path: { "get": {} } }), json!({}));
        assert!(unmappable(&text).contains("the path"), "{path}");
    }
    let text = document(
        "3.0.3",
        json!({ "/files/{+path}": { "get": { "parameters": [
            { "name": "path", "in": "path", "required": true, "schema": { "type": "string" } }
        ] } } }),
        json!({}),
    );
    let operation = only(&text);
    assert_eq!(operation.parameters[0].location, Location::Path);
    assert!(!operation.parameters[0].allow_slash);
}

/// B37, higress-group/higress#3708: a document that cannot be read is a mistake, and nothing else is served in its place.
#[test]
fn b37_a_broken_document_is_a_mistake() {
    let mut request = request("openapi: 3.0.3\npaths: { /a: { get: {} } }");
    request.documents.push(Document {
        name: "broken.json".to_owned(),
        text: "{".to_owned(),
    });
    let text = mistakes(&request);
    assert!(
        text.starts_with("broken.json is not valid JSON: "),
        "{text}"
    );
}
