//! Which operations become tools.

use mcp_edge_openapi::ToolChange;

use super::support::*;

const TEXT: &str = "
openapi: 3.1.0
paths:
  /patients: { get: { operationId: listPatients, tags: [read] }, post: { operationId: createPatient, tags: [write] } }
  /patients/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get: { operationId: getPatient, tags: [read] }
    delete: { operationId: deletePatient, tags: [write] }
  /health: { get: {} }
";

fn names(allow: &[&str], exclude: &[&str]) -> Vec<String> {
    let mut request = request(TEXT);
    request.rules.allow = allow.iter().map(|rule| (*rule).to_owned()).collect();
    request.rules.exclude = exclude.iter().map(|rule| (*rule).to_owned()).collect();
    let operations = compiled(&request).operations;
    operations
        .into_iter()
        .map(|operation| operation.name)
        .collect()
}

#[test]
fn a_rule_is_a_method_and_path_a_tag_or_an_id() {
    for (rule, expected) in [
        ("GET /patients", vec!["listPatients"]),
        ("get /patients/{id}", vec!["getPatient"]),
        ("* /patients/*", vec!["getPatient", "deletePatient"]),
        ("GET *", vec!["get_health", "listPatients", "getPatient"]),
        ("tag:read", vec!["listPatients", "getPatient"]),
        (
            "tag:*",
            vec![
                "listPatients",
                "createPatient",
                "getPatient",
                "deletePatient",
            ],
        ),
        (
            "*Patient",
            vec!["createPatient", "getPatient", "deletePatient"],
        ),
        ("get_health", vec!["get_health"]),
    ] {
        assert_eq!(names(&[rule], &[]), expected, "{rule}");
    }
    assert_eq!(
        names(&["*"], &["tag:write", "GET /health"]),
        ["listPatients", "getPatient"]
    );
}

#[test]
fn an_excluded_operation_names_its_rule() {
    let mut request = request(TEXT);
    request.rules.allow = vec!["tag:*".to_owned()];
    request.rules.exclude = vec!["DELETE *".to_owned()];
    let excluded: Vec<String> = compiled(&request)
        .report
        .excluded
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        excluded,
        [
            "GET /health: no rule allows it",
            "DELETE /patients/{id}: excluded by \"DELETE *\""
        ]
    );
    request.rules.allow = Vec::new();
    request.rules.exclude = Vec::new();
    assert_eq!(compiled(&request).report.excluded.len(), 5);
}

#[test]
fn a_rule_that_matches_nothing_is_a_mistake_with_the_nearest_name() {
    let mut request = request(TEXT);
    request.rules.allow = ["GET /patient", "tag:reed", "listPatient", "FETCH /patients"]
        .map(str::to_owned)
        .into();
    request.rules.exclude = vec!["DELETE /helth".to_owned()];
    assert_eq!(
        mistakes(&request),
        "allow: the rule \"GET /patient\" matches no operation; the nearest is \"GET /patients\"
allow: the rule \"tag:reed\" matches no operation; the nearest is \"tag:read\"
allow: the rule \"listPatient\" matches no operation; the nearest is \"listPatients\"
allow: the rule \"FETCH /patients\" matches no operation: FETCH is not a method; write one of GET, HEAD, POST, PUT, PATCH, \
         DELETE, OPTIONS, TRACE or `*`
exclude: the rule \"DELETE /helth\" matches no operation; the nearest is \"GET /health\"\n"
    );
}

#[test]
fn two_tools_with_one_name_are_a_mistake() {
    let text = "openapi: 3.1.0\npaths: { /a: { get: { operationId: x.y } }, /b: { get: { operationId: x/y } } }";
    let mut request = request(text);
    assert_eq!(
        mistakes(&request),
        "GET /a (api.yaml#/paths/~1a/get) and GET /b (api.yaml#/paths/~1b/get) are both named \"x_y\"; name one of them by `[tools.NAME]` with its `operation`\n"
    );
    request.changes.push(ToolChange {
        operation: "GET /b".to_owned(),
        name: Some("z".to_owned()),
        ..ToolChange::default()
    });
    let operations = compiled(&request).operations;
    assert_eq!(operations[1].name, "z");
}

#[test]
fn a_name_of_the_document_is_used() {
    let text =
        "openapi: 3.1.0\npaths: { /a: { get: { operationId: x, x-mcp-name: find_patient } } }";
    assert_eq!(only(text).name, "find_patient");
}
