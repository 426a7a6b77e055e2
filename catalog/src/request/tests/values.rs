//! Sources of values, and values that are rejected.

use super::*;

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

/// The members of a free-form object are parameters of the query: none of them is one that the configuration or the document
/// sets.
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
    operation.parameters.push(Parameter {
        source: Source::Absent,
        ..parameter("as_admin", Location::Query, style(Style::Form, true))
    });
    for name in [
        "tenant",
        "Tenant",
        "api-version",
        "tenant[a]",
        "tenant.a",
        "tenant[]",
        "as_admin",
        "as.admin",
        "as admin",
        "",
        "[a]",
        " a",
        "a\0",
    ] {
        let error = rule(&operation, json!({ "filter": { name: 1 } }));
        assert!(
            error.starts_with("argument `filter` must have member names"),
            "{name}: {error}"
        );
    }
}

#[test]
fn members_do_not_replace_parameters_that_have_brackets_in_their_names() {
    let mut operation = with(parameter(
        "filter",
        Location::Query,
        style(Style::DeepObject, true),
    ));
    for name in ["filter[admin]", "filter[a][b]"] {
        operation.parameters.push(Parameter {
            source: Source::Absent,
            ..parameter(name, Location::Query, style(Style::Form, true))
        });
    }
    assert_eq!(
        target(&operation, json!({ "filter": { "a": { "c": 1 }, "x": 2 } })),
        "/things?filter%5Ba%5D%5Bc%5D=1&filter%5Bx%5D=2"
    );
    for value in [
        json!({ "admin": 1 }),
        json!({ "Admin": [1] }),
        json!({ "a": { "b": 1 } }),
        json!({ "a": 1 }),
        json!({ "x\0": 1 }),
    ] {
        let error = rule(&operation, json!({ "filter": value }));
        assert!(error.starts_with("argument `filter` must"), "{error}");
    }
}

#[test]
fn members_do_not_replace_parameters_of_the_path_and_fields_of_a_form() {
    let matrix = style(Style::Matrix, true);
    let mut operation = with(parameter("a", Location::Path, matrix));
    operation.parameters.push(Parameter {
        source: Source::Fixed(json!("mine")),
        ..parameter("tenant", Location::Path, matrix)
    });
    operation.path = vec![vec![PathPiece::Parameter(0), PathPiece::Parameter(1)]];
    assert_eq!(
        target(&operation, json!({ "a": { "b": 1 } })),
        "/;b=1;tenant=mine"
    );
    let error = rule(&operation, json!({ "a": { "tenant": 1 } }));
    assert!(error.starts_with("argument `a` must"), "{error}");

    for (form, encoding, absent) in [
        (BodyForm::UrlEncoded, Style::Form, "admin"),
        (BodyForm::UrlEncoded, Style::DeepObject, "more[admin]"),
        (BodyForm::Multipart, Style::DeepObject, "more[admin]"),
    ] {
        let free = Member {
            encoding: style(encoding, true),
            ..member("more")
        };
        let absent = Member {
            source: Source::Absent,
            ..member(absent)
        };
        let content = members(form, vec![free, absent]);
        let operation = with_body(Method::Post, "x/y", true, content);
        call(&operation, json!({ "more": { "other": 1 } })).unwrap();
        let error = rule(&operation, json!({ "more": { "admin": 1 } }));
        assert!(error.starts_with("argument `more` must"), "{error}");
    }
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
