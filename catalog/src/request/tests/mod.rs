mod bodies;
mod properties;
mod styles;
mod values;

use serde_json::{Value, json};

use super::*;
use crate::samples::{argument, operation, parameter, style};
use crate::{
    Body, BodyContent, BodyForm, Encoding, Member, Parameter, PathPiece, Source, Style, WholeForm,
};

pub(super) const BOUNDARY: [u8; 16] = [7; 16];

pub(super) fn base() -> BaseUrl {
    BaseUrl::parse("https://api.example.com/v1").unwrap()
}

pub(super) fn call(
    operation: &Operation,
    arguments: Value,
) -> Result<Request<Bytes>, ArgumentError> {
    build(operation, &base(), arguments.as_object().unwrap(), BOUNDARY)
}

/// The path and query below the base of a call.
pub(super) fn target(operation: &Operation, arguments: Value) -> String {
    let request = call(operation, arguments).unwrap();
    let url = request.uri().to_string();
    url.strip_prefix(base().as_str()).unwrap().to_owned()
}

pub(super) fn with(parameter: Parameter) -> Operation {
    let mut operation = operation("a");
    if parameter.location == Location::Path {
        operation.path.push(vec![PathPiece::Parameter(0)]);
    }
    operation.parameters.push(parameter);
    operation
}

pub(super) fn with_body(
    method: Method,
    media_type: &str,
    required: bool,
    content: BodyContent,
) -> Operation {
    Operation {
        method,
        body: Some(Body {
            media_type: media_type.to_owned(),
            required,
            content,
        }),
        ..operation("a")
    }
}

pub(super) fn member(name: &str) -> Member {
    Member {
        name: name.to_owned(),
        source: argument(name),
        encoding: style(Style::Form, true),
        content_type: None,
        is_binary: false,
    }
}

pub(super) fn members(form: BodyForm, members: Vec<Member>) -> BodyContent {
    BodyContent::Members { members, form }
}

pub(super) fn rule(operation: &Operation, arguments: Value) -> String {
    call(operation, arguments).unwrap_err().to_string()
}

#[test]
fn b18_a_placeholder_that_is_in_the_path_twice_is_replaced_twice() {
    let mut operation = with(parameter(
        "tenant",
        Location::Path,
        style(Style::Simple, false),
    ));
    operation.path = vec![
        vec![PathPiece::Parameter(0)],
        vec![
            PathPiece::Parameter(0),
            PathPiece::Literal(".json".to_owned()),
        ],
    ];
    assert_eq!(
        target(&operation, json!({ "tenant": "a b" })),
        "/a%20b/a%20b.json"
    );
}

#[test]
fn b26_one_slash_is_at_each_joint() {
    for (base, path, expected) in [
        (
            "https://a.example",
            vec!["mqtt", "x"],
            "https://a.example/mqtt/x",
        ),
        (
            "https://a.example/",
            vec!["mqtt", "x"],
            "https://a.example/mqtt/x",
        ),
        (
            "https://a.example/v1/",
            vec!["x", ""],
            "https://a.example/v1/x/",
        ),
        ("https://a.example/v1", vec![], "https://a.example/v1"),
        ("https://a.example", vec![], "https://a.example/"),
        ("https://a.example", vec![""], "https://a.example/"),
    ] {
        let operation = Operation {
            path: path
                .into_iter()
                .map(|segment| match segment {
                    "" => Vec::new(),
                    text => vec![PathPiece::Literal(text.to_owned())],
                })
                .collect(),
            ..operation("a")
        };
        let base = BaseUrl::parse(base).unwrap();
        let request = build(&operation, &base, &Map::new(), BOUNDARY).unwrap();
        assert_eq!(request.uri(), expected);
    }
}

#[test]
fn requests_are_bounded() {
    let query = with(parameter("q", Location::Query, style(Style::Form, true)));
    let header = with(parameter(
        "X-Q",
        Location::Header,
        style(Style::Simple, true),
    ));
    for (operation, name, part) in [(query, "q", "URL"), (header, "X-Q", "headers")] {
        let error = call(&operation, json!({ name: "a".repeat(20_000) })).unwrap_err();
        assert!(matches!(error, ArgumentError::TooLarge { part: found, .. } if found == part));
        assert!(error.to_string().len() < 200);
    }
    let source = argument("body");
    let body = with_body(
        Method::Post,
        "text/plain",
        true,
        BodyContent::Whole {
            source,
            form: WholeForm::Text,
        },
    );
    assert!(matches!(
        call(&body, json!({ "body": "a".repeat(MAX_BODY_BYTES + 1) })),
        Err(ArgumentError::TooLarge { part: "body", .. })
    ));
}

#[test]
fn operations_that_no_request_can_be_made_of_say_why() {
    let body = || members(BodyForm::Json, vec![member("a")]);
    let host = with(parameter(
        "Host",
        Location::Header,
        style(Style::Simple, false),
    ));
    let name = with(parameter(
        "a b",
        Location::Header,
        style(Style::Simple, false),
    ));
    let literal = Operation {
        path: vec![vec![PathPiece::Literal("a?b".to_owned())]],
        ..operation("a")
    };
    let undeclared = Operation {
        path: vec![vec![PathPiece::Parameter(3)]],
        ..operation("a")
    };
    let deep = with(parameter(
        "q",
        Location::Header,
        style(Style::DeepObject, true),
    ));
    let simple = with(parameter("q", Location::Query, style(Style::Simple, true)));
    let accept = Operation {
        accept: "a\nb".to_owned(),
        ..operation("a")
    };
    for operation in [
        with_body(Method::Get, "application/json", true, body()),
        host,
        name,
        literal,
        undeclared,
        accept,
        deep,
        simple,
    ] {
        let error = call(&operation, json!({ "a": 1 })).unwrap_err();
        assert!(matches!(error, ArgumentError::Operation(_)), "{error}");
    }
    // A body that is not sent is no body.
    assert!(
        call(
            &with_body(Method::Get, "application/json", false, body()),
            json!({})
        )
        .is_ok()
    );
}
