//! Arguments that could be read as other ones: by the policy, or by the server behind the gateway.

use mcp_edge_tests::gateway::{Deployed, Hosting, call};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::Upstream;
use serde_json::{Value, json};

use crate::api::{answer, variables};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_free_form_object_sets_no_other_parameter,
        a_rule_sees_the_value_that_the_request_has,
        a_document_whose_path_can_be_read_as_another_has_no_such_tool,
    ]
}

const CONFIGURATION: &str = r#"
[gateway]
name = "com.example/argument-tests"

[server]
url = { variable = "MCP_EDGE_URL" }

[issuers.local]
preset = "development"

[[policy]]
name = "not seven"
tools = ["get"]
arguments = { id = { const = "7" } }
effect = "deny"

[[policy]]
name = "all"
tools = ["*"]

[upstreams.api]
url = { variable = "API_URL" }
private = true
documents = ["api.yaml"]
allow = ["*"]
query = { credential = { secret = "API_KEY" } }

[tools.list]
operation = "list"
hide = ["admin"]
fix = { tenant = "mine" }
"#;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: { title: Arguments, version: "1" }
components: { securitySchemes: { key: { type: apiKey, in: query, name: signature } } }
paths:
  /items:
    get:
      operationId: list
      parameters:
        - { name: filter, in: query, schema: { type: object, additionalProperties: { type: string } } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: admin, in: query, schema: { type: boolean } }
        - { name: tenant, in: query, schema: { type: string } }
        - { name: access_token, in: query, schema: { type: string } }
      responses: { "200": { description: A list., content: { application/json: { schema: { type: object } } } } }
  /things/{id}:
    get:
      operationId: get
      parameters:
        - { name: id, in: path, required: true, schema: {} }
      responses: { "200": { description: It., content: { application/json: { schema: { type: object } } } } }
  /a/..;/b: { get: { operationId: dots, responses: { "200": { description: No. } } } }
  /a;v=1/b: { get: { operationId: matrix, responses: { "200": { description: No. } } } }
  /a/%252e%252e/b: { get: { operationId: encoded, responses: { "200": { description: No. } } } }
"#;

fn deploy(hosting: &Hosting) -> Deployed {
    let upstream = Upstream::start(answer);
    let files = [("mcp.toml", CONFIGURATION), ("api.yaml", DOCUMENT)];
    Deployed {
        gateway: hosting.deploy(&files, &variables(&upstream)),
        upstream,
    }
}

fn a_free_form_object_sets_no_other_parameter(hosting: &Hosting) {
    let own = deploy(hosting);
    let token = own.gateway.token("ada", &[]);
    for name in [
        "admin",
        "ADMIN",
        "admin[]",
        "tenant",
        "tenant.id",
        "page",
        "access_token",
        "access.token",
        "signature",
        "credential",
        "credential[]",
    ] {
        let arguments = json!({ "filter": { name: "1" } });
        let result = own.gateway.call("list", arguments, Some(&token));
        assert_eq!(result["isError"], true, "{name}: {result}");
    }
    assert!(own.upstream.received().is_empty());
    let arguments = json!({ "filter": { "name": "x" }, "page": 2 });
    let result = own.gateway.call("list", arguments, Some(&token));
    assert!(result.get("isError").is_none(), "{result}");
    let target = own.upstream.received()[0].target.clone();
    assert!(
        target.starts_with("/base/items?name=x&page=2&tenant=mine&"),
        "{target}"
    );
}

fn a_rule_sees_the_value_that_the_request_has(hosting: &Hosting) {
    let own = deploy(hosting);
    let token = own.gateway.token("ada", &[]);
    let refused = |id: Value| {
        let answer = own
            .gateway
            .endpoint
            .send(&call("get", json!({ "id": id }), Some(&token)));
        let response = answer.response();
        response.get("error").is_some() || response["result"]["isError"] == true
    };
    for id in [
        json!("7"),
        json!(7),
        json!(["7"]),
        json!([7]),
        json!({ "7": null }),
    ] {
        assert!(refused(id.clone()), "{id}");
    }
    assert!(own.upstream.received().is_empty());
    assert!(!refused(json!("8")));
}

fn a_document_whose_path_can_be_read_as_another_has_no_such_tool(hosting: &Hosting) {
    let folder = hosting.folder(&[("mcp.toml", CONFIGURATION), ("api.yaml", DOCUMENT)]);
    let built = hosting.build(&folder, None).unwrap();
    let unmappable = built["upstreams"]["api"]["unmappable"].as_array().unwrap();
    let operations: Vec<_> = unmappable.iter().map(|one| &one["operation"]).collect();
    assert_eq!(
        operations,
        ["GET /a/%252e%252e/b", "GET /a/..;/b", "GET /a;v=1/b"]
    );
    for one in unmappable {
        let reason = one["reason"].as_str().unwrap();
        assert!(reason.starts_with("the path has the"), "{reason}");
    }
}
