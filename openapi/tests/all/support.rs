//! Small documents, and what is made of them.

use mcp_edge_catalog::Operation;
use mcp_edge_openapi::{Compilation, Document, Request, ToolChange, compile};
use serde_json::{Value, json};

use super::invariants;

/// A request that allows every operation of a document in YAML.
pub(crate) fn request(text: &str) -> Request<'static> {
    let document = Document {
        name: "api.yaml".to_owned(),
        text: text.to_owned(),
    };
    let mut request = Request::new("api", vec![document]);
    request.rules.allow = vec!["*".to_owned()];
    request
}

/// The compilation of a request, which keeps what holds for all.
pub(crate) fn compiled(request: &Request<'_>) -> Compilation {
    let compilation = compile(request).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    if let [document] = request.documents.as_slice()
        && request.changes.is_empty()
        && let Ok(document) = serde_saphyr::from_str_with_options::<Value>(
            &document.text,
            serde_saphyr::options! { strict_booleans: true },
        )
    {
        let problems = invariants::problems(request, &document, &compilation);
        assert!(problems.is_empty(), "{problems:#?}");
    }
    compilation
}

/// The mistakes of a request, a line each.
pub(crate) fn mistakes(request: &Request<'_>) -> String {
    let mistakes = compile(request).expect_err("a mistake");
    mistakes
        .iter()
        .map(|mistake| format!("{mistake}\n"))
        .collect()
}

/// A document with `paths`, and `components` below them.
pub(crate) fn document(version: &str, paths: Value, components: Value) -> String {
    json!({ "openapi": version, "paths": paths, "components": components }).to_string()
}

/// The operation of a document with one, at `POST /x` or `GET /x/{id}` or wherever it is.
pub(crate) fn only(text: &str) -> Operation {
    let mut compilation = compiled(&request(text));
    assert_eq!(compilation.report.unmappable, []);
    assert_eq!(compilation.operations.len(), 1);
    compilation.operations.remove(0)
}

/// The losses of all tools, a line each.
pub(crate) fn losses(text: &str) -> String {
    let compilation = compiled(&request(text));
    assert_eq!(compilation.report.unmappable, []);
    let losses = compilation.report.tools.iter().flat_map(|it| &it.losses);
    losses.map(|loss| format!("{loss}\n")).collect()
}

/// Why the only operation of a document is not a tool.
pub(crate) fn unmappable(text: &str) -> String {
    let compilation = compiled(&request(text));
    assert_eq!(compilation.operations.len(), 0);
    compilation.report.unmappable[0].to_string()
}

/// A tool of `POST /x` with a JSON body of a schema.
pub(crate) fn with_body(version: &str, schema: Value, components: Value) -> String {
    document(
        version,
        json!({ "/x": { "post": { "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": schema } }
        } } } }),
        json!({ "schemas": components }),
    )
}

/// A tool of `GET /x` with query parameters.
pub(crate) fn with_parameters(parameters: Value) -> String {
    document(
        "3.1.0",
        json!({ "/x": { "get": { "parameters": parameters } } }),
        json!({}),
    )
}

/// A tool of `GET /x` that answers with a schema.
pub(crate) fn with_response(version: &str, schema: Value, components: Value) -> String {
    document(
        version,
        json!({ "/x": { "get": { "responses": { "200": {
            "content": { "application/json": { "schema": schema } }
        } } } } }),
        json!({ "schemas": components }),
    )
}

/// The operation of a document with one, with a change.
pub(crate) fn changed(text: &str, change: ToolChange) -> Operation {
    let mut request = request(text);
    request.changes.push(change);
    let mut compilation = compiled(&request);
    assert_eq!(compilation.operations.len(), 1);
    compilation.operations.remove(0)
}
