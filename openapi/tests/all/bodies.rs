//! Bodies of requests: media types, members and files.

use mcp_edge_catalog::{BodyContent, BodyForm, Encoding, Member, Operation, Style, WholeForm};
use serde_json::{Value, json};

use super::support::*;

fn with_content(method: &str, required: bool, content: Value) -> String {
    document(
        "3.1.0",
        json!({ "/x": { method: { "requestBody": { "required": required, "content": content } } } }),
        json!({}),
    )
}

fn post(content: Value) -> Operation {
    only(&with_content("post", true, content))
}

fn members(operation: Operation) -> (BodyForm, Vec<Member>) {
    match operation.body.unwrap().content {
        BodyContent::Members { members, form } => (form, members),
        BodyContent::Whole { .. } => panic!("one argument"),
    }
}

fn whole(operation: &Operation) -> WholeForm {
    match operation.body.as_ref().unwrap().content {
        BodyContent::Whole { form, .. } => form,
        BodyContent::Members { .. } => panic!("members"),
    }
}

#[test]
fn the_media_type_is_chosen_by_a_fixed_order() {
    let object = json!({ "schema": { "type": "object", "properties": { "a": {} } } });
    let operation = post(json!({
        "application/xml": object,
        "multipart/form-data": object,
        "application/x-www-form-urlencoded": object,
        "application/vnd.api+json": object,
        "application/json; profile=\"CamelCase\"": object
    }));
    assert_eq!(
        operation.body.unwrap().media_type,
        "application/json; profile=\"CamelCase\""
    );
}

#[test]
fn a_media_type_without_a_form_is_unmappable_unless_it_is_text() {
    let text = with_content(
        "post",
        true,
        json!({ "application/xml": { "schema": { "type": "object" } } }),
    );
    assert!(unmappable(&text).contains(
        "a body of the media type application/xml has no form; set `body_as_text` to send it as text"
    ));
    let operation = changed(
        &text,
        mcp_edge_openapi::ToolChange {
            operation: "POST /x".to_owned(),
            body_as_text: true,
            ..Default::default()
        },
    );
    assert_eq!(whole(&operation), WholeForm::Text);
    assert_eq!(operation.body.unwrap().media_type, "application/xml");
}

#[test]
fn text_and_bytes_are_one_argument() {
    for (name, schema, form, media_type) in [
        (
            "text/plain",
            json!({ "type": "string" }),
            WholeForm::Text,
            "text/plain",
        ),
        ("text/*", json!({}), WholeForm::Text, "text/plain"),
        ("image/png", json!({}), WholeForm::Base64, "image/png"),
        (
            "application/octet-stream",
            json!({ "type": "string", "format": "binary" }),
            WholeForm::Base64,
            "application/octet-stream",
        ),
        (
            "application/vnd.custom",
            json!({ "type": "string", "format": "binary" }),
            WholeForm::Base64,
            "application/vnd.custom",
        ),
        (
            "image/*",
            json!({}),
            WholeForm::Base64,
            "application/octet-stream",
        ),
        (
            "*/*",
            json!({ "type": "array" }),
            WholeForm::Json,
            "application/json",
        ),
    ] {
        let operation = post(json!({ name: { "schema": schema } }));
        assert_eq!(whole(&operation), form, "{name}");
        assert_eq!(operation.body.as_ref().unwrap().media_type, media_type);
        let encoding = operation.input["properties"]["body"].get("contentEncoding");
        assert_eq!(encoding.is_some(), form == WholeForm::Base64, "{name}");
        let range = if name.contains('*') { 1 } else { 0 };
        let text = with_content("post", true, json!({ name: { "schema": schema } }));
        assert_eq!(losses(&text).lines().count(), range, "{name}");
    }
}

#[test]
fn a_body_that_is_more_than_its_members_is_one_argument() {
    let plain = json!({ "a": { "type": "string" } });
    for schema in [
        json!({ "type": "object", "properties": plain, "additionalProperties": true }),
        json!({ "type": "object", "properties": plain, "additionalProperties": { "type": "string" } }),
        json!({ "type": "object", "properties": plain, "anyOf": [{ "required": ["a"] }, { "required": ["b"] }] }),
        json!({ "type": "object", "properties": plain, "minProperties": 1 }),
        json!({ "oneOf": [
            { "type": "object", "properties": plain },
            { "type": "object", "properties": { "b": {} } }
        ] }),
    ] {
        let operation = post(json!({ "application/json": { "schema": schema } }));
        assert_eq!(whole(&operation), WholeForm::Json, "{schema}");
    }
    for schema in [
        json!({ "properties": plain }),
        json!({ "type": "object", "properties": plain, "additionalProperties": false }),
        json!({ "type": ["object", "null"], "properties": plain }),
        json!({ "oneOf": [{ "type": "object", "properties": plain }, { "type": "null" }] }),
        json!({ "allOf": [{ "properties": plain }, { "properties": { "b": {} } }] }),
    ] {
        let operation = post(json!({ "application/json": { "schema": schema } }));
        assert!(!members(operation).1.is_empty(), "{schema}");
    }
}

#[test]
fn a_variant_is_known_by_its_discriminator() {
    let schema = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
        "discriminator": { "propertyName": "kind", "mapping": { "dog": "#/components/schemas/Dog" } }
    });
    let variant = |name: &str| json!({ "type": "object", "title": name, "properties": { "kind": { "type": "string" } } });
    let schemas = json!({ "Cat": variant("A cat"), "Dog": variant("A dog") });
    let operation = only(&with_body("3.0.3", schema, schemas));
    let variants = &operation.input["properties"]["body"]["oneOf"];
    for (index, value) in [(0, "Cat"), (1, "dog")] {
        assert_eq!(
            variants[index]["properties"]["kind"]["enum"],
            json!([value])
        );
        assert_eq!(variants[index]["required"], json!(["kind"]));
    }
    assert_eq!(variants[0]["description"], "A cat");
}

#[test]
fn a_base_schema_stands_for_what_its_discriminator_maps_to() {
    let schemas = json!({
        "Pet": {
            "type": "object", "properties": { "kind": { "type": "string" } }, "required": ["kind"],
            "discriminator": { "propertyName": "kind", "mapping": { "cat": "Cat", "dog": "#/components/schemas/Dog" } }
        },
        "Cat": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "properties": { "lives": { "type": "integer" } } }] },
        "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "properties": { "bark": { "type": "boolean" } } }] }
    });
    let operation = only(&with_body(
        "3.0.3",
        json!({ "$ref": "#/components/schemas/Pet" }),
        schemas,
    ));
    let variants = &operation.input["properties"]["body"]["oneOf"];
    assert_eq!(variants[0]["properties"]["kind"]["enum"], json!(["cat"]));
    assert_eq!(variants[0]["properties"]["lives"]["type"], "integer");
    assert_eq!(variants[1]["properties"]["bark"]["type"], "boolean");
}

#[test]
fn an_optional_body_with_required_members_is_sent_or_one_argument() {
    let content = json!({ "application/json": { "schema": {
        "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"]
    } } });
    let text = with_content("post", false, content.clone());
    assert_eq!(only(&text).input["required"], json!(["a"]));
    assert!(losses(&text).starts_with("the optional body is always sent: it has required members"));
    let operation = only(&with_content("delete", false, content));
    assert_eq!(whole(&operation), WholeForm::Json);
    assert_eq!(operation.input.get("required"), None);
    assert!(!operation.body.unwrap().required);
}

#[test]
fn a_read_request_has_no_body() {
    let content = json!({ "application/json": { "schema": { "type": "object", "properties": { "a": {} } } } });
    for method in ["get", "head"] {
        assert!(
            unmappable(&with_content(method, true, content.clone())).contains("it requires a body")
        );
        let text = with_content(method, false, content.clone());
        assert_eq!(only(&text).body, None);
        assert!(losses(&text).starts_with("the optional body is left out"));
    }
    // Generators write an empty form for every operation; nothing is lost.
    let empty = json!({ "application/x-www-form-urlencoded": { "schema": { "type": "object", "properties": {} } } });
    assert_eq!(losses(&with_content("get", false, empty)), "");
    assert!(
        only(&with_content("delete", true, content))
            .body
            .unwrap()
            .required
    );
}

#[test]
fn members_of_a_form_have_the_encoding_of_the_document() {
    let operation = post(json!({ "application/x-www-form-urlencoded": {
        "schema": { "type": "object", "properties": {
            "a": { "type": "string" },
            "b": { "type": "array", "items": { "type": "string" } },
            "c": { "type": "object", "properties": { "x": {} } },
            "d": { "type": "object" },
            "e": { "type": "array", "items": { "type": "object" } }
        } },
        "encoding": {
            "b": { "style": "pipeDelimited", "explode": false },
            "d": { "style": "deepObject", "explode": true }
        }
    } }));
    let (form, members) = members(operation);
    assert_eq!(form, BodyForm::UrlEncoded);
    let style = |style, explode| Encoding::Style {
        style,
        explode,
        allow_reserved: false,
    };
    let encodings: Vec<Encoding> = members.iter().map(|member| member.encoding).collect();
    assert_eq!(
        encodings,
        [
            style(Style::Form, true),
            style(Style::PipeDelimited, false),
            Encoding::Json,
            style(Style::DeepObject, true),
            Encoding::Json,
        ]
    );
}

#[test]
fn files_of_a_multipart_body_are_base64() {
    let text = with_content(
        "post",
        true,
        json!({ "multipart/form-data": {
        "schema": { "type": "object", "required": ["file"], "properties": {
            "file": { "type": "string", "format": "binary" },
            "files": { "type": "array", "items": { "type": "string", "format": "binary" } },
            "image": {},
            "pages": { "type": "array", "items": { "contentMediaType": "application/pdf" } },
            "untyped": { "format": "binary" },
            "key": { "type": "string", "format": "byte" },
            "meta": { "type": "object", "properties": { "a": {} } },
            "note": { "type": "string" },
            "page": { "type": "string", "contentMediaType": "application/pdf" }
        } },
        "encoding": { "image": { "contentType": "image/png, image/jpeg" }, "note": { "headers": { "X": {} } } }
    } }),
    );
    let operation = only(&text);
    let schema = &operation.input["properties"];
    for name in ["file", "image", "page", "untyped"] {
        assert_eq!(schema[name]["type"], "string", "{name}");
        assert_eq!(schema[name]["contentEncoding"], "base64", "{name}");
    }
    for name in ["files", "pages"] {
        assert_eq!(schema[name]["type"], "array", "{name}");
        assert_eq!(schema[name]["items"]["type"], "string", "{name}");
        assert_eq!(schema[name]["items"]["contentEncoding"], "base64", "{name}");
    }
    let (form, members) = members(operation);
    assert_eq!(form, BodyForm::Multipart);
    let binary: Vec<&str> = members
        .iter()
        .filter(|member| member.is_binary)
        .map(|member| member.name.as_str())
        .collect();
    assert_eq!(
        binary,
        ["file", "files", "image", "page", "pages", "untyped"]
    );
    assert_eq!(members[2].content_type.as_deref(), Some("image/png"));
    assert_eq!(members[4].encoding, Encoding::Json);
    assert!(losses(&text).contains("the headers of the part `note` are left out"));
}

#[test]
fn what_is_read_only_is_not_sent() {
    let schema = json!({ "type": "object", "required": ["id", "name"], "properties": {
        "id": { "type": "string", "readOnly": true },
        "created": { "$ref": "#/components/schemas/Created" },
        "name": { "type": "string" },
        "password": { "type": "string", "writeOnly": true }
    } });
    let schemas = json!({ "Created": { "type": "string", "readOnly": true } });
    let operation = only(&with_body("3.0.3", schema, schemas));
    let names: Vec<&String> = operation.input["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(names, ["name", "password"]);
    assert_eq!(operation.input["required"], json!(["name"]));
}

#[test]
fn a_part_may_require_what_another_makes_read_only() {
    let schema = json!({ "allOf": [
        { "$ref": "#/components/schemas/Entity" },
        { "type": "object", "required": ["id", "name"], "properties": { "name": { "type": "string" } } }
    ] });
    let read_only = json!({ "type": "string", "readOnly": true });
    // Of `name`, one part is read-only and the other is not: it is sent.
    let schemas = json!({ "Entity": { "type": "object", "properties": { "id": read_only, "name": read_only } } });
    let operation = only(&with_body("3.0.3", schema, schemas));
    assert_eq!(operation.input["required"], json!(["name"]));
    assert_eq!(
        operation.input["properties"],
        json!({ "name": { "type": "string" } })
    );
}

#[test]
fn members_outside_the_grammar_keep_their_name_in_the_body() {
    let schema = json!({ "type": "object", "properties": { "@type": { "type": "string" } } });
    let operation = only(&with_body("3.1.0", schema, json!({})));
    assert!(operation.input["properties"].get("type").is_some());
    assert_eq!(members(operation).1[0].name, "@type");
}

#[test]
fn a_body_without_a_usable_media_type_is_unmappable() {
    for content in [
        json!({}),
        json!({ "nonsense": {} }),
        json!({ "a/b\r\nX: y": {} }),
    ] {
        let text = with_content("post", true, content);
        assert!(unmappable(&text).contains("media type"));
    }
    let form = json!({ "multipart/form-data": { "schema": { "type": "string" } } });
    assert!(
        unmappable(&with_content("post", true, form))
            .contains("is not an object with named members")
    );
}
