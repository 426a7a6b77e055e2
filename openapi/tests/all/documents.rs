//! JSON and YAML, and what is not a document.

use super::support::*;

#[test]
fn yaml_has_its_traps() {
    // `on` is a name, response codes are numbers, and keys merge. The document begins with a byte order mark.
    let text = "\u{feff}openapi: 3.0.3
x-common: &common
  tags: [shared]
  parameters:
    - { name: on, in: query, schema: { type: string, enum: [on, off, no, yes] } }
    - { name: version, in: query, schema: { type: string, enum: [\"1.10\"] } }
paths:
  /x:
    get:
      <<: *common
      operationId: no
      responses:
        200: { description: ok, content: { application/json: { schema: { type: object } } } }
        204: { description: nothing }
";
    let operation = only(text);
    assert_eq!(operation.name, "no");
    assert_eq!(operation.tags, ["shared"]);
    let on = &operation.input["properties"]["on"]["enum"];
    assert_eq!(on, &serde_json::json!(["on", "off", "no", "yes"]));
    assert_eq!(
        operation.input["properties"]["version"]["enum"],
        serde_json::json!(["1.10"])
    );
    assert!(matches!(
        operation.output,
        mcp_edge_catalog::Output::Schema { .. }
    ));
}

#[test]
fn what_is_not_a_document_is_a_mistake_that_says_what_to_do() {
    for (text, expected) in [
        ("{\"openapi\": ", "api.yaml is not valid YAML: "),
        (
            "openapi: 3.0.3\n\tpaths: {}",
            "api.yaml is not valid YAML: ",
        ),
        (
            "openapi: 3.0.3\nopenapi: 3.0.3",
            "api.yaml is not valid YAML: ",
        ),
        (
            "- 1",
            "api.yaml is not an OpenAPI document: its root must be an object",
        ),
        (
            "paths: {}",
            "api.yaml is not an OpenAPI document: the member `openapi` is missing",
        ),
        (
            "openapi: 3.2.0",
            "api.yaml: openapi must be 3.0.x or 3.1.x, got \"3.2.0\"",
        ),
        (
            "openapi: 4",
            "api.yaml: openapi must be 3.0.x or 3.1.x, got \"4\"",
        ),
        (
            "swagger: '2.0'",
            "api.yaml is a Swagger 2.0 document; convert it to OpenAPI 3.0 or 3.1, for example with `npx swagger2openapi`",
        ),
    ] {
        let found = mistakes(&request(text));
        assert!(found.starts_with(expected), "{text}: {found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
    // Without quotes, YAML reads a number.
    assert_eq!(
        only("openapi: 3.0\npaths: { /x: { get: {} } }").name,
        "get_x"
    );
}

#[test]
fn aliases_cannot_make_a_document_large() {
    let mut text = "openapi: 3.0.3\nx-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!(
            "x-{level}: &a{level} [{}]\n",
            below.trim_end_matches(", ")
        ));
    }
    let found = mistakes(&request(&text));
    assert!(found.starts_with("api.yaml is not valid YAML: "), "{found}");
}

#[test]
fn a_document_has_a_maximum_size() {
    let text = " ".repeat(mcp_edge_openapi::MAX_DOCUMENT_BYTES + 1);
    let found = mistakes(&request(&text));
    assert!(found.contains("at most 33554432 are read"), "{found}");
}

#[test]
fn other_files_are_neither_fetched_nor_read_where_they_must_not_be() {
    let parameter = |reference: &str| {
        format!(
            "openapi: 3.1.0\npaths: {{ /x: {{ get: {{ parameters: [{{ $ref: '{reference}' }}] }} }} }}"
        )
    };
    for (reference, expected) in [
        (
            "https://evil.example/a.yaml#/x",
            "leads to the network, and nothing is fetched",
        ),
        (
            "file:///etc/passwd#/x",
            "leads to the network, and nothing is fetched",
        ),
        ("/etc/passwd#/x", "is not a relative path"),
        ("..\\a.yaml#/x", "is not a relative path"),
        (
            "other.yaml#/x",
            "names a file that cannot be read: no other file is available",
        ),
        ("#anchor", "is not a JSON Pointer; anchors are not resolved"),
        ("#/components/parameters/Missing", "names nothing"),
    ] {
        let found = unmappable(&parameter(reference));
        assert!(found.contains("a parameter is not known"), "{found}");
        assert!(found.contains(expected), "{reference}: {found}");
    }
}

#[test]
fn references_that_lead_to_one_another_end() {
    let text = "
openapi: 3.1.0
paths: { /x: { get: { parameters: [{ $ref: '#/components/parameters/A' }] } } }
components: { parameters: { A: { $ref: '#/components/parameters/B' }, B: { $ref: '#/components/parameters/A' } } }
";
    assert!(unmappable(text).contains("more than 32 references lead to one another"));
}

#[test]
fn a_path_item_can_be_a_reference_to_another() {
    let text = "
openapi: 3.1.0
paths:
  /a: { get: { operationId: a, parameters: [{ name: q, in: query, schema: { type: integer } }] } }
  /b: { get: { operationId: b, parameters: [{ $ref: '#/paths/~1a/get/parameters/0' }] } }
  /c: { $ref: '#/components/pathItems/C' }
components: { pathItems: { C: { get: { operationId: c } } } }
";
    let operations = compiled(&request(text)).operations;
    let names: Vec<&str> = operations.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(operations[1].input["properties"]["q"]["type"], "integer");
}

#[test]
fn a_key_that_is_there_twice_is_named_with_both_places() {
    for (text, second, first) in [
        (
            "openapi: 3.1.0\npaths:\n  /a:\n    get: {}\n  /b: {}\n\n  # Again.\n  \"/a\":\n    post: {}\n",
            "line 8",
            "line 3",
        ),
        (
            "openapi: 3.1.0\ntags:\n  - name: a\n    description: b\n    name: c\n",
            "line 5",
            "line 3",
        ),
    ] {
        let problem = mistakes(&request(text));
        assert!(
            problem.contains(second) && problem.contains(first),
            "{problem}"
        );
    }
}
