//! Documents that are not what they claim to be: no panic, bounded work, and every operation reported.

use mcp_edge_openapi::{Document, Request, compile};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::invariants;
use super::support::*;

/// Names that mean something to the compiler.
const KEYS: [&str; 54] = [
    "$ref",
    "type",
    "properties",
    "items",
    "required",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "enum",
    "const",
    "nullable",
    "additionalProperties",
    "patternProperties",
    "discriminator",
    "mapping",
    "propertyName",
    "readOnly",
    "format",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "description",
    "title",
    "default",
    "parameters",
    "requestBody",
    "content",
    "schema",
    "responses",
    "200",
    "204",
    "application/json",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "text/plain",
    "encoding",
    "name",
    "in",
    "style",
    "explode",
    "servers",
    "url",
    "tags",
    "operationId",
    "summary",
    "a",
    "id",
    "filter[x]",
    "$defs",
    "prefixItems",
    "dependentRequired",
    "deprecated",
    "contentMediaType",
];
const TEXTS: [&str; 34] = [
    "",
    "a",
    "id",
    "path",
    "query",
    "header",
    "cookie",
    "string",
    "object",
    "array",
    "integer",
    "null",
    "file",
    "binary",
    "byte",
    "deepObject",
    "form",
    "simple",
    "matrix",
    "^(a",
    "[a-z]+",
    "X-Api-Key",
    "Host",
    "x\u{0}\r\ny",
    "日本",
    "https://a.example",
    "#/components/schemas/A",
    "#/components/schemas/B",
    "#/components/parameters/P",
    "#/components/schemas/Missing",
    "#",
    "other.yaml#/x",
    "#/paths/~1x",
    "%zz",
];
const PATHS: [&str; 8] = [
    "/x",
    "/x/{id}",
    "/{id}/{a}.json",
    "/x?a=b",
    "/#a",
    "/a//b",
    "x",
    "/{",
];
const METHODS: [&str; 4] = ["get", "post", "delete", "parameters"];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..300).prop_map(Value::from),
        Just(json!(1.5)),
        proptest::sample::select(TEXTS.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 5, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let key = proptest::sample::select(KEYS.to_vec());
    proptest::collection::vec((key, value), 0..5).prop_map(|members| {
        let members = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Object(members.collect::<Map<_, _>>())
    })
}

fn parameter() -> impl Strategy<Value = Value> {
    let text = || proptest::sample::select(TEXTS.to_vec());
    let place = proptest::sample::select(vec!["path", "query", "header", "cookie", "body"]);
    (text(), place, any::<bool>(), value(), text()).prop_map(|(name, place, required, schema, style)| {
        json!({ "name": name, "in": place, "required": required, "schema": schema, "style": style })
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let media = proptest::sample::select(vec![
        "application/json",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "text/plain",
        "*/*",
    ]);
    let body = (media, value(), any::<bool>()).prop_map(|(media, schema, required)| {
        json!({ "required": required, "content": { media: { "schema": schema } } })
    });
    let responses = value().prop_map(
        |schema| json!({ "200": { "content": { "application/json": { "schema": schema } } } }),
    );
    let parameters = proptest::collection::vec(parameter(), 0..4);
    prop_oneof![
        6 => (parameters, body, responses).prop_map(|(parameters, body, responses)| {
            json!({ "parameters": parameters, "requestBody": body, "responses": responses })
        }),
        1 => value(),
    ]
}

fn any_document() -> impl Strategy<Value = Value> {
    let path = proptest::sample::select(PATHS.to_vec());
    let method = proptest::sample::select(METHODS.to_vec());
    let paths =
        proptest::collection::vec((path, method, operation()), 0..4).prop_map(|operations| {
            let mut paths = Map::new();
            for (path, method, operation) in operations {
                paths.entry(path).or_insert_with(|| json!({}))[method] = operation;
            }
            Value::Object(paths)
        });
    let version = proptest::sample::select(vec!["3.0.3", "3.1.0"]);
    let parameter = prop_oneof![parameter(), value()];
    (version, paths, value(), value(), parameter).prop_map(|(version, paths, a, b, parameter)| {
        json!({
            "openapi": version,
            "paths": paths,
            "components": { "schemas": { "A": a, "B": b }, "parameters": { "P": parameter } }
        })
    })
}

fn check(document: &Value) -> Result<(), TestCaseError> {
    let document_text = Document {
        name: "api.json".to_owned(),
        text: document.to_string(),
    };
    let mut request = Request::new("api", vec![document_text]);
    if invariants::operations(document) > 0 {
        request.rules.allow = vec!["*".to_owned()];
    }
    if let Ok(compilation) = compile(&request) {
        let problems = invariants::problems(&request, document, &compilation);
        prop_assert!(problems.is_empty(), "{:#?}", problems);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn documents_that_are_nearly_right(document in any_document()) {
        check(&document)?;
    }

    #[test]
    fn documents_of_anything(paths in value(), components in value()) {
        check(&json!({ "openapi": "3.1.0", "paths": paths, "components": components }))?;
    }

    #[test]
    fn texts(text in "[ -~\n\t&*:{}\\[\\]#!|>é]{0,60}") {
        let mut request = request(&format!("openapi: 3.1.0\n{text}"));
        request.rules.allow.clear();
        let _ = compile(&request);
    }
}

/// Each schema has ten members of the next: written out, the first has 10^40.
#[test]
fn schemas_that_would_be_endless_are_cut() {
    let schemas: Map<String, Value> = (0..40)
        .map(|index| {
            let members: Map<String, Value> = (0..10)
                .map(|member| {
                    let next = format!("#/components/schemas/S{}", index + 1);
                    (format!("m{member}"), json!({ "$ref": next }))
                })
                .collect();
            (
                format!("S{index}"),
                json!({ "type": "object", "properties": members }),
            )
        })
        .chain([("S40".to_owned(), json!({ "type": "string" }))])
        .collect();
    for keyword in ["properties", "allOf", "anyOf"] {
        let schemas: Map<String, Value> = schemas
            .iter()
            .map(|(name, schema)| {
                let members = schema["properties"].as_object();
                let schema = match (keyword, members) {
                    ("allOf" | "anyOf", Some(members)) => {
                        json!({ keyword: members.values().collect::<Vec<_>>() })
                    }
                    _ => schema.clone(),
                };
                (name.clone(), schema)
            })
            .collect();
        let root = json!({ "$ref": "#/components/schemas/S0" });
        let text = document(
            "3.1.0",
            json!({ "/x": { "post": {
                "requestBody": { "content": { "application/json": { "schema": root } } },
                "responses": { "200": { "content": { "application/json": { "schema": root } } } }
            } } }),
            json!({ "schemas": schemas }),
        );
        let report = compiled(&request(&text)).report;
        assert_eq!(report.tools.len() + report.unmappable.len(), 1);
    }
}

/// Schemas within one another, as deep as a document may be.
#[test]
fn deep_schemas_are_cut() {
    let mut schema = json!({ "type": "string" });
    for _ in 0..50 {
        schema = json!({ "items": schema });
    }
    only(&with_body("3.1.0", schema, json!({})));

    let schemas: Map<String, Value> = (0..500)
        .map(|index| {
            let next = format!("#/components/schemas/S{}", (index + 1) % 500);
            (format!("S{index}"), json!({ "not": { "$ref": next } }))
        })
        .collect();
    only(&with_body(
        "3.1.0",
        json!({ "$ref": "#/components/schemas/S0" }),
        Value::Object(schemas),
    ));
}
