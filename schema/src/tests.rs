use serde_json::{Value, json};

use super::{
    FormatMode, LimitExceeded, Schema, SchemaError,
    limits::{MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH, MAX_SUBSCHEMAS, MAX_VIOLATIONS},
};

fn said(schema: Value, value: Value) -> String {
    let schema = Schema::compile_with(&schema, FormatMode::Assert).unwrap();
    schema
        .validate(&value)
        .map_or_else(|violations| violations.to_string(), |()| "fits".to_owned())
}

fn refused(schema: Value) -> String {
    Schema::compile(&schema).unwrap_err().to_string()
}

fn nested(levels: usize, inside: Value, around: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(inside, |inner, _| around(inner))
}

#[test]
fn says_what_a_model_needs_to_know() {
    let payment = json!({
        "type": "object",
        "properties": {
            "amount": { "type": "number", "exclusiveMinimum": 0 },
            "currency": { "enum": ["EUR", "USD"] },
            "reference": { "type": "string", "minLength": 3, "pattern": "^[A-Z]+$" },
            "on": { "type": "string", "format": "date" },
            "items": { "type": "array", "maxItems": 1, "items": { "type": "integer", "minimum": 1 } },
            "note": { "type": ["string", "null"] }
        },
        "required": ["amount"],
        "additionalProperties": false
    });
    for (value, expected) in [
        (json!({ "amount": 1 }), "fits"),
        (
            json!({ "amount": "1" }),
            "`amount`: expected a number greater than 0, found a string of 1 character.",
        ),
        (
            json!({ "amount": 0 }),
            "`amount`: expected a number greater than 0, found 0.",
        ),
        (
            json!({}),
            "`amount`: expected a number greater than 0 (required), found nothing.",
        ),
        (
            json!({ "amount": 1, "currency": "GBP" }),
            "`currency`: expected one of \"EUR\", \"USD\", found a string of 3 characters.",
        ),
        (
            json!({ "amount": 1, "reference": "x" }),
            "`reference`: expected a string of at least 3 characters and matching `^[A-Z]+$`, found a string of 1 character.",
        ),
        (
            json!({ "amount": 1, "on": "tomorrow" }),
            "`on`: expected a string that is a date like 2026-07-28, found a string of 8 characters.",
        ),
        (
            json!({ "amount": 1, "items": [1, 2] }),
            "`items`: expected an array of at most 1 item, found an array of 2 items.",
        ),
        (
            json!({ "amount": 1, "items": [0] }),
            "`items[0]`: expected an integer of at least 1, found 0.",
        ),
        (
            json!({ "amount": 1, "note": 5 }),
            "`note`: expected a string or null, found 5.",
        ),
        (
            json!({ "amount": 1, "curency": "EUR" }),
            "`curency`: expected no such property; there are `amount`, `currency`, `items`, `note`, `on`, `reference`, \
             found a string of 3 characters.",
        ),
        (
            json!([]),
            "The value: expected an object with `amount`, found an array of 0 items.",
        ),
        (
            json!({ "a\nb": 1, "amount": "x" }),
            "`[\"a\\nb\"]`: expected no such property; there are `amount`, `currency`, `items`, `note`, `on`, `reference`, \
             found 1. `amount`: expected a number greater than 0, found a string of 1 character.",
        ),
    ] {
        assert_eq!(said(payment.clone(), value.clone()), expected, "{value}");
    }
}

#[test]
fn says_which_branch_was_meant() {
    let shape = json!({ "oneOf": [
        { "type": "object", "properties": { "kind": { "const": "circle" }, "radius": { "type": "number" } },
          "required": ["kind", "radius"] },
        { "type": "object", "properties": { "kind": { "const": "square" }, "side": { "type": "number" } },
          "required": ["kind", "side"] },
        { "type": "null" }
    ] });
    assert_eq!(
        said(shape.clone(), json!({ "kind": "circle" })),
        "`radius`: expected a number (required), found nothing."
    );
    assert_eq!(
        said(shape.clone(), json!({ "kind": "square", "side": "2" })),
        "`side`: expected a number, found a string of 1 character."
    );
    assert_eq!(
        said(shape, json!({ "kind": "line" })),
        "The value: expected an object with `kind` = \"circle\", `radius` or an object with `kind` = \"square\", `side` or \
         null, found an object of 1 property."
    );
    let optional = json!({ "anyOf": [{ "$ref": "#/$defs/name" }, { "type": "null" }],
        "$defs": { "name": { "type": "string" } } });
    assert_eq!(
        said(optional, json!(1)),
        "The value: expected a string or null, found 1."
    );
}

#[test]
fn says_what_other_keywords_ask() {
    for (schema, value, expected) in [
        (
            json!({ "not": { "const": 1 } }),
            json!(1),
            "The value: expected anything but 1, found 1.",
        ),
        (
            json!({ "oneOf": [{ "minimum": 1 }, { "multipleOf": 2 }] }),
            json!(4),
            "The value: expected a value that fits only one of these: a number of at least 1; a number that is a multiple of \
             2, found 4.",
        ),
        (
            json!({ "contains": { "type": "string" }, "minContains": 2 }),
            json!(["a"]),
            "The value: expected an array with at least 2 items that fit: a string, found an array of 1 item.",
        ),
        (
            json!({ "propertyNames": { "maxLength": 1 } }),
            json!({ "ab": 1 }),
            "`ab`: expected a property whose name is a string of at most 1 character, found another name.",
        ),
        (
            json!({ "dependentRequired": { "card": ["cvc"] } }),
            json!({ "card": 1 }),
            "`cvc`: expected a value (required because `card` is there), found nothing.",
        ),
        (
            json!({ "prefixItems": [true], "items": false }),
            json!([1, 2]),
            "`[1]`: expected no further item, found 2.",
        ),
        (
            json!({ "properties": { "a": true }, "unevaluatedProperties": false }),
            json!({ "b": 1 }),
            "`b`: expected no such property, found 1.",
        ),
        (
            json!({ "if": { "required": ["a"] }, "then": { "properties": { "b": { "type": "string" } } } }),
            json!({ "a": 1, "b": 2 }),
            "`b`: expected a string, found 2.",
        ),
        (
            json!({ "properties": { "a": false } }),
            json!({ "a": 1 }),
            "`a`: expected nothing here, found 1.",
        ),
        (
            json!({ "uniqueItems": true }),
            json!([1, 1.0]),
            "The value: expected an array without duplicates, found an array of 2 items.",
        ),
    ] {
        assert_eq!(said(schema.clone(), value), expected, "{schema}");
    }
}

#[test]
fn a_refusal_never_shows_a_text_or_what_may_be_a_secret() {
    let schema = json!({
        "properties": { "a": { "type": "integer" }, "b": { "enum": [1] }, "c": { "pattern": "^x$" },
            "d": { "anyOf": [{ "type": "null" }, { "maxLength": 2 }] }, "e": { "not": { "type": "string" } } }
    });
    let secret = "s3cret";
    let said = said(
        schema,
        json!({ "a": secret, "b": secret, "c": secret, "d": secret, "e": secret }),
    );
    assert!(said.contains("`e`") && !said.contains(secret), "{said}");
}

#[test]
fn a_refusal_contains_the_number_found() {
    let found = |schema: Value, value: Value| {
        let said = said(schema, value);
        said.split("found ").nth(1).unwrap_or_default().to_owned()
    };
    let days = json!({ "type": "integer", "maximum": 14 });
    assert_eq!(found(days.clone(), json!(20)), "20.");
    assert_eq!(found(days.clone(), json!(-1.5)), "-1.5.");
    assert_eq!(found(days.clone(), json!(true)), "true.");
    assert_eq!(found(days.clone(), json!(null)), "null.");
    // As long as the number of a card.
    let card = json!(4_111_111_111_111_111_u64);
    assert_eq!(found(days, card), "an integer of 16 characters.");
    for mark in [
        json!({ "writeOnly": true }),
        json!({ "format": "password" }),
    ] {
        let mut pin = json!({ "type": "integer", "maximum": 999 });
        pin.as_object_mut()
            .unwrap()
            .extend(mark.as_object().unwrap().clone());
        assert_eq!(found(pin.clone(), json!(1234)), "an integer.");
        let within = json!({ "allOf": [pin] });
        assert_eq!(found(within, json!(1234)), "an integer.");
    }
}

#[test]
fn a_log_describes_a_value_by_kind_and_size() {
    let schema = Schema::compile(&json!({ "enum": [7] })).unwrap();
    for (value, found) in [
        (json!(20), "an integer of 2 characters"),
        (json!(-1.5), "a number of 4 characters"),
        (json!(true), "a boolean"),
        (json!(null), "null"),
        (json!("ab"), "a string of 2 characters"),
        (json!([1]), "an array of 1 item"),
    ] {
        let violations = schema.validate(&value).unwrap_err();
        let logged = violations.by_size().to_string();
        assert_eq!(logged, format!("The value: expected 7, found {found}."));
    }
    let secret = Schema::compile(&json!({ "maximum": 999, "writeOnly": true })).unwrap();
    let violations = secret.validate(&json!(1234)).unwrap_err();
    assert!(
        violations
            .by_size()
            .to_string()
            .ends_with("found an integer.")
    );
}

#[test]
fn a_long_list_of_violations_ends() {
    let schema = Schema::compile(&json!({ "items": { "type": "string" } })).unwrap();
    let violations = schema.validate(&json!(vec![1; 100])).unwrap_err();
    assert_eq!(
        (violations.list.len(), violations.more),
        (MAX_VIOLATIONS, true)
    );
    assert!(violations.to_string().ends_with("There are more."));
}

#[test]
fn formats_are_annotations_unless_asked_for() {
    let schema = json!({ "format": "email" });
    assert!(
        Schema::compile(&schema)
            .unwrap()
            .validate(&json!("no-address"))
            .is_ok()
    );
    assert!(
        Schema::compile_with(&schema, FormatMode::Assert)
            .unwrap()
            .validate(&json!("no-address"))
            .is_err()
    );
}

#[test]
fn refuses_schemas_that_it_cannot_promise_to_check() {
    for (schema, expected) in [
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
            "#: unsupported dialect `http://json-schema.org/draft-07/schema#`; only \
             https://json-schema.org/draft/2020-12/schema is supported",
        ),
        (
            json!({ "items": { "$ref": "https://example.com/x" } }),
            "#/items: `https://example.com/x` leads out of this schema, and nothing is fetched; put the subschema under `$defs`",
        ),
        (
            json!({ "$ref": "#/$defs/a" }),
            "#: `#/$defs/a` names no subschema",
        ),
        (
            json!({ "$defs": { "a/b": { "minLength": -1 } } }),
            "#/$defs/a~1b: `minLength` must be an integer of at least 0",
        ),
        (
            json!({ "type": "text" }),
            "#: `type` must be a type, or a list of different types",
        ),
        (
            json!({ "multipleOf": 0 }),
            "#: `multipleOf` must be a number greater than 0",
        ),
        (
            json!({ "properties": { "a": 1 } }),
            "#/properties/a: a schema must be an object, `true` or `false`",
        ),
        (
            json!({ "pattern": "(?=a)" }),
            "#: the pattern `(?=a)` cannot be used: look-around is not supported",
        ),
        (
            json!({ "$defs": { "a": { "$anchor": "x" }, "b": { "$anchor": "x" } } }),
            "#/$defs/b: `x` is already the name of another subschema",
        ),
    ] {
        assert_eq!(refused(schema), expected);
    }
}

#[test]
fn finds_references_that_never_end() {
    let endless = json!({
        "properties": { "a": { "$ref": "#/$defs/outside" } },
        "$defs": {
            "outside": { "allOf": [{ "$ref": "#/$defs/one" }] },
            "one": { "anyOf": [{ "$ref": "#/$defs/two" }, true] },
            "two": { "if": { "$ref": "#/$defs/one" } },
        }
    });
    let SchemaError::EndlessReference { at } = Schema::compile(&endless).unwrap_err() else {
        panic!()
    };
    assert!(
        at.starts_with("#/$defs/one") || at.starts_with("#/$defs/two"),
        "{at}"
    );
    let recursive =
        json!({ "properties": { "next": { "$ref": "#" } }, "additionalProperties": false });
    assert_eq!(
        said(recursive.clone(), json!({ "next": { "next": {} } })),
        "fits"
    );
    assert!(said(recursive, json!({ "next": { "last": {} } })).starts_with("`next.last`"));
}

#[test]
fn schemas_are_bounded() {
    let deep = nested(
        MAX_SCHEMA_DEPTH,
        json!(true),
        |inner| json!({ "not": inner }),
    );
    assert_eq!(Schema::compile(&deep).unwrap_err(), SchemaError::TooDeep);
    let deep_constant = nested(MAX_SCHEMA_DEPTH, json!(1), |inner| json!([inner]));
    assert_eq!(
        Schema::compile(&json!({ "const": deep_constant })).unwrap_err(),
        SchemaError::TooDeep
    );
    let wide = json!({ "allOf": vec![true; MAX_SUBSCHEMAS] });
    assert_eq!(
        Schema::compile(&wide).unwrap_err(),
        SchemaError::TooManySubschemas
    );
    let long = json!({ "title": "x".repeat(MAX_SCHEMA_BYTES) });
    assert_eq!(Schema::compile(&long).unwrap_err(), SchemaError::TooLarge);
}

#[test]
fn checking_is_bounded() {
    let stopped = |schema: Value, value: Value| {
        Schema::compile(&schema)
            .unwrap()
            .validate(&value)
            .unwrap_err()
            .stopped
    };
    let recursive = json!({ "items": { "allOf": [{ "$ref": "#" }] } });
    let deep = nested(1000, json!([]), |inner| json!([inner]));
    assert_eq!(
        stopped(recursive, deep.clone()),
        Some(LimitExceeded::TooDeep)
    );
    assert_eq!(
        stopped(json!({ "uniqueItems": true }), json!([deep.clone(), deep])),
        Some(LimitExceeded::TooDeep)
    );
    // Each level doubles the work.
    let doubling = (0..60).map(|level: usize| {
        let next = json!({ "$ref": format!("#/$defs/{}", level + 1) });
        (level.to_string(), json!({ "allOf": [next.clone(), next] }))
    });
    let definitions: Value = doubling
        .chain([("60".to_owned(), json!(true))])
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(
        stopped(
            json!({ "$defs": definitions, "$ref": "#/$defs/0" }),
            json!(1)
        ),
        Some(LimitExceeded::TooMuchWork)
    );
    // Found only while it runs.
    let dynamic = json!({ "$dynamicAnchor": "here", "allOf": [{ "$dynamicRef": "#here" }] });
    assert_eq!(stopped(dynamic, json!(1)), Some(LimitExceeded::TooDeep));
    let long = "a".repeat(1_000_000);
    assert_eq!(
        stopped(json!({ "pattern": "^(a|b|ab){500}$" }), json!(long)),
        Some(LimitExceeded::TooMuchWork)
    );
}

#[test]
fn an_abandoned_evaluation_is_a_rejection() {
    // `not` must not turn it into an acceptance, nor `anyOf` pass over it.
    let deep = nested(300, json!(1), |inner| json!([inner]));
    for schema in [
        json!({ "not": { "$ref": "#/$defs/list" } }),
        json!({ "anyOf": [{ "$ref": "#/$defs/list" }, true] }),
        json!({ "if": { "$ref": "#/$defs/list" } }),
    ] {
        let mut schema = schema;
        schema["$defs"] = json!({ "list": { "items": { "$ref": "#/$defs/list" } } });
        let violations = Schema::compile(&schema)
            .unwrap()
            .validate(&deep)
            .unwrap_err();
        assert_eq!(
            violations.to_string(),
            "The value is nested too deeply to be checked."
        );
    }
}

#[test]
fn exact_schemas_refuse_integers_that_were_rounded() {
    let schema = json!({ "properties": {
        "whole": { "type": "integer", "minimum": 0 },
        "maybe": { "type": ["integer", "null"] },
        "either": { "anyOf": [{ "type": "integer" }, { "type": "string" }] },
        "number": { "type": "number" },
        "both": { "type": ["integer", "number"] },
        "any": true
    } });
    let schema = Schema::compile(&schema).unwrap();
    for written in [
        "18446744073709551616",
        "-9223372036854775809",
        "9007199254740993.0",
        "1e300",
    ] {
        let value =
            |name: &str| serde_json::from_str(&format!("{{\"{name}\":{written}}}")).unwrap();
        for name in ["maybe", "either"] {
            assert!(schema.validate(&value(name)).is_ok(), "{name} {written}");
        }
    }
    let schema = schema.exact();
    let refused = |name: &str, written: &str| {
        let value = serde_json::from_str(&format!("{{\"{name}\":{written}}}")).unwrap();
        let violations = schema.validate(&value).err();
        violations.map(|violations| (violations.has_rounded(), violations.to_string()))
    };
    for name in ["number", "both", "any"] {
        assert_eq!(refused(name, "18446744073709551616"), None, "{name}");
    }
    for (written, found) in [
        ("18446744073709551616", "that 64 bits cannot hold"),
        ("-9223372036854775809", "that 64 bits cannot hold"),
        ("1e300", "that 64 bits cannot hold"),
        (
            "9007199254740993.0",
            "beyond 9007199254740991 with a fraction",
        ),
        ("1e18", "beyond 9007199254740991 with a fraction"),
    ] {
        for name in ["whole", "maybe", "either"] {
            let (has_rounded, said) = refused(name, written).unwrap();
            assert!(has_rounded, "{name} {written}");
            assert!(
                said.starts_with(&format!("`{name}`: expected an integer")),
                "{said}"
            );
            assert!(said.contains(found), "{said}");
        }
    }
    for written in [
        "18446744073709551615",
        "-9223372036854775808",
        "5",
        "5.0",
        "9007199254740991.0",
    ] {
        assert_eq!(refused("maybe", written), None, "{written}");
    }
    // What is wrong in another way is not called rounded.
    assert!(!refused("whole", "1.5").unwrap().0);
}
