//! What a call makes of the upstream, and of its answer.

use mcp_edge_tests::gateway::{Deployed, Hosting};
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use serde_json::{Value, json};

use crate::api::{SECRET, shared};
use crate::requests::is_of_host;

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    let tests = tests![
        lists_the_allowed_operations_and_no_other,
        the_request_has_what_the_operation_declares_and_nothing_else,
        a_body_has_the_wire_names_of_its_members,
        forms_are_encoded,
        files_are_parts_of_a_multipart_body,
        json_is_structured_and_text,
        images_and_files_are_content,
        arrays_are_cut_with_a_note,
        an_empty_response_is_a_result,
        a_response_that_differs_from_its_document_is_not_withheld,
        a_second_call_reads_nothing_wrong,
    ];
    // They look at the last request of the upstream that all share.
    tests.into_iter().map(Test::alone).collect()
}

/// The request of a call, and its result.
#[track_caller]
fn observe(shared: &Deployed, tool: &str, arguments: Value) -> (Received, Value) {
    let mark = format!("{tool} {arguments}");
    let before = shared.upstream.received().len();
    let result = shared.gateway.call(tool, arguments, None);
    let received = shared.upstream.received();
    // Other tests call the upstream meanwhile.
    let own = received.into_iter().skip(before).last();
    (
        own.unwrap_or_else(|| panic!("no request of {mark}")),
        result,
    )
}

fn lists_the_allowed_operations_and_no_other(hosting: &Hosting) {
    let tools = shared(hosting).gateway.tools(None);
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    for name in ["getThing", "putThing", "find", "list_ids"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for name in ["reset", "soap", "post_admin_reset"] {
        assert!(!names.contains(&name), "{names:?}");
    }
    let find = tools.iter().find(|tool| tool["name"] == "find").unwrap();
    assert_eq!(find["description"], "Finds things.");
    assert_eq!(find["annotations"]["readOnlyHint"], true);
    let input = &find["inputSchema"];
    assert_eq!(input["required"], json!(["query"]));
    assert_eq!(input["additionalProperties"], false);
    assert!(input["properties"].get("format").is_none(), "{input}");
}

fn the_request_has_what_the_operation_declares_and_nothing_else(hosting: &Hosting) {
    let shared = shared(hosting);
    let arguments = json!({
        "id": "a b;c",
        "tags": ["x", "y,z"],
        "filter": { "a": "1&2", "b": 3 },
        "X-Trace-Note": "seen",
        "view": "wide",
        "page.size": 5,
    });
    let (request, _) = observe(shared, "getThing", arguments);
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.target,
        "/base/things/a%20b%3Bc?tags=x,y%2Cz&filter%5Ba%5D=1%262&filter%5Bb%5D=3&page%5Bsize%5D=5"
    );
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, value)| !is_of_host(hosting.host, name, value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    assert_eq!(
        headers,
        [
            "accept: application/json",
            "cookie: view=wide",
            &format!("x-api-key: {SECRET}"),
            "x-trace-note: seen",
        ]
    );
    assert_eq!(request.body, "");
}

fn a_body_has_the_wire_names_of_its_members(hosting: &Hosting) {
    let arguments = json!({ "id_path": "7", "id": "inner", "name": "n", "size": 1.50 });
    let (request, _) = observe(shared(hosting), "putThing", arguments);
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("PUT", "/base/things/7")
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, json!({ "id": "inner", "name": "n", "size": 1.5 }));
}

fn forms_are_encoded(hosting: &Hosting) {
    let (request, _) = observe(
        shared(hosting),
        "sendForm",
        json!({ "a": "ä &=", "b": ["1", "2"] }),
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(request.body, "a=%C3%A4%20%26%3D&b=1&b=2");
}

fn files_are_parts_of_a_multipart_body(hosting: &Hosting) {
    let (request, _) = observe(
        shared(hosting),
        "upload",
        json!({ "note": "hello", "file": "aGkgdGhlcmU=" }),
    );
    let media_type = request.header("content-type").unwrap();
    let boundary = media_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let parts: Vec<_> = request.body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "{}", request.body);
    assert!(request.body.contains("hi there"), "{}", request.body);
    assert!(
        request
            .body
            .contains("Content-Disposition: form-data; name=\"note\"")
    );
    assert!(request.body.contains("filename="), "{}", request.body);
}

fn json_is_structured_and_text(hosting: &Hosting) {
    let (_, result) = observe(shared(hosting), "getThing", json!({ "id": "1" }));
    let expected = json!({ "method": "GET", "path": "/base/things/1" });
    assert_eq!(result["structuredContent"], expected);
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, expected);
    assert!(result.get("isError").is_none(), "{result}");
}

fn images_and_files_are_content(hosting: &Hosting) {
    let gateway = &shared(hosting).gateway;
    let image = gateway.call("image", json!({}), None);
    assert_eq!(
        image["content"][0],
        json!({ "type": "image", "mimeType": "image/png", "data": "iVBORw==" })
    );
    let file = gateway.call("file", json!({}), None);
    let resource = &file["content"][0]["resource"];
    assert_eq!(resource["mimeType"], "application/octet-stream");
    assert_eq!(resource["blob"], "AAEC/w==");
    let text = gateway.call("text", json!({}), None);
    assert_eq!(text["content"][0]["text"], "Grüße");
}

fn arrays_are_cut_with_a_note(hosting: &Hosting) {
    let result = shared(hosting).gateway.call("list_ids", json!({}), None);
    let texts: Vec<_> = result["content"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|content| content["text"].as_str())
        .collect();
    let all = texts.join("\n");
    assert!(
        all.contains("\"id\":1") && all.contains("\"id\":2"),
        "{all}"
    );
    assert!(!all.contains("\"id\":3"), "{all}");
    assert!(all.contains("after"), "{all}");
}

fn an_empty_response_is_a_result(hosting: &Hosting) {
    for (tool, arguments) in [
        ("nothing", json!({})),
        ("deleteThing", json!({ "id": "1" })),
    ] {
        let result = shared(hosting).gateway.call(tool, arguments, None);
        assert!(result.get("isError").is_none(), "{result}");
        assert!(
            !result["content"].as_array().unwrap().is_empty(),
            "{result}"
        );
    }
}

fn a_response_that_differs_from_its_document_is_not_withheld(hosting: &Hosting) {
    let shared = shared(hosting);
    let result = shared.gateway.call("wrong", json!({}), None);
    assert!(result.get("structuredContent").is_none(), "{result}");
    // Clients drop a result without structured content of a tool that declares some, unless it is an error.
    assert_eq!(result["isError"], true, "{result}");
    let note = result["content"][0]["text"].as_str().unwrap();
    assert!(note.contains("The call succeeded"), "{note}");
    let text = result["content"][1]["text"].as_str().unwrap();
    assert!(text.contains("not a number"), "{text}");
    let event = shared.gateway.events.of_tool("wrong", |_| true);
    let detail = event["detail"].as_str().unwrap();
    assert!(detail.contains("differs from its document"), "{detail}");
}

/// An operation comes from the memory of the instance the second time.
fn a_second_call_reads_nothing_wrong(hosting: &Hosting) {
    let shared = shared(hosting);
    for id in ["1", "2", "1"] {
        let (request, result) = observe(shared, "getThing", json!({ "id": id }));
        assert_eq!(request.target, format!("/base/things/{id}"));
        assert_eq!(
            result["structuredContent"]["path"],
            format!("/base/things/{id}")
        );
    }
}
