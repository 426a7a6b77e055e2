use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::samples::{argument, operation, parameter, style, text, value};
use crate::{
    Body, BodyContent, BodyForm, Encoding, Member, Parameter, PathPiece, Source, Style, WholeForm,
};

const BOUNDARY: [u8; 16] = [7; 16];

fn base() -> BaseUrl {
    BaseUrl::parse("https://api.example.com/v1").unwrap()
}

fn call(operation: &Operation, arguments: Value) -> Result<Request<Bytes>, ArgumentError> {
    build(operation, &base(), arguments.as_object().unwrap(), BOUNDARY)
}

/// The path and query below the base of a call.
fn target(operation: &Operation, arguments: Value) -> String {
    let request = call(operation, arguments).unwrap();
    let url = request.uri().to_string();
    url.strip_prefix(base().as_str()).unwrap().to_owned()
}

fn with(parameter: Parameter) -> Operation {
    let mut operation = operation("a");
    if parameter.location == Location::Path {
        operation.path.push(vec![PathPiece::Parameter(0)]);
    }
    operation.parameters.push(parameter);
    operation
}

fn with_body(method: Method, media_type: &str, required: bool, content: BodyContent) -> Operation {
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

fn member(name: &str) -> Member {
    Member {
        name: name.to_owned(),
        source: argument(name),
        encoding: style(Style::Form, true),
        content_type: None,
        is_binary: false,
    }
}

fn members(form: BodyForm, members: Vec<Member>) -> BodyContent {
    BodyContent::Members { members, form }
}

fn rule(operation: &Operation, arguments: Value) -> String {
    call(operation, arguments).unwrap_err().to_string()
}

/// A style with whether it explodes, and how it writes a string, an array and an object.
type Row = (Style, bool, &'static str, &'static str, &'static str);

/// OpenAPI 3.1.1, Style Examples.
const PATH: [Row; 6] = [
    (
        Style::Matrix,
        false,
        ";color=blue",
        ";color=blue,black,brown",
        ";color=B,150,G,200,R,100",
    ),
    (
        Style::Matrix,
        true,
        ";color=blue",
        ";color=blue;color=black;color=brown",
        ";B=150;G=200;R=100",
    ),
    (
        Style::Label,
        false,
        ".blue",
        ".blue,black,brown",
        ".B,150,G,200,R,100",
    ),
    (
        Style::Label,
        true,
        ".blue",
        ".blue.black.brown",
        ".B=150.G=200.R=100",
    ),
    (
        Style::Simple,
        false,
        "blue",
        "blue,black,brown",
        "B,150,G,200,R,100",
    ),
    (
        Style::Simple,
        true,
        "blue",
        "blue,black,brown",
        "B=150,G=200,R=100",
    ),
];
const QUERY: [Row; 8] = [
    (
        Style::Form,
        false,
        "color=blue",
        "color=blue,black,brown",
        "color=B,150,G,200,R,100",
    ),
    (
        Style::Form,
        true,
        "color=blue",
        "color=blue&color=black&color=brown",
        "B=150&G=200&R=100",
    ),
    (
        Style::SpaceDelimited,
        false,
        "color=blue",
        "color=blue%20black%20brown",
        "color=B%20150%20G%20200%20R%20100",
    ),
    (
        Style::SpaceDelimited,
        true,
        "color=blue",
        "color=blue&color=black&color=brown",
        "B=150&G=200&R=100",
    ),
    (
        Style::PipeDelimited,
        false,
        "color=blue",
        "color=blue%7Cblack%7Cbrown",
        "color=B%7C150%7CG%7C200%7CR%7C100",
    ),
    (
        Style::PipeDelimited,
        true,
        "color=blue",
        "color=blue&color=black&color=brown",
        "B=150&G=200&R=100",
    ),
    (
        Style::DeepObject,
        true,
        "color=blue",
        "color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown",
        "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
    ),
    (
        Style::DeepObject,
        false,
        "color=blue",
        "color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown",
        "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
    ),
];

fn colors(written: impl Fn(Value) -> String, prefix: &str, row: Row) {
    let (_, _, string, array, object) = row;
    for (color, expected) in [
        (json!("blue"), string),
        (json!(["blue", "black", "brown"]), array),
        (json!({ "R": 100, "G": 200, "B": 150 }), object),
    ] {
        assert_eq!(
            written(json!({ "color": color })),
            format!("{prefix}{expected}"),
            "{row:?}"
        );
    }
}

#[test]
fn styles_in_the_path() {
    for row in PATH {
        let operation = with(parameter("color", Location::Path, style(row.0, row.1)));
        colors(|arguments| target(&operation, arguments), "/things/", row);
    }
}

#[test]
fn styles_in_the_query() {
    for row in QUERY {
        let operation = with(parameter("color", Location::Query, style(row.0, row.1)));
        colors(|arguments| target(&operation, arguments), "/things?", row);
    }
}

#[test]
fn styles_in_a_form() {
    for row in QUERY {
        let color = Member {
            encoding: style(row.0, row.1),
            ..member("color")
        };
        let form = members(BodyForm::UrlEncoded, vec![color]);
        let operation = with_body(
            Method::Post,
            "application/x-www-form-urlencoded",
            false,
            form,
        );
        let body = |arguments| {
            let body = call(&operation, arguments).unwrap().into_body();
            String::from_utf8(body.to_vec()).unwrap()
        };
        colors(body, "", row);
    }
}

#[test]
fn styles_in_headers_and_cookies() {
    for row in PATH.into_iter().filter(|row| row.0 == Style::Simple) {
        let operation = with(parameter("color", Location::Header, style(row.0, row.1)));
        let header = |arguments| {
            let request = call(&operation, arguments).unwrap();
            request.headers()["color"].to_str().unwrap().to_owned()
        };
        colors(header, "", row);
    }
    for explode in [false, true] {
        let operation = with(parameter(
            "color",
            Location::Cookie,
            style(Style::Form, explode),
        ));
        let cookie = |arguments| {
            let request = call(&operation, arguments).unwrap();
            request.headers()["cookie"].to_str().unwrap().to_owned()
        };
        colors(cookie, "", QUERY[0]);
    }
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
fn b19_deep_objects_keep_their_parents() {
    let target_of = |value: Value| {
        let parameter = parameter("target", Location::Query, style(Style::DeepObject, true));
        target(&with(parameter), json!({ "target": value }))
            .replace("%5B", "[")
            .replace("%5D", "]")
    };
    for (value, expected) in [
        (json!({ "id": 1 }), "?target[id]=1"),
        (
            json!({ "a": { "b": { "c": true } } }),
            "?target[a][b][c]=true",
        ),
        (json!({ "ids": [1, 2] }), "?target[ids][]=1&target[ids][]=2"),
        (
            json!({ "items": [{ "price": 1 }, { "price": 2, "tags": ["x"] }] }),
            "?target[items][0][price]=1&target[items][1][price]=2&target[items][1][tags][]=x",
        ),
        (json!({ "a": null, "b": "", "c": [] }), "?target[b]="),
        (json!({}), ""),
        (json!({ "a b": "c&d" }), "?target[a%20b]=c%26d"),
    ] {
        assert_eq!(target_of(value), format!("/things{expected}"));
    }
    let operation = with(parameter(
        "target",
        Location::Query,
        style(Style::DeepObject, true),
    ));
    for value in [json!({ "a][b": 1 }), json!({ "": 1 })] {
        assert!(
            rule(&operation, json!({ "target": value }))
                .starts_with("argument `target` must have member names")
        );
    }
    let deep = (0..20).fold(json!(1), |value, _| json!({ "a": value }));
    assert_eq!(
        rule(&operation, json!({ "target": deep })),
        "argument `target` must be at most 8 levels deep"
    );
}

#[test]
fn b20_arrays_that_do_not_explode_are_one_value() {
    let tags = |explode| {
        let operation = with(parameter(
            "tags",
            Location::Query,
            style(Style::Form, explode),
        ));
        target(&operation, json!({ "tags": ["a,b", "c", null] }))
    };
    assert_eq!(tags(false), "/things?tags=a%2Cb,c");
    assert_eq!(tags(true), "/things?tags=a%2Cb&tags=c");
}

#[test]
fn b21_arrays_in_cookies_headers_and_paths_have_commas() {
    let mut operation = with(parameter("id", Location::Path, style(Style::Simple, false)));
    operation.parameters.push(parameter(
        "session_tags",
        Location::Cookie,
        style(Style::Form, true),
    ));
    operation.parameters.push(parameter(
        "other",
        Location::Cookie,
        style(Style::Form, true),
    ));
    operation.parameters.push(parameter(
        "X-Tags",
        Location::Header,
        style(Style::Simple, true),
    ));
    let tags = json!(["a", "b"]);
    let arguments = json!({ "id": tags, "session_tags": tags, "other": 1, "X-Tags": tags });
    let request = call(&operation, arguments).unwrap();
    assert_eq!(request.uri().path(), "/v1/things/a,b");
    assert_eq!(request.headers()["cookie"], "session_tags=a,b; other=1");
    assert_eq!(request.headers()["x-tags"], "a,b");
}

#[test]
fn b22_a_free_form_body_is_the_value_of_its_argument() {
    let body = BodyContent::Whole {
        source: argument("body"),
        form: WholeForm::Json,
    };
    let operation = with_body(Method::Post, "application/json", true, body);
    let request = call(
        &operation,
        json!({ "body": { "labels": 1, "big": 12345678901234567890_u64 } }),
    )
    .unwrap();
    assert_eq!(request.body(), r#"{"big":12345678901234567890,"labels":1}"#);
    assert_eq!(
        call(&operation, json!({ "body": [null] })).unwrap().body(),
        "[null]"
    );
    assert_eq!(
        call(&operation, json!({ "body": null })).unwrap().body(),
        "null"
    );
}

#[test]
fn b23_json_is_sent_under_the_name_of_its_type() {
    for media_type in [
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/json; profile=\"CamelCase\"",
    ] {
        let body = members(BodyForm::Json, vec![member("a"), member("b")]);
        let operation = with_body(Method::Patch, media_type, false, body);
        // `null` removes a member (RFC 7396).
        let request = call(&operation, json!({ "a": null })).unwrap();
        assert_eq!(request.headers()["content-type"], media_type);
        assert_eq!(request.body(), r#"{"a":null}"#);
    }
}

#[test]
fn b24_a_required_body_has_a_type_when_it_is_empty() {
    let empty = |form, media_type: &str, required| {
        let operation = with_body(
            Method::Post,
            media_type,
            required,
            members(form, vec![member("a")]),
        );
        let request = call(&operation, json!({})).unwrap();
        let media_type = request.headers().get("content-type").cloned();
        (
            media_type.map(|kind| kind.to_str().unwrap().to_owned()),
            request.into_body(),
        )
    };
    let (media_type, body) = empty(BodyForm::Json, "application/json", true);
    assert_eq!(
        (media_type.as_deref(), &body[..]),
        (Some("application/json"), &b"{}"[..])
    );
    let (media_type, body) = empty(
        BodyForm::UrlEncoded,
        "application/x-www-form-urlencoded",
        true,
    );
    assert_eq!(
        (media_type.as_deref(), &body[..]),
        (Some("application/x-www-form-urlencoded"), &b""[..])
    );
    let (media_type, body) = empty(BodyForm::Multipart, "multipart/form-data", true);
    assert!(
        media_type
            .unwrap()
            .starts_with("multipart/form-data; boundary=")
    );
    assert!(body.ends_with(b"--\r\n"));
    for form in [BodyForm::Json, BodyForm::UrlEncoded, BodyForm::Multipart] {
        assert_eq!(empty(form, "a/b", false), (None, Bytes::new()));
    }
}

#[test]
fn b25_forms_are_sent_as_forms() {
    let form = members(BodyForm::UrlEncoded, vec![member("name"), member("note")]);
    let operation = with_body(
        Method::Post,
        "application/x-www-form-urlencoded",
        false,
        form,
    );
    let arguments = json!({ "name": "a&b=c", "note": "é +" });
    let request = call(&operation, arguments).unwrap();
    assert_eq!(request.body(), "name=a%26b%3Dc&note=%C3%A9%20%2B");

    let whole = BodyContent::Whole {
        source: argument("body"),
        form: WholeForm::UrlEncoded,
    };
    let operation = with_body(
        Method::Post,
        "application/x-www-form-urlencoded",
        false,
        whole,
    );
    let request = call(&operation, json!({ "body": { "a": [1, 2], "b": "=" } })).unwrap();
    assert_eq!(request.body(), "a=%5B1%2C2%5D&b=%3D");

    let file = Member {
        is_binary: true,
        content_type: Some("image/png".to_owned()),
        ..member("fi\"le\r\n")
    };
    let meta = Member {
        encoding: Encoding::Json,
        ..member("meta")
    };
    let fields = members(
        BodyForm::Multipart,
        vec![member("tags"), meta, file, member("none")],
    );
    let operation = with_body(Method::Post, "multipart/form-data", false, fields);
    let arguments =
        json!({ "tags": ["a", "b\r\n"], "meta": "x", "fi\"le\r\n": "AP8=", "none": null });
    let request = call(&operation, arguments).unwrap();
    let boundary = "mcp-edge-07070707070707070707070707070707";
    assert_eq!(
        request.headers()["content-type"],
        format!("multipart/form-data; boundary={boundary}")
    );
    let expected = [
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\na\r\n").as_bytes(),
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nb\r\n\r\n").as_bytes(),
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n\"x\"\r\n").as_bytes(),
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"fi%22le%0D%0A\"; filename=\"fi%22le%0D%0A\"\r\nContent-Type: image/png\r\n\r\n").as_bytes(),
        b"\x00\xff\r\n",
        format!("--{boundary}--\r\n").as_bytes(),
    ]
    .concat();
    assert_eq!(request.body(), &expected);
    let error = rule(&operation, json!({ "tags": format!("x--{boundary}") }));
    assert!(error.contains("boundary"), "{error}");
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
fn values_that_a_server_would_read_as_several_are_rejected() {
    for (location, encoding, value) in [
        (
            Location::Query,
            style(Style::SpaceDelimited, false),
            json!(["a b"]),
        ),
        (
            Location::Query,
            style(Style::PipeDelimited, false),
            json!(["a|b"]),
        ),
        (Location::Path, style(Style::Label, true), json!(["a.b"])),
        (
            Location::Header,
            style(Style::Simple, false),
            json!(["a,b"]),
        ),
        (
            Location::Header,
            style(Style::Simple, true),
            json!({ "a=b": 1 }),
        ),
        (
            Location::Header,
            style(Style::Simple, false),
            json!({ "a,b": 1 }),
        ),
    ] {
        let error = rule(
            &with(parameter("x", location, encoding)),
            json!({ "x": value }),
        );
        assert!(
            error.starts_with("argument `x` must have items and names without"),
            "{error}"
        );
    }
}

/// The members of a free-form object are parameters of the query: none of them is one that the configuration or the document sets.
#[test]
fn members_do_not_replace_other_parameters() {
    let mut operation = with(parameter(
        "filter",
        Location::Query,
        style(Style::Form, true),
    ));
    operation.parameters.push(Parameter {
        source: Source::Fixed(json!("mine")),
        ..parameter("tenant", Location::Query, style(Style::Form, true))
    });
    operation.fixed_query = vec![
        ("api-version".to_owned(), "1 2".to_owned()),
        ("flag".to_owned(), String::new()),
    ];
    assert_eq!(
        target(
            &operation,
            json!({ "filter": { "a": "b", "filter": 1 }, "tenant": "other" })
        ),
        "/things?api-version=1%202&flag&a=b&filter=1&tenant=mine"
    );
    for name in ["tenant", "api-version", "tenant[a]", "", "[a]"] {
        let error = rule(&operation, json!({ "filter": { name: 1 } }));
        assert!(
            error.starts_with("argument `filter` must have member names"),
            "{name}: {error}"
        );
    }
}

#[test]
fn reserved_characters_stay_only_where_they_cannot_end_the_value() {
    let encoding = |style, explode| Encoding::Style {
        style,
        explode,
        allow_reserved: true,
    };
    let text = ":/?@!$'()*,;&=+#[]% ";
    let encoded = ":/?@!$%27()*,;%26%3D%2B%23%5B%5D%25%20";
    let form = with(parameter("q", Location::Query, encoding(Style::Form, true)));
    assert_eq!(
        target(&form, json!({ "q": text })),
        format!("/things?q={encoded}")
    );
    let list = with(parameter(
        "q",
        Location::Query,
        encoding(Style::Form, false),
    ));
    assert_eq!(
        target(&list, json!({ "q": ["a,b", "c"] })),
        "/things?q=a%2Cb,c"
    );
    let path = with(parameter(
        "q",
        Location::Path,
        encoding(Style::Simple, false),
    ));
    assert_eq!(target(&path, json!({ "q": "a:b" })), "/things/a%3Ab");
}

#[test]
fn json_parameters_are_written_as_json() {
    let operation = with(parameter("q", Location::Query, Encoding::Json));
    assert_eq!(
        target(&operation, json!({ "q": { "a": [1, "b"] } })),
        "/things?q=%7B%22a%22%3A%5B1%2C%22b%22%5D%7D"
    );
    assert_eq!(target(&operation, json!({ "q": "b" })), "/things?q=%22b%22");
    let operation = with(parameter("X-Q", Location::Header, Encoding::Json));
    let request = call(&operation, json!({ "X-Q": ["b"] })).unwrap();
    assert_eq!(request.headers()["x-q"], r#"["b"]"#);
}

#[test]
fn numbers_are_written_as_servers_read_them() {
    let operation = with(parameter("n", Location::Query, style(Style::Form, true)));
    for (number, written) in [
        (json!(5), "5"),
        (json!(5.0), "5"),
        (json!(-5.0), "-5"),
        (json!(-0.0), "0"),
        (json!(9007199254740992.0), "9007199254740992"),
        (json!(0.1), "0.1"),
        (json!(1e300), "1e%2B300"),
        (json!(18446744073709551615_u64), "18446744073709551615"),
        (json!(i64::MIN), "-9223372036854775808"),
        (json!(false), "false"),
    ] {
        assert_eq!(
            target(&operation, json!({ "n": number })),
            format!("/things?n={written}")
        );
    }
}

#[test]
fn values_come_from_arguments_defaults_and_the_configuration() {
    let with_source = |source| {
        with(Parameter {
            source,
            ..parameter("q", Location::Query, style(Style::Form, true))
        })
    };
    let argument = |required, default| {
        with_source(Source::Argument {
            name: "Q".to_owned(),
            required,
            default,
        })
    };
    let required = argument(true, None);
    for arguments in [json!({}), json!({ "Q": null }), json!({ "q": 1 })] {
        let error = call(&required, arguments).unwrap_err();
        assert_eq!(
            error,
            ArgumentError::Missing {
                argument: "Q".to_owned()
            }
        );
        assert!(error.is_fault_of_caller());
    }
    assert_eq!(target(&required, json!({ "Q": 1 })), "/things?q=1");
    let default = argument(true, Some(json!(7)));
    assert_eq!(target(&default, json!({})), "/things?q=7");
    assert_eq!(target(&default, json!({ "Q": null })), "/things?q=7");
    assert_eq!(target(&default, json!({ "Q": 1 })), "/things?q=1");
    assert_eq!(target(&argument(false, None), json!({})), "/things");
    let fixed = with_source(Source::Fixed(json!("mine")));
    assert_eq!(target(&fixed, json!({ "q": 1, "Q": 1 })), "/things?q=mine");

    let broken = with(Parameter {
        source: Source::Fixed(json!("..")),
        ..parameter("id", Location::Path, style(Style::Simple, false))
    });
    let error = call(&broken, json!({})).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the fixed value of `id` must not be empty"),
        "{error}"
    );
    assert!(!error.is_fault_of_caller());
}

#[test]
fn text_and_bytes_are_sent_as_they_are() {
    let whole = |form| {
        let source = Source::Argument {
            name: "body".to_owned(),
            required: false,
            default: None,
        };
        with_body(
            Method::Put,
            "text/csv",
            true,
            BodyContent::Whole { source, form },
        )
    };
    let sent =
        |form, value: Value| call(&whole(form), json!({ "body": value })).map(Request::into_body);
    assert_eq!(sent(WholeForm::Text, json!("a,é")).unwrap(), "a,é");
    assert_eq!(
        sent(WholeForm::Base64, json!("AP8=")).unwrap(),
        &[0, 255][..]
    );
    assert_eq!(sent(WholeForm::Text, json!(null)).unwrap(), "");
    for (form, value, error) in [
        (
            WholeForm::Text,
            json!(1),
            "argument `body` must be a string",
        ),
        (
            WholeForm::Base64,
            json!("AP8"),
            "argument `body` must be standard Base64 with padding (RFC 4648, section 4)",
        ),
        (
            WholeForm::Base64,
            json!("_-8="),
            "argument `body` must be standard Base64 with padding (RFC 4648, section 4)",
        ),
        (
            WholeForm::UrlEncoded,
            json!("a=b"),
            "argument `body` must be an object",
        ),
    ] {
        assert_eq!(sent(form, value).unwrap_err().to_string(), error);
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

fn argument_value() -> impl Strategy<Value = Value> {
    prop_oneof![2 => text().prop_map(Value::String), 1 => value()]
}

/// An encoding that a place has.
fn encoding_at(location: Location) -> impl Strategy<Value = Encoding> {
    let styles = match location {
        Location::Path => vec![Style::Simple, Style::Label, Style::Matrix],
        Location::Query => vec![
            Style::Form,
            Style::SpaceDelimited,
            Style::PipeDelimited,
            Style::DeepObject,
        ],
        Location::Header => vec![Style::Simple],
        Location::Cookie => vec![Style::Form],
    };
    let styles = prop::sample::select(styles);
    prop_oneof![
        1 => Just(Encoding::Json),
        4 => (styles, any::<bool>(), any::<bool>()).prop_map(|(style, explode, allow_reserved)| {
            Encoding::Style { style, explode, allow_reserved }
        }),
    ]
}

const LOCATIONS: [Location; 4] = [
    Location::Path,
    Location::Query,
    Location::Header,
    Location::Cookie,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// No argument changes what the request is for, nor what headers it has: as the parser of fetch hosts reads it.
    #[test]
    fn arguments_change_values_only(
        values in prop::collection::vec(argument_value(), 4),
        encodings in LOCATIONS.map(encoding_at),
        prefix in prop::sample::select(vec!["", "/v1", "/a%20b/c"]),
        literal in prop::sample::select(vec!["", ".", "..", "x", ".json", "%2e", ";v=1"]),
        origin in prop::sample::select(vec!["https://api.example.com", "http://[::1]:8080", "http://10.0.0.1"]),
    ) {
        let names = ["id", "q", "X-Header", "crumb"];
        let parameters = names.into_iter().zip(LOCATIONS).zip(encodings);
        let mut operation = operation("a");
        operation.parameters = parameters
            .map(|((name, location), encoding)| parameter(name, location, encoding))
            .collect();
        operation.path = vec![
            vec![PathPiece::Literal("things".to_owned())],
            vec![PathPiece::Parameter(0), PathPiece::Literal(literal.to_owned())],
            vec![PathPiece::Literal("end".to_owned())],
        ];
        let base = BaseUrl::parse(&format!("{origin}{prefix}")).unwrap();
        let arguments = names.into_iter().map(str::to_owned).zip(values).collect();
        if let Ok(request) = build(&operation, &base, &arguments, BOUNDARY) {
            let text = request.uri().to_string();
            let url = url::Url::parse(&text).unwrap();
            // The parser changes nothing: all hosts send the same.
            prop_assert_eq!(url.as_str(), &text);
            prop_assert_eq!(url.origin().ascii_serialization(), origin);
            let path = url.path().strip_prefix(prefix).unwrap();
            let segments: Vec<_> = path.split('/').collect();
            prop_assert_eq!(segments.len(), 4, "{}", path);
            prop_assert_eq!(segments[1], "things");
            prop_assert!(segments[2].ends_with(literal));
            prop_assert_eq!(segments[3], "end");
            let decoded = percent::decode(segments[2].as_bytes());
            prop_assert!(!path::is_dot_segment(&decoded));
            prop_assert!(!decoded.iter().any(|byte| b"/\\?#".contains(byte)));
            prop_assert_eq!(url.fragment(), None);
            prop_assert!(url.username().is_empty() && url.password().is_none());
            for name in request.headers().keys() {
                prop_assert!(["accept", "x-header", "cookie"].contains(&name.as_str()));
            }
            let cookies = request.headers().get("cookie").map(|cookie| cookie.to_str().unwrap());
            prop_assert!(cookies.is_none_or(|cookies| cookies.starts_with("crumb=") && !cookies.contains(';')));
        }
    }

    /// Values that may have slashes stay below their place.
    #[test]
    fn slashes_separate_segments_only(file in text(), segments in "[a-z.]{0,3}(/[a-z.%2e;]{0,3}){0,3}") {
        let operation = with(Parameter {
            allow_slash: true,
            ..parameter("file", Location::Path, style(Style::Simple, false))
        });
        for file in [file, segments] {
            if let Ok(request) = call(&operation, json!({ "file": file })) {
                let url = url::Url::parse(&request.uri().to_string()).unwrap();
                let path = url.path().strip_prefix("/v1/things/").unwrap();
                prop_assert_eq!(path.split('/').count(), file.split('/').count());
                prop_assert_eq!(percent::decode(path.as_bytes()), file.as_bytes());
            }
        }
    }

    /// What a form or a query has is what its reader gets.
    #[test]
    fn a_query_is_read_as_it_was_meant(text in text(), explode: bool, allow_reserved: bool) {
        let encoding = Encoding::Style { style: Style::Form, explode, allow_reserved };
        let operation = with(parameter("q", Location::Query, encoding));
        let request = call(&operation, json!({ "q": text })).unwrap();
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        let pairs: Vec<_> = url.query_pairs().collect();
        prop_assert_eq!(pairs, [("q".into(), text.into())]);
    }

    /// Bodies are made of any values, or of none.
    #[test]
    fn bodies_do_not_panic(values in prop::collection::vec(argument_value(), 3), encoding in encoding_at(Location::Query), is_binary: bool) {
        for form in [BodyForm::Json, BodyForm::UrlEncoded, BodyForm::Multipart] {
            let names = ["a", "b", "c"];
            let fields = names.map(|name| Member { encoding, is_binary, ..member(name) });
            let operation = with_body(Method::Post, "x/y", true, members(form, fields.into()));
            let arguments = names.into_iter().map(str::to_owned).zip(values.clone()).collect();
            if let Ok(request) = call(&operation, Value::Object(arguments)) {
                prop_assert!(request.headers().contains_key("content-type"));
            }
        }
        for form in [WholeForm::Json, WholeForm::Text, WholeForm::Base64, WholeForm::UrlEncoded] {
            let content = BodyContent::Whole { source: argument("a"), form };
            let _ = call(&with_body(Method::Post, "x/y", true, content), json!({ "a": values[0] }));
        }
    }
}
