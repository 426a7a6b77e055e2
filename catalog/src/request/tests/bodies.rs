//! Bodies in each form.

use super::*;

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
    let request = call(
        &operation,
        json!({ "body": { "a": [1, 2], "b": "=", "c": { "d": 1 }, "e": null } }),
    )
    .unwrap();
    assert_eq!(request.body(), "a=1&a=2&b=%3D&c=%7B%22d%22%3A1%7D");

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
