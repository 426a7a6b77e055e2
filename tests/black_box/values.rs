//! Values at the edge of what JSON and a type have in common: whole numbers however they are written, numbers that JSON does
//! not have, characters of URIs however they are encoded.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Request, legacy, modern, tests};
use serde_json::{Value, json};

pub fn tests() -> Vec<Test> {
    tests![
        a_whole_number_is_an_integer_in_any_notation,
        whole_numbers_are_read_at_any_depth,
        numbers_and_values_keep_what_they_are,
        an_integer_that_64_bits_cannot_hold_is_invalid,
        an_integer_that_a_double_would_change_is_invalid,
        a_batch_with_an_integer_that_a_double_would_change_is_refused,
        an_integer_beyond_its_type_is_named_in_words_of_json,
        integers_have_bounds_in_their_schemas,
        an_answer_may_have_whole_numbers_with_a_fraction,
        texts_become_the_types_of_their_fields,
        texts_that_are_no_such_value_are_invalid,
        numbers_that_json_does_not_have_tell_only_the_log,
        the_same_holds_for_steps_resources_and_prompts,
        output_out_of_range_tells_only_the_log,
        a_form_that_forbids_its_own_default_is_not_asked,
        a_uri_is_the_same_in_any_encoding,
        encoding_does_not_make_two_resources_one,
        a_template_is_completed_in_any_encoding,
    ]
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
}

/// A call in which the text `@` stands for a number that `serde_json` would write otherwise.
fn written(request: &Request, number: &str) -> Request {
    let text = request.message().to_string().replace("\"@\"", number);
    request.clone().bytes(text)
}

fn a_whole_number_is_an_integer_in_any_notation(servers: &Servers) {
    for (number, expected) in [
        ("5", 5),
        ("5.0", 5),
        ("5e0", 5),
        ("1E2", 100),
        ("50e-1", 5),
        ("-0", 0),
        ("4294967295.0", 4_294_967_295_u32),
    ] {
        for tool in ["whole", "whole_by_schema"] {
            let request = written(&call(tool, json!({ "count": "@" })), number);
            let answer = servers.fixture.send(&request);
            let read: Value = serde_json::from_str(answer.text()).unwrap();
            assert_eq!(read["count"], expected, "{tool} {number}");
        }
    }
    let fraction = servers
        .fixture
        .send(&call("whole", json!({ "count": 5.5 })));
    assert!(
        fraction
            .tool_error()
            .contains("`count`: expected an integer"),
        "{}",
        fraction.tool_error()
    );
}

fn whole_numbers_are_read_at_any_depth(servers: &Servers) {
    for (arguments, pointer) in [
        (json!({ "signed": "@" }), "/signed"),
        (json!({ "many": [1, "@"] }), "/many/1"),
        (json!({ "named": { "a": "@" } }), "/named/a"),
        (
            json!({ "shape": { "kind": "square", "side": "@" } }),
            "/shape/side",
        ),
        (json!({ "either": "@" }), "/either"),
        (json!({ "flat": "@" }), "/flat"),
        (json!({ "any": ["@"] }), "/any/0"),
        (json!({ "number": "@" }), "/number"),
    ] {
        for number in ["7.0", "7e0", "0.7E1"] {
            let answer = servers
                .fixture
                .send(&written(&call("whole", arguments.clone()), number));
            let read: Value = serde_json::from_str(answer.text()).unwrap();
            assert_eq!(
                read.pointer(pointer).and_then(Value::as_f64),
                Some(7.0),
                "{arguments} {number}: {read}"
            );
        }
    }
}

fn numbers_and_values_keep_what_they_are(servers: &Servers) {
    for number in [
        "0.1",
        "-1.5e-7",
        "1e300",
        "9007199254740993",
        "18446744073709551615",
        // 2^64 as ECMAScript writes it.
        "18446744073709552000",
        "-100000000000000000000",
    ] {
        let request = written(&call("whole", json!({ "number": 1, "any": "@" })), number);
        let read: Value = serde_json::from_str(servers.fixture.send(&request).text()).unwrap();
        let expected: Value = serde_json::from_str(number).unwrap();
        assert_eq!(read["any"], expected, "{number}");
    }
    let request = written(
        &call("whole", json!({ "number": "@" })),
        "100000000000000000000",
    );
    let read: Value = serde_json::from_str(servers.fixture.send(&request).text()).unwrap();
    assert_eq!(read["number"], json!(1e20));
}

fn an_integer_that_64_bits_cannot_hold_is_invalid(servers: &Servers) {
    for (tool, arguments, name) in [
        ("whole", json!({ "signed": "@" }), "signed`"),
        ("whole", json!({ "count": "@" }), "count`"),
        ("whole", json!({ "many": ["@"] }), "many[0]`"),
        ("whole", json!({ "flat": "@" }), "flat`"),
        ("whole_by_schema", json!({ "count": "@" }), "count`"),
    ] {
        for number in ["18446744073709551616", "-9223372036854775809", "1e300"] {
            let request = written(&call(tool, arguments.clone()), number);
            let answer = servers.fixture.send(&request);
            let error = &answer.response()["error"];
            assert_eq!(error["code"], -32602, "{tool} {arguments} {number}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(name), "{message}");
            assert!(message.contains("64 bits"), "{message}");
        }
        // Whether this was rounded cannot be told.
        let request = written(&call(tool, arguments.clone()), "9007199254740993.0");
        let answer = servers.fixture.send(&request);
        assert_eq!(answer.response()["error"]["code"], -32602, "{arguments}");
    }
}

fn an_integer_that_a_double_would_change_is_invalid(servers: &Servers) {
    let prompt = modern(
        "prompts/get",
        json!({ "name": "count", "arguments": { "to": "@" } }),
    );
    for (request, name) in [
        (
            call("whole", json!({ "number": "@" })),
            "`params.arguments.number`",
        ),
        (
            call("whole", json!({ "any": [{ "id": "@" }] })),
            "`params.arguments.any[0].id`",
        ),
        (
            call("whole_by_schema", json!({ "any": "@" })),
            "`params.arguments.any`",
        ),
        (
            call("whole_by_schema", json!({ "other": "@" })),
            "`params.arguments.other`",
        ),
        (prompt, "`params.arguments.to`"),
    ] {
        for number in [
            "18446744073709551617",
            "-9223372036854775809",
            "9007199254740993.0",
            "123456789012345678901234567890",
        ] {
            let answer = servers.fixture.send(&written(&request, number));
            let response = answer.response();
            assert_eq!(response["error"]["code"], -32602, "{name} {number}");
            assert_eq!(response["id"], request.message()["id"]);
            let message = response["error"]["message"].as_str().unwrap();
            assert!(message.contains(name), "{message}");
            assert!(message.contains("send it as a string"), "{message}");
        }
    }
}

fn a_batch_with_an_integer_that_a_double_would_change_is_refused(servers: &Servers) {
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},
        {"jsonrpc":"2.0","id":2,"method":"ping","params":{"id":18446744073709551617}}]"#;
    let request = legacy("2025-03-26", "ping", json!({})).bytes(batch);
    let answer = servers.fixture.send(&request);
    assert_eq!(answer.status, 400);
    let error = &answer.response()["error"];
    assert_eq!(error["code"], -32600);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("`[1].params.id`"), "{message}");
}

fn an_integer_beyond_its_type_is_named_in_words_of_json(servers: &Servers) {
    for (name, number, expected) in [
        (
            "count",
            json!(4_294_967_296_u64),
            "of at least 0 and of at most 4294967295",
        ),
        (
            "count",
            json!(-1),
            "of at least 0 and of at most 4294967295",
        ),
        (
            "signed",
            json!(u64::MAX),
            "from -9223372036854775808 to 9223372036854775807",
        ),
        ("flat", json!(-1), "at least 0"),
    ] {
        let answer = servers
            .fixture
            .send(&call("whole", json!({ name: number })));
        let said = answer.tool_error();
        assert!(said.contains(name) && said.contains(expected), "{said}");
        for rust in ["u32", "i64", "u64", "Whole"] {
            assert!(!said.contains(rust), "{said}");
        }
    }
}

fn integers_have_bounds_in_their_schemas(servers: &Servers) {
    let mut cursor = None;
    let schema = loop {
        let mut params = json!({});
        if let Some(cursor) = cursor {
            params["cursor"] = cursor;
        }
        let answer = servers.fixture.send(&modern("tools/list", params));
        let result = answer.result();
        let tools = result["tools"].as_array().unwrap();
        if let Some(tool) = tools.iter().find(|tool| tool["name"] == "whole") {
            break tool["inputSchema"].clone();
        }
        cursor = Some(result["nextCursor"].clone());
    };
    let count = &schema["properties"]["count"];
    assert_eq!(
        (&count["minimum"], &count["maximum"]),
        (&json!(0), &json!(u32::MAX))
    );
    let many = &schema["properties"]["many"]["items"];
    assert_eq!(
        (&many["minimum"], &many["maximum"]),
        (&json!(i16::MIN), &json!(i16::MAX))
    );
}

fn an_answer_may_have_whole_numbers_with_a_fraction(servers: &Servers) {
    let request =
        call("ask_carefully", json!({})).capabilities(json!({ "elicitation": { "form": {} } }));
    let asked = servers.fixture.send(&request);
    let state = asked.result()["requestState"].clone();
    let answer = |age: &str| {
        let content = json!({ "email": "a@example.com", "age": "@" });
        let again = request.clone().param("requestState", state.clone()).param(
            "inputResponses",
            json!({ "contact": { "action": "accept", "content": content } }),
        );
        servers.fixture.send(&written(&again, age))
    };
    for age in ["36.0", "36e0", "3.6E1"] {
        assert_eq!(answer(age).text(), "a@example.com, 36", "{age}");
    }
    let refused = answer("18446744073709551616");
    assert_eq!(refused.response()["error"]["code"], -32602);
    let asked = answer("1e300");
    let question = &asked.result()["inputRequests"]["contact"]["params"]["message"];
    assert!(question.as_str().unwrap().contains("64 bits"), "{question}");
}

fn read(uri: &str) -> Request {
    modern("resources/read", json!({ "uri": uri }))
}

fn count_to(arguments: Value) -> Request {
    modern(
        "prompts/get",
        json!({ "name": "count", "arguments": arguments }),
    )
}

fn texts_become_the_types_of_their_fields(servers: &Servers) {
    for (number, expected) in [
        ("7", "7"),
        ("7.0", "7"),
        ("7e0", "7"),
        ("18446744073709551615", "18446744073709551615"),
    ] {
        let answer = servers
            .fixture
            .send(&read(&format!("fixture://z%C3%A4hler/{number}")));
        assert_eq!(
            answer.result()["contents"][0]["text"],
            format!("counter {expected}")
        );
    }
    let answer = servers
        .fixture
        .send(&count_to(json!({ "to": "1E1", "loudly": "true" })));
    let said = &answer.result()["messages"][0]["content"]["text"];
    assert_eq!(said, "Count to 10, loudly: Some(true).");
}

fn texts_that_are_no_such_value_are_invalid(servers: &Servers) {
    for (request, expected) in [
        (
            count_to(json!({ "to": "256" })),
            "`to`: expected an integer of at least 0 and of at most 255",
        ),
        (
            count_to(json!({ "to": "ten" })),
            "`to`: expected an integer of at least 0 and of at most 255",
        ),
        (
            count_to(json!({ "to": "1", "loudly": "yes" })),
            "`loudly`: expected a boolean",
        ),
        (count_to(json!({ "to": 1 })), "`to` must be a string"),
        (
            count_to(json!({ "to": "18446744073709551617" })),
            "`to`: an integer that 64 bits cannot hold",
        ),
        (
            read("fixture://z%C3%A4hler/seven"),
            "`number`: expected an integer",
        ),
        (
            read("fixture://z%C3%A4hler/18446744073709551616"),
            "64 bits",
        ),
        (
            read("fixture://z%C3%A4hler/-1"),
            "`number`: expected an integer of at least 0",
        ),
    ] {
        let answer = servers.fixture.send(&request);
        let error = &answer.response()["error"];
        assert_eq!(error["code"], -32602);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
    }
}

const FAILED: &str = "The tool failed; the server's log says why.";

fn numbers_that_json_does_not_have_tell_only_the_log(servers: &Servers) {
    for what in ["nan", "infinity"] {
        let client = format!("measures-{what}");
        let arguments = json!({ "name": "measure", "arguments": { "what": what } });
        for request in [
            call("measure", json!({ "what": what })).client(&client),
            legacy("2025-03-26", "tools/call", arguments),
        ] {
            let answer = servers.fixture.send(&request);
            assert_eq!(answer.status, 200);
            assert_eq!(answer.tool_error(), FAILED);
            assert!(answer.result()["structuredContent"].is_null());
        }
        let event = servers.events.of_client(&client);
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains("`/rates/1`"), "{detail}");
    }
    let answer = servers
        .fixture
        .send(&call("measure", json!({ "what": "finite" })));
    assert_eq!(
        answer.result()["structuredContent"],
        json!({ "rates": [1.0, 1.5] })
    );
}

fn the_same_holds_for_steps_resources_and_prompts(servers: &Servers) {
    for (name, pointer) in [
        ("measure_in_step", "`/rates/1`"),
        ("hint", "`/content/0/annotations/priority`"),
    ] {
        let client = format!("measures-with-{name}");
        let request = call(name, json!({ "what": "nan" })).client(&client);
        assert_eq!(servers.fixture.send(&request).tool_error(), FAILED);
        let event = servers.events.of_client(&client);
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains(pointer), "{detail}");
        let good = servers
            .fixture
            .send(&call(name, json!({ "what": "finite" })));
        assert!(good.result()["isError"].is_null(), "{name}");
    }
    for (request, client, pointer) in [
        (read("fixture://rates"), "reads-rates", "`/rates/0`"),
        (
            modern(
                "prompts/get",
                json!({ "name": "hinted", "arguments": { "what": "nan" } }),
            ),
            "gets-hints",
            "`/messages/0/content/annotations/priority`",
        ),
    ] {
        let answer = servers.fixture.send(&request.client(client));
        assert_eq!(answer.response()["error"]["code"], -32603);
        let event = servers.events.of_client(client);
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains(pointer), "{detail}");
    }
}

fn output_out_of_range_tells_only_the_log(servers: &Servers) {
    let answer = servers.fixture.send(&call("trip", json!({ "days": 14 })));
    assert_eq!(answer.result()["structuredContent"], json!({ "days": 14 }));
    let request = call("trip", json!({ "days": 15 })).client("travels-too-long");
    assert_eq!(servers.fixture.send(&request).tool_error(), FAILED);
    let event = servers.events.of_client("travels-too-long");
    let detail = event["detail"].as_str().unwrap();
    assert!(
        detail.contains(
            "`days`: expected an integer of at least 1 and of at most 14, found an integer of 2 characters"
        ),
        "{detail}"
    );
}

fn a_form_that_forbids_its_own_default_is_not_asked(servers: &Servers) {
    let request = call("ask_impossible", json!({}))
        .capabilities(json!({ "elicitation": { "form": {} } }))
        .client("asks-impossible");
    assert_eq!(servers.fixture.send(&request).tool_error(), FAILED);
    let event = servers.events.of_client("asks-impossible");
    let detail = event["detail"].as_str().unwrap();
    assert!(
        detail.contains("`days` does not allow its default"),
        "{detail}"
    );
}

fn a_uri_is_the_same_in_any_encoding(servers: &Servers) {
    for uri in [
        "fixture://Stra%C3%9Fe/a%20b",
        "fixture://Stra%c3%9fe/a%20b",
        "fixture://%53tra%C3%9Fe/%61%20b",
    ] {
        let answer = servers.fixture.send(&read(uri));
        let contents = &answer.result()["contents"][0];
        assert_eq!(contents["text"], "the street", "{uri}");
        assert_eq!(contents["uri"], "fixture://Stra%C3%9Fe/a%20b", "{uri}");
    }
    let client = "reads-a-street";
    servers
        .fixture
        .send(&read("fixture://%53tra%C3%9Fe/a%20b").client(client));
    let event = servers.events.of_client(client);
    assert_eq!(event["name"], "fixture://Stra%C3%9Fe/a%20b");
    let answer = servers.fixture.send(&read("fixture://%7a%C3%A4hler/7"));
    assert_eq!(answer.result()["contents"][0]["text"], "counter 7");
}

fn encoding_does_not_make_two_resources_one(servers: &Servers) {
    for uri in [
        "fixture://Stra%C3%9Fe%2Fa%20b",
        "fixture://Stra%C3%9Fe/a+b",
        "fixture://STRA%C3%9FE/a%20b",
        "fixture://Stra%C3%9Fe/a%2520b",
        "fixture://Stra%C3%9Fe/a%20b%",
        "fixture://Stra%C3%9Fe/a%2",
    ] {
        let answer = servers.fixture.send(&read(uri));
        assert_eq!(
            answer.response()["error"]["data"],
            json!({ "uri": uri }),
            "{uri}"
        );
    }
}

fn a_template_is_completed_in_any_encoding(servers: &Servers) {
    for template in [
        "fixture://zähler/{number}",
        "fixture://z%C3%A4hler/{number}",
    ] {
        let request = modern(
            "completion/complete",
            json!({
                "ref": { "type": "ref/resource", "uri": template },
                "argument": { "name": "number", "value": "1" },
            }),
        );
        let answer = servers.fixture.send(&request);
        assert_eq!(
            answer.result()["completion"]["values"],
            json!(["10"]),
            "{template}"
        );
    }
}
