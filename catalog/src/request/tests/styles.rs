//! Each style at each place.

use super::*;

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
