//! Changes of the configuration to single tools.

use std::collections::BTreeMap;

use mcp_edge_catalog::{Annotations, BodyContent, Source};
use mcp_edge_openapi::{Request, ToolChange};
use serde_json::{Value, json};

use super::support::*;

const TEXT: &str = "
openapi: 3.1.0
paths:
  /patients/{id}/notes:
    post:
      operationId: addNote
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: page, in: query, schema: { type: integer, maximum: 9 } }
        - { name: token, in: query, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text, kind]
              properties: { text: { type: string }, kind: { type: string, enum: [a, b] }, draft: { type: boolean } }
";

fn map<V>(pairs: impl IntoIterator<Item = (&'static str, V)>) -> BTreeMap<String, V> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn change(change: ToolChange) -> ToolChange {
    ToolChange {
        operation: "addNote".to_owned(),
        ..change
    }
}

#[test]
fn a_tool_is_changed_in_every_way() {
    let operation = changed(
        TEXT,
        ToolChange {
            operation: "POST /patients/{id}/notes".to_owned(),
            name: Some("note".to_owned()),
            title: Some("Note".to_owned()),
            description: Some("Adds a note.".to_owned()),
            annotations: Annotations {
                idempotent: Some(true),
                ..Annotations::default()
            },
            scopes: vec!["notes:write".to_owned()],
            hide: vec!["draft".to_owned()],
            expose: vec!["token".to_owned()],
            rename: map([
                ("id", "patient".to_owned()),
                ("text", "note.text".to_owned()),
            ]),
            fix: map([("kind", json!("a"))]),
            default: map([("page", json!(1))]),
            describe: map([("id", "The patient.".to_owned())]),
            headers: map([("id", "Patient".to_owned())]),
            allow_slash: vec!["id".to_owned()],
            select: vec!["/items/*/id".to_owned()],
            omit: vec!["/a~1b".to_owned()],
            max_items: Some(10),
            page_argument: Some("page".to_owned()),
            ..ToolChange::default()
        },
    );
    assert_eq!(operation.name, "note");
    assert_eq!(operation.title.as_deref(), Some("Note"));
    assert_eq!(operation.description, "Adds a note.");
    assert_eq!(operation.annotations.idempotent, Some(true));
    assert_eq!(operation.annotations.read_only, Some(false));
    assert_eq!(operation.scopes, ["notes:write"]);
    assert_eq!(
        operation.input,
        json!({
            "type": "object",
            "properties": {
                "patient": { "type": "string", "description": "The patient.", "x-mcp-header": "Patient" },
                "page": { "type": "integer", "maximum": 9, "default": 1 },
                "token": { "type": "string" },
                "note.text": { "type": "string" }
            },
            "required": ["patient", "note.text"],
            "additionalProperties": false
        })
    );
    assert!(operation.parameters[0].allow_slash);
    assert_eq!(
        operation.parameters[1].source,
        Source::Argument {
            name: "page".to_owned(),
            required: false,
            default: Some(json!(1)),
        }
    );
    let BodyContent::Members { members, .. } = operation.body.unwrap().content else {
        panic!("one argument");
    };
    let sources: Vec<(&str, &Source)> = members
        .iter()
        .map(|member| (member.name.as_str(), &member.source))
        .collect();
    let text = Source::Argument {
        name: "note.text".to_owned(),
        required: true,
        default: None,
    };
    assert_eq!(
        sources,
        [("kind", &Source::Fixed(json!("a"))), ("text", &text)]
    );
    assert_eq!(operation.shape.select, ["/items/*/id"]);
    assert_eq!(operation.shape.max_items, Some(10));
    assert_eq!(operation.shape.page_argument.as_deref(), Some("page"));
}

#[test]
fn a_change_that_fits_nothing_is_a_mistake() {
    let cases: [(ToolChange, &str); 17] = [
        (
            ToolChange {
                operation: "addNotes".to_owned(),
                ..Default::default()
            },
            "tool \"addNotes\": no such operation; the nearest is \"addNote\"",
        ),
        (
            change(ToolChange {
                hide: vec!["pag".to_owned()],
                ..Default::default()
            }),
            "hide: unknown argument \"pag\"; the nearest is \"page\"",
        ),
        (
            change(ToolChange {
                hide: vec!["text".to_owned()],
                ..Default::default()
            }),
            "hide: the argument \"text\" is required; set its value with `fix`",
        ),
        (
            change(ToolChange {
                fix: map([("kind", json!("c"))]),
                ..Default::default()
            }),
            "fix: the value of \"kind\" does not fit: ",
        ),
        (
            change(ToolChange {
                default: map([("page", json!(10))]),
                ..Default::default()
            }),
            "defaults: the value of \"page\" does not fit: ",
        ),
        (
            change(ToolChange {
                rename: map([("page", "text".to_owned())]),
                ..Default::default()
            }),
            "rename: two arguments have the name \"text\"",
        ),
        (
            change(ToolChange {
                rename: map([("page", "a b".to_owned())]),
                ..Default::default()
            }),
            "rename: \"a b\" must be 1 to 64 letters, digits, `_`, `-` or `.`",
        ),
        (
            change(ToolChange {
                fix: map([("kind", json!("a"))]),
                describe: map([("kind", "x".to_owned())]),
                ..Default::default()
            }),
            "describe: the argument \"kind\" is hidden",
        ),
        (
            change(ToolChange {
                allow_slash: vec!["page".to_owned()],
                ..Default::default()
            }),
            "allow_slash: the argument \"page\" is not in the path",
        ),
        (
            change(ToolChange {
                headers: map([("page", "a b".to_owned())]),
                ..Default::default()
            }),
            "headers: `page`: x-mcp-header must be a header name",
        ),
        (
            change(ToolChange {
                headers: map([("page", "P".to_owned()), ("text", "p".to_owned())]),
                ..Default::default()
            }),
            "is already the header of",
        ),
        (
            change(ToolChange {
                name: Some("a.b".to_owned()),
                ..Default::default()
            }),
            "the name \"a.b\" must be 1 to 64 letters, digits, `_` or `-`",
        ),
        (
            change(ToolChange {
                select: vec!["items".to_owned()],
                ..Default::default()
            }),
            "select: \"items\" is not a JSON Pointer; write it as in \"/items/*/id\"",
        ),
        (
            change(ToolChange {
                omit: vec!["/a~2".to_owned()],
                ..Default::default()
            }),
            "omit: \"/a~2\" is not a JSON Pointer",
        ),
        (
            change(ToolChange {
                page_argument: Some("pages".to_owned()),
                ..Default::default()
            }),
            "page_argument: unknown argument \"pages\"; the nearest is \"page\"",
        ),
        (
            change(ToolChange {
                hide: vec!["page".to_owned()],
                page_argument: Some("page".to_owned()),
                ..Default::default()
            }),
            "page_argument: the argument \"page\" is hidden",
        ),
        (
            change(ToolChange {
                expose: vec!["tokn".to_owned()],
                ..Default::default()
            }),
            "credential_arguments: unknown parameter \"tokn\"; the nearest is \"token\"",
        ),
    ];
    for (change, expected) in cases {
        let mut request = request(TEXT);
        request.changes.push(change);
        let text = mistakes(&request);
        assert!(text.contains(expected), "{expected}: {text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[test]
fn a_change_to_what_is_not_a_tool_is_a_mistake() {
    let mut request = request(TEXT);
    request.changes.push(change(ToolChange::default()));
    request.rules.exclude = vec!["POST *".to_owned()];
    assert_eq!(
        mistakes(&request),
        "tool \"addNote\": the operation is excluded by \"POST *\"; remove the rule or the change\n"
    );
    request.rules.exclude.clear();
    request.changes.push(ToolChange {
        operation: "POST /patients/{id}/notes".to_owned(),
        ..ToolChange::default()
    });
    assert!(mistakes(&request).contains("the operation is changed twice"));
}

#[test]
fn headers_of_the_gateway_cannot_be_exposed() {
    let text = with_parameters(json!([
        { "name": "Host", "in": "header", "schema": { "type": "string" } }
    ]));
    let mut request = request(&text);
    request.changes.push(ToolChange {
        operation: "GET /x".to_owned(),
        expose: vec!["Host".to_owned()],
        ..ToolChange::default()
    });
    assert_eq!(
        mistakes(&request),
        "tool \"GET /x\": credential_arguments: the gateway sets the header \"Host\" or sends none\n"
    );
}

#[test]
fn values_of_recursive_arguments_are_checked_too() {
    let schemas = json!({ "Node": { "type": "object", "properties": {
        "name": { "type": "string" }, "next": { "$ref": "#/components/schemas/Node" }
    } } });
    let text = with_body(
        "3.1.0",
        json!({ "type": "object", "properties": { "node": { "$ref": "#/components/schemas/Node" } } }),
        schemas,
    );
    let fix = |value: Value| ToolChange {
        operation: "POST /x".to_owned(),
        fix: map([("node", value)]),
        ..ToolChange::default()
    };
    let mut request = request(&text);
    request
        .changes
        .push(fix(json!({ "next": { "next": { "name": 1 } } })));
    assert!(mistakes(&request).contains("fix: the value of \"node\" does not fit"));
    changed(&text, fix(json!({ "next": { "next": { "name": "x" } } })));
}

/// A free-form object of another argument must not set them.
#[test]
fn parameters_that_requests_do_not_have_keep_their_names() {
    let text = "
openapi: 3.1.0
components:
  securitySchemes:
    key: { type: apiKey, in: query, name: signature }
    session: { type: apiKey, in: cookie, name: session }
paths:
  /notes?version=2:
    get:
      operationId: addNote
      parameters:
        - { name: more, in: query, schema: { type: object, additionalProperties: true } }
        - { name: version, in: query, schema: { type: string } }
        - { name: admin, in: query, schema: { type: boolean } }
        - { name: page, in: query, schema: { type: integer } }
        - { name: token, in: query, schema: { type: string } }
        - { name: raw, in: query, content: { application/xml: { schema: { type: string } } } }
        - { name: X-Note, in: header, schema: { type: string } }
";
    let operation = changed(
        text,
        change(ToolChange {
            hide: vec!["admin".to_owned(), "X-Note".to_owned()],
            ..ToolChange::default()
        }),
    );
    let absent: Vec<_> = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.source == Source::Absent)
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(absent, ["admin", "token", "raw", "signature"]);
    let properties = operation.input["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["more", "page"]);
}

/// In a form, members of an object can be fields of their own.
#[test]
fn hidden_fields_of_a_form_keep_their_names() {
    let text = "
openapi: 3.1.0
paths:
  /notes:
    post:
      operationId: addNote
      requestBody:
        content:
          FORM:
            schema: { type: object, properties: { more: { type: object }, admin: { type: boolean } } }
";
    for (form, count) in [
        ("application/x-www-form-urlencoded", 2),
        ("multipart/form-data", 2),
        ("application/json", 1),
    ] {
        let operation = changed(
            &text.replace("FORM", form),
            change(ToolChange {
                hide: vec!["admin".to_owned()],
                ..ToolChange::default()
            }),
        );
        let Some(BodyContent::Members { members, .. }) = operation.body.map(|body| body.content)
        else {
            panic!("{form}");
        };
        assert_eq!(members.len(), count, "{form}");
    }
}

#[test]
fn an_array_cap_below_the_size_of_a_page_is_reported() {
    let text = "
openapi: 3.1.0
paths:
  /notes:
    get:
      operationId: addNote
      parameters:
        - { name: per_page, in: query, schema: { type: integer, default: 30 } }
        - { name: page, in: query, schema: { type: integer, default: 100 } }
";
    let is_reported = |change: ToolChange| {
        let change = ToolChange {
            operation: "addNote".to_owned(),
            ..change
        };
        let compilation = compiled(&Request {
            changes: vec![change],
            ..request(text)
        });
        let losses = &compilation.report.tools[0].losses;
        losses.iter().any(|loss| {
            loss.text.contains("cuts pages, which have 30 elements")
                && loss.text.contains("`per_page`")
        })
    };
    let capped = |max_items: u32| ToolChange {
        max_items: Some(max_items),
        ..ToolChange::default()
    };
    assert!(is_reported(capped(10)));
    assert!(!is_reported(capped(30)));
    assert!(!is_reported(ToolChange::default()));
    for change in [
        ToolChange {
            default: map([("per_page", json!(10))]),
            ..capped(10)
        },
        ToolChange {
            fix: map([("per_page", json!(5))]),
            ..capped(10)
        },
        ToolChange {
            hide: vec!["per_page".to_owned()],
            ..capped(10)
        },
    ] {
        assert!(!is_reported(change));
    }
}
