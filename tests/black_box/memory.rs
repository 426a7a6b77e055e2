//! Handlers with memory: each rule of `mcp_edge::mrtr`, and what a client may do to a request state.

use std::time::Duration;

use mcp_edge_runtime::token::{Binding, RequestDigest, RequestState};
use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tokens::{self, FIXTURE, LONG_AGO};
use mcp_edge_tests::{Answer, Endpoint, Request, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

const LEVEL: &str = "io.modelcontextprotocol/logLevel";

pub fn tests() -> Vec<Test> {
    let mut tests = tests![
        each_kind_of_question_is_asked_and_answered,
        prompts_and_resources_ask_too,
        questions_are_asked_together,
        questions_left_open_are_asked_again,
        a_name_asked_twice_has_two_keys,
        unrequested_answers_count,
        an_answer_under_another_name_does_not_count,
        an_answer_that_does_not_fit_is_asked_again,
        declining_is_an_answer,
        a_declined_question_is_not_asked_again,
        steps_in_flight_finish_first,
        a_step_is_replayed_and_not_run_again,
        an_old_state_runs_its_steps_again_with_the_same_key,
        each_conversation_has_keys_of_its_own,
        a_full_journal_stops_before_the_next_step,
        a_result_too_long_for_the_journal_ends_the_conversation,
        a_deploy_that_changes_nothing_changes_nothing,
        a_changed_question_is_asked_again,
        a_changed_step_is_a_defined_error,
        only_a_debug_build_reports_a_diverged_replay,
        only_what_a_client_declared_is_asked,
        the_order_of_arguments_does_not_change_the_request,
        a_state_is_not_valid_for_another_method,
        what_the_state_holds_is_sealed,
    ];
    tests.extend(bad_states());
    tests.extend(bad_answers());
    tests
}

fn everything() -> Value {
    json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} })
}

/// A call that hears which steps run.
fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
    .capabilities(everything())
    .meta(LEVEL, json!("info"))
}

fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}

/// The request again, with answers and with the state that came with the questions.
fn again(request: &Request, asked: &Answer, answers: Value) -> Request {
    request
        .clone()
        .param("inputResponses", answers)
        .param("requestState", asked.result()["requestState"].clone())
        .with(|message| message["id"] = json!(message["id"].as_u64().unwrap() + 1))
}

/// Asserts that these keys and no others are asked, and gives the questions.
#[track_caller]
fn asks<'a>(answer: &'a Answer, keys: &[&str]) -> &'a Value {
    let result = answer.result();
    assert_eq!(result["resultType"], "input_required", "{result}");
    let questions = &result["inputRequests"];
    let asked: Vec<&String> = questions.as_object().unwrap().keys().collect();
    assert_eq!(asked, keys);
    assert!(result["requestState"].is_string());
    for hint in ["ttlMs", "cacheScope"] {
        assert!(result.get(hint).is_none(), "questions are not cached");
    }
    questions
}

/// The steps that ran, and were not replayed.
fn steps(answer: &Answer) -> Vec<&str> {
    let logged = answer.notifications("notifications/message");
    logged
        .iter()
        .map(|said| said["data"]["step"].as_str().unwrap())
        .collect()
}

fn each_kind_of_question_is_asked_and_answered(servers: &Servers) {
    for (kind, key, method, reply, text) in [
        (
            "form",
            "name",
            "elicitation/create",
            accept(json!({ "name": "Ada" })),
            "name: Ada",
        ),
        (
            "url",
            "visit",
            "elicitation/create",
            json!({ "action": "accept" }),
            "visited",
        ),
        (
            "sampling",
            "message",
            "sampling/createMessage",
            json!({ "role": "assistant", "content": { "type": "text", "text": "yes" }, "model": "m" }),
            "message: ",
        ),
        (
            "roots",
            "roots",
            "roots/list",
            json!({ "roots": [{ "uri": "file:///a" }] }),
            "file:///a",
        ),
    ] {
        let request = call("ask", json!({ "kind": kind }));
        let asked = servers.fixture.send(&request);
        let questions = asks(&asked, &[key]);
        assert_eq!(questions[key]["method"], method);
        let answer = servers
            .fixture
            .send(&again(&request, &asked, json!({ key: reply })));
        assert!(answer.text().contains(text), "{}", answer.text());
    }
}

fn prompts_and_resources_ask_too(servers: &Servers) {
    for request in [
        modern("resources/read", json!({ "uri": "fixture://asks" })),
        modern("prompts/get", json!({ "name": "asks_first" })),
    ] {
        let request = request.capabilities(everything());
        let asked = servers.fixture.send(&request);
        asks(&asked, &["name"]);
        let answers = json!({ "name": accept(json!({ "name": "Ada" })) });
        let answer = servers.fixture.send(&again(&request, &asked, answers));
        assert_eq!(answer.result()["resultType"], "complete");
        assert!(answer.result().to_string().contains("Ada"));
    }
}

fn questions_are_asked_together(servers: &Servers) {
    let request = call("ask_several", json!({}));
    let asked = servers.fixture.send(&request);
    let questions = asks(&asked, &["age", "city", "name"]);
    assert_eq!(
        questions["age"]["params"]["requestedSchema"]["properties"]["age"]["maximum"],
        150
    );
    let answers = json!({
        "name": accept(json!({ "name": "Ada" })),
        "city": accept(json!({ "city": "Paris" })),
        "age": accept(json!({ "age": 36 })),
    });
    let answer = servers.fixture.send(&again(&request, &asked, answers));
    assert_eq!(answer.text(), "Ada, Paris, 36");
}

fn questions_left_open_are_asked_again(servers: &Servers) {
    let request = call("ask_several", json!({}));
    let mut asked = servers.fixture.send(&request);
    let mut states = vec![asked.result()["requestState"].clone()];
    for (answers, open) in [
        (
            json!({ "city": accept(json!({ "city": "Paris" })) }),
            vec!["age", "name"],
        ),
        (json!({}), vec!["age", "name"]),
        (
            json!({ "name": accept(json!({ "name": "Ada" })) }),
            vec!["age"],
        ),
    ] {
        asked = servers.fixture.send(&again(&request, &asked, answers));
        asks(&asked, &open);
        states.push(asked.result()["requestState"].clone());
    }
    let answers = json!({ "age": accept(json!({ "age": 36 })) });
    let answer = servers.fixture.send(&again(&request, &asked, answers));
    assert_eq!(answer.text(), "Ada, Paris, 36");
    states.dedup();
    assert_eq!(states.len(), 4, "every round has a state of its own");
}

fn a_name_asked_twice_has_two_keys(servers: &Servers) {
    let request = call("ask_twice", json!({}));
    let first = servers.fixture.send(&request);
    asks(&first, &["name"]);
    let answers = json!({ "name": accept(json!({ "name": "Ada" })) });
    let second = servers.fixture.send(&again(&request, &first, answers));
    asks(&second, &["name-2"]);
    let answers = json!({ "name-2": accept(json!({ "name": "Grace" })) });
    let answer = servers.fixture.send(&again(&request, &second, answers));
    assert_eq!(answer.text(), "Ada and Grace");
}

fn unrequested_answers_count(servers: &Servers) {
    let answers = json!({ "name": accept(json!({ "name": "Ada" })), "other": accept(json!({})) });
    let request = call("ask", json!({ "kind": "form" })).param("inputResponses", answers);
    assert_eq!(servers.fixture.send(&request).text(), "name: Ada");
}

fn an_answer_under_another_name_does_not_count(servers: &Servers) {
    let request = call("ask", json!({ "kind": "form" }));
    let asked = servers.fixture.send(&request);
    let answers = json!({ "Name": accept(json!({ "name": "Ada" })) });
    asks(
        &servers.fixture.send(&again(&request, &asked, answers)),
        &["name"],
    );
}

fn an_answer_that_does_not_fit_is_asked_again(servers: &Servers) {
    let request = call("ask_carefully", json!({}));
    let mut asked = servers.fixture.send(&request);
    let question = asks(&asked, &["contact"])["contact"]["params"]["message"].clone();
    for (wrong, remark) in [
        (accept(json!({})), "email"),
        (accept(json!({ "email": "a@example.com", "age": 17 })), "18"),
        (
            accept(json!({ "email": "a@example.com", "age": "36" })),
            "integer",
        ),
        (
            accept(json!({ "email": "not an address", "age": 36 })),
            "email",
        ),
        (json!({ "action": "accept" }), "email"),
        (json!({ "action": "perhaps" }), "action"),
        (json!("a@example.com"), "action"),
        (json!(12345), "action"),
    ] {
        asked = servers
            .fixture
            .send(&again(&request, &asked, json!({ "contact": wrong })));
        let questions = asks(&asked, &["contact"]);
        let message = questions["contact"]["params"]["message"].as_str().unwrap();
        assert!(message.starts_with(question.as_str().unwrap()), "{message}");
        assert!(message.contains(remark), "{wrong}: {message}");
    }
    let answers = json!({ "contact": accept(json!({ "email": "a@example.com", "age": 36 })) });
    let answer = servers.fixture.send(&again(&request, &asked, answers));
    assert_eq!(answer.text(), "a@example.com, 36");
}

fn declining_is_an_answer(servers: &Servers) {
    for (action, word) in [("decline", "declined"), ("cancel", "cancelled")] {
        let request = call("ask", json!({ "kind": "form" }));
        let asked = servers.fixture.send(&request);
        let answers = json!({ "name": { "action": action } });
        let answer = servers.fixture.send(&again(&request, &asked, answers));
        assert!(
            answer.tool_error().contains(word),
            "{}",
            answer.tool_error()
        );
    }
}

fn a_declined_question_is_not_asked_again(servers: &Servers) {
    for (action, word) in [("decline", "declined"), ("cancel", "cancelled")] {
        let request = call("ask_again_after_no", json!({}));
        let first = servers.fixture.send(&request);
        asks(&first, &["first"]);
        let answers = json!({ "first": { "action": action } });
        let second = servers.fixture.send(&again(&request, &first, answers));
        asks(&second, &["second", "third"]);
        let answers =
            json!({ "second": accept(json!({ "name": "Ada" })), "third": { "action": "cancel" } });
        let answer = servers.fixture.send(&again(&request, &second, answers));
        assert_eq!(answer.text(), format!("{word}, Ada, cancelled"));
    }
}

fn steps_in_flight_finish_first(servers: &Servers) {
    let request = call("step_while_asking", json!({ "millis": 300 }));
    let asked = servers.fixture.send(&request);
    asks(&asked, &["name"]);
    assert_eq!(steps(&asked), ["pause"]);
    let answers = json!({ "name": accept(json!({ "name": "Ada" })) });
    let answer = servers.fixture.send(&again(&request, &asked, answers));
    assert!(
        steps(&answer).is_empty(),
        "it had finished before the question went out"
    );
    assert_eq!(answer.text(), "Ada: finished");
}

/// Takes `charge` to its second question.
fn charged(server: &Endpoint) -> (Request, Answer, Answer) {
    let request = call("charge", json!({}));
    let first = server.send(&request);
    asks(&first, &["name"]);
    let answers = json!({ "name": accept(json!({ "name": "Ada" })) });
    let second = server.send(&again(&request, &first, answers));
    asks(&second, &["confirm"]);
    assert_eq!(steps(&second), ["charge"]);
    (request, first, second)
}

fn question(asked: &Answer) -> &Value {
    &asked.result()["inputRequests"]["confirm"]["params"]["message"]
}

fn a_step_is_replayed_and_not_run_again(servers: &Servers) {
    let (request, _, second) = charged(&servers.fixture);
    let answers = json!({ "confirm": accept(json!({ "ok": true })) });
    let last = again(&request, &second, answers);
    // Twice, since nothing remembers that the state has been used.
    for _ in 0..2 {
        let answer = servers.fixture.send(&last);
        assert!(steps(&answer).is_empty());
        let (receipt, ok) = answer.text().split_once(": ").unwrap();
        assert!(question(&second).as_str().unwrap().contains(receipt));
        assert_eq!(ok, "true");
    }
}

fn an_old_state_runs_its_steps_again_with_the_same_key(servers: &Servers) {
    let (request, first, second) = charged(&servers.fixture);
    let answers = json!({ "name": accept(json!({ "name": "Ada" })) });
    let replayed = servers.fixture.send(&again(&request, &first, answers));
    assert_eq!(steps(&replayed), ["charge"]);
    assert_eq!(question(&replayed), question(&second), "the same receipt");
}

fn each_conversation_has_keys_of_its_own(servers: &Servers) {
    let (_, _, one) = charged(&servers.fixture);
    let (_, _, another) = charged(&servers.fixture);
    assert_ne!(question(&one), question(&another));
}

fn a_full_journal_stops_before_the_next_step(servers: &Servers) {
    // The fixture's journal holds 8192 bytes, of which 1024 must be free before a step.
    let answer = servers
        .fixture
        .send(&call("fill", json!({ "steps": 100, "bytes": 900 })));
    assert!(
        answer.tool_error().contains("too long"),
        "{}",
        answer.tool_error()
    );
    let ran = steps(&answer).len();
    assert!((6..=8).contains(&ran), "{ran} steps ran");

    let request = call("fill", json!({ "steps": ran - 1, "bytes": 900 }));
    let asked = servers.fixture.send(&request);
    let answers = json!({ "confirm": accept(json!({ "ok": true })) });
    let answer = servers.fixture.send(&again(&request, &asked, answers));
    assert_eq!(answer.text(), format!("{} steps: true", ran - 1));
    assert!(steps(&answer).is_empty());
}

fn a_result_too_long_for_the_journal_ends_the_conversation(servers: &Servers) {
    let answer = servers
        .fixture
        .send(&call("fill", json!({ "steps": 1, "bytes": 9000 })));
    assert!(
        answer.tool_error().contains("too long"),
        "{}",
        answer.tool_error()
    );
    assert_eq!(steps(&answer), ["fill"]);
}

/// Takes `across_a_deploy` to its second question, and answers that after the deploy.
fn deploy(server: &Endpoint, changes: &str, client: &str) -> (Request, Answer) {
    let before = call("across_a_deploy", json!({ "changes": changes }));
    let first = server.send(&before);
    asks(&first, &["colour"]);
    let answers = json!({ "colour": accept(json!({ "colour": "red" })) });
    let second = server.send(&again(&before, &first, answers));
    asks(&second, &["confirm"]);
    let after = before.client(client);
    let answers = json!({ "confirm": accept(json!({ "ok": true })) });
    let answer = server.send(&again(&after, &second, answers));
    (after, answer)
}

fn a_deploy_that_changes_nothing_changes_nothing(servers: &Servers) {
    let (_, answer) = deploy(&servers.fixture, "nothing", "after-the-deploy");
    assert_eq!(answer.text(), "a bucket of red: true");
}

fn a_changed_question_is_asked_again(servers: &Servers) {
    let (request, asked) = deploy(&servers.fixture, "question", "after-the-deploy");
    let questions = asks(&asked, &["colour"]);
    assert_eq!(
        questions["colour"]["params"]["message"],
        "Which colour do you want now?"
    );
    let answers = json!({ "colour": accept(json!({ "colour": "blue" })) });
    let next = servers.fixture.send(&again(&request, &asked, answers));
    assert!(steps(&next).is_empty(), "the step was done before");
}

fn a_changed_step_is_a_defined_error(servers: &Servers) {
    let (_, answer) = deploy(&servers.fixture, "step", "after-the-deploy");
    assert!(
        answer.tool_error().contains("start again"),
        "{}",
        answer.tool_error()
    );
}

fn only_a_debug_build_reports_a_diverged_replay(servers: &Servers) {
    deploy(&servers.fixture, "question", "after-the-deploy");
    // Whatever else is in the log, this is in it by the time a later request is.
    servers
        .fixture
        .send(&call("echo", json!({})).client("astray"));
    servers.events.of_client("astray");
    let told = servers
        .events
        .text()
        .contains("did not come by `mix` again");
    assert_eq!(told, servers.host == Host::Native);
}

fn only_what_a_client_declared_is_asked(servers: &Servers) {
    for (capabilities, kind, asked) in [
        (json!({ "elicitation": {} }), "form", true),
        (json!({ "elicitation": { "form": {} } }), "form", true),
        (json!({ "elicitation": {} }), "url", false),
        (json!({ "elicitation": { "url": {} } }), "url", true),
        (json!({ "elicitation": { "url": {} } }), "form", false),
        (json!({ "sampling": {} }), "form", false),
        (json!({ "sampling": {} }), "sampling", true),
        (json!({ "roots": {} }), "roots", true),
        (json!({ "roots": {} }), "sampling", false),
    ] {
        let request = call("ask", json!({ "kind": kind })).capabilities(capabilities.clone());
        let answer = servers.fixture.send(&request);
        let status = if asked { 200 } else { 400 };
        assert_eq!(answer.status, status, "{capabilities} {kind}");
    }
}

fn the_order_of_arguments_does_not_change_the_request(servers: &Servers) {
    let request = call("fill", json!({ "steps": 0, "bytes": 1 }));
    let asked = servers.fixture.send(&request);
    let last = again(
        &request,
        &asked,
        json!({ "confirm": accept(json!({ "ok": true })) }),
    );
    let text = last.message().to_string();
    let turned = text.replace(r#"{"bytes":1,"steps":0}"#, r#"{ "steps": 0, "bytes": 1 }"#);
    assert_ne!(text, turned);
    let answer = servers.fixture.send(&last.bytes(turned));
    assert_eq!(answer.text(), "0 steps: true");
}

fn a_state_is_not_valid_for_another_method(servers: &Servers) {
    let request = call("ask", json!({ "kind": "form" }));
    let asked = servers.fixture.send(&request);
    let state = asked.result()["requestState"].clone();
    let other = modern("resources/read", json!({ "uri": "fixture://asks" }))
        .capabilities(everything())
        .param("requestState", state.clone());
    assert_eq!(servers.fixture.send(&other).error().1, -32602);
    let cursor = modern("tools/list", json!({ "cursor": state }));
    assert_eq!(servers.fixture.send(&cursor).error().1, -32602);
}

fn what_the_state_holds_is_sealed(servers: &Servers) {
    let secret = "a word that the client must not read";
    let request = call("across_a_deploy", json!({ "changes": "nothing" }));
    let first = servers.fixture.send(&request);
    let answers = json!({ "colour": accept(json!({ "colour": secret })) });
    let second = servers.fixture.send(&again(&request, &first, answers));
    let state = second.result()["requestState"].as_str().unwrap();
    for segment in state.split('.').take(2) {
        let text = tokens::decoded(segment);
        assert!(!text.contains(secret) && !text.contains("mix"), "{text}");
    }
}

fn bad_states() -> Vec<Test> {
    type Spoil = fn(&str) -> Value;
    let rows: [(&str, Spoil, Option<&str>); 8] = [
        ("altered", |state| json!(tokens::altered(state)), None),
        (
            "with an end",
            |state| json!(format!("{state}-TAMPERED")),
            None,
        ),
        ("truncated", |state| json!(state[..state.len() - 1]), None),
        ("empty", |_| json!(""), Some("malformed")),
        ("a number", |_| json!(7), None),
        (
            "oversized",
            |_| json!("A".repeat(200_000)),
            Some("too_large"),
        ),
        (
            "expired",
            |_| json!(minted("form", LONG_AGO)),
            Some("expired"),
        ),
        (
            "of other arguments",
            |_| json!(minted("url", Duration::ZERO)),
            Some("wrong_request"),
        ),
    ];
    let mut tests: Vec<Test> = rows
        .into_iter()
        .map(|(name, spoil, reason)| {
            Test::new(format!("memory: a state that is {name}"), move |servers| {
                let client = format!("state-{}", name.replace(' ', "-"));
                let request = call("ask", json!({ "kind": "form" })).client(&client);
                let asked = servers
                    .fixture
                    .send(&call("ask", json!({ "kind": "form" })));
                let state = spoil(asked.result()["requestState"].as_str().unwrap());
                let answer = servers.fixture.send(&request.param("requestState", state));
                let (status, code, message) = answer.error();
                assert_eq!((status, code), (200, -32602), "{message}");
                assert!(
                    message.contains("send the request again without it"),
                    "{message}"
                );
                let data = &answer.response()["error"]["data"];
                assert_eq!(data, &json!({ "reason": "invalid_request_state" }));
                let event = servers.events.of_client(&client);
                assert_eq!(event["reason"], "invalid_request_state");
                if let Some(reason) = reason {
                    assert_eq!(event["token_error"], reason);
                }
            })
        })
        .collect();
    tests.push(Test::new(
        "memory: a state that tests mint is one that servers mint",
        |servers| {
            let request = call("ask", json!({ "kind": "form" }))
                .param("requestState", json!(minted("form", Duration::ZERO)))
                .param(
                    "inputResponses",
                    json!({ "name": accept(json!({ "name": "Ada" })) }),
                );
            assert_eq!(servers.fixture.send(&request).text(), "name: Ada");
        },
    ));
    tests
}

/// A state of `ask` with this argument, as the server would have minted it `age` ago.
fn minted(kind: &str, age: Duration) -> String {
    let params = json!({ "name": "ask", "arguments": { "kind": kind } });
    let state = RequestState {
        flow: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        round: 1,
        tool: "0.1.0".to_owned(),
        journal: json!({ "entries": [], "asked": {} }),
    };
    let binding = Binding::anonymous().and_request(RequestDigest::of("tools/call", &params));
    tokens::mint_bound(&state, &binding, FIXTURE, tokens::KEYS, age)
}

fn bad_answers() -> Vec<Test> {
    [("a list", json!([])), ("text", json!("Ada"))]
        .into_iter()
        .map(|(name, answers)| {
            Test::new(format!("memory: answers that are {name}"), move |servers| {
                let request =
                    call("ask", json!({ "kind": "form" })).param("inputResponses", answers);
                let answer = servers.fixture.send(&request);
                let (status, code, message) = answer.error();
                assert_eq!((status, code), (200, -32602));
                assert!(message.contains("`inputResponses`"), "{message}");
            })
        })
        .collect()
}
