//! Requests that wait for a sink: no answer without its event, and nothing destroyed without an intent.

use std::time::Duration;

use futures_util::future::select;
use mcp_edge_runtime::config::{DeliveryMode, Sink};
use serde_json::{Value, json};

use super::desk::{
    Desk, SIEM, assert_accounted_for, assert_seals_hold, batch, call, of_kind, sequences,
};
use crate::testing::world::{Reply, World};

const SECOND: Duration = Duration::from_secs(1);

const REQUIRED: Sink = Sink {
    delivery: DeliveryMode::Required,
    ..SIEM
};

fn reason(answer: &[Value]) -> &Value {
    &answer[answer.len() - 1]["error"]["data"]
}

fn withheld() -> Value {
    json!({ "reason": "result_withheld" })
}

#[test]
fn the_answer_waits_until_the_sink_has_the_event() {
    let world = World::new();
    let desk = Desk::open(&world, REQUIRED);
    assert_eq!(desk.call("look")[0]["result"]["content"][0]["text"], "seen");
    assert_eq!(sequences(&world.received()), [0]);
    assert_seals_hold(&world.received());
    world.host.run_after_response();
    assert_eq!(world.requests(), 1, "nothing is left to do");
}

#[test]
fn an_answer_whose_event_no_sink_has_is_withheld_and_logged() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, REQUIRED);
    let answer = desk.call("look");
    assert_eq!(reason(&answer), &withheld());
    assert!(answer[0].get("result").is_none());
    world.host.run_after_response();
    world.host.advance(2 * SECOND);
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    let events = world.received();
    let mut arrived = sequences(&events);
    arrived.sort_unstable();
    assert_eq!(arrived, [0, 1, 2], "it goes on as if it were not required");
    let told = of_kind(&events, "mcp.withheld");
    let first = events.iter().find(|event| event["chain"]["sequence"] == 0);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["request_id"], first.unwrap()["id"]);
    assert_eq!(
        told[0]["detail"],
        "the sink `siem` did not take the event: https://siem.example: the request failed: the connection broke"
    );
}

#[test]
fn a_caller_waits_no_longer_than_the_timeout() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(&world, REQUIRED);
    let answer = desk.answer(call("look"));
    let (waited, message) = answer.last().unwrap();
    assert_eq!(message["error"]["data"], withheld());
    assert_eq!(*waited, REQUIRED.timeout);
}

#[test]
fn a_sink_that_fails_once_is_asked_again_while_the_caller_waits() {
    for trouble in [
        Reply::Say(500, &[], ""),
        Reply::Say(429, &[("retry-after", "2")], ""),
        Reply::AcceptAndBreak,
    ] {
        let world = World::new();
        world.script([trouble]);
        let desk = Desk::open(&world, REQUIRED);
        let answer = desk.call("look");
        assert!(answer[answer.len() - 1].get("result").is_some());
        assert_eq!(world.requests(), 2);
    }
}

#[test]
fn no_request_waits_beyond_its_deadline_for_a_sink() {
    let world = World::new();
    world.always(Reply::Say(429, &[("retry-after", "3600")], ""));
    let desk = Desk::open(&world, REQUIRED);
    let answer = desk.answer(call("look"));
    assert_eq!(answer[0].0, Duration::ZERO);
    assert_eq!(answer[0].1["error"]["data"], withheld());
}

#[test]
fn an_event_the_sink_cannot_accept_is_dropped_and_reported() {
    let world = World::new();
    world.script([Reply::Say(400, &[], "")]);
    let desk = Desk::open(&world, REQUIRED);
    assert_eq!(reason(&desk.call("look")), &withheld());
    world.host.run_after_response();
    let events = world.received();
    assert_eq!(of_kind(&events, "mcp.withheld").len(), 1);
    assert_accounted_for(&events);
}

#[test]
fn a_destructive_tool_runs_only_once_its_intent_is_on_record() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, REQUIRED);
    let refused = desk.call("pay");
    assert_eq!(reason(&refused), &json!({ "reason": "audit_unavailable" }));
    assert_eq!(desk.paid.get(), 0);
    world.host.run_after_response();
    world.host.advance(2 * SECOND);
    world.always(Reply::Accept);
    let paid = desk.call("pay");
    assert_eq!(paid[0]["result"]["content"][0]["text"], "paid");
    assert_eq!(desk.paid.get(), 1);
    let before = world.received();
    let [intent, request] = before.as_slice() else {
        panic!("{before:?}");
    };
    assert_eq!(intent["event"], "mcp.intent");
    assert_eq!(intent["outcome"], "intended");
    assert_eq!(request["event"], "mcp.request");
    assert_eq!(request["outcome"], "ok");
    assert_eq!(intent["request_id"], request["id"]);
    world.host.run_after_response();
    let events = world.received();
    assert_accounted_for(&events);
    let outcomes: Vec<_> = of_kind(&events, "mcp.request")
        .into_iter()
        .map(|event| (event["outcome"].clone(), event["reason"].clone()))
        .collect();
    assert!(outcomes.contains(&(json!("failed"), json!("audit_unavailable"))));
    assert!(of_kind(&events, "mcp.withheld").is_empty());
}

#[test]
fn the_response_is_withheld_when_the_sink_fails_during_a_destructive_tool() {
    let world = World::new();
    world.always(Reply::Unreachable);
    world.script(
        [Reply::Accept]
            .into_iter()
            .chain(vec![Reply::Unreachable; 4]),
    );
    let desk = Desk::open(&world, REQUIRED);
    assert_eq!(reason(&desk.call("pay")), &withheld());
    assert_eq!(desk.paid.get(), 1);
    assert_eq!(of_kind(&world.received(), "mcp.intent").len(), 1);
}

#[test]
fn only_the_tools_that_are_named_wait() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(
        &world,
        Sink {
            required_tools: &["pa*"],
            ..SIEM
        },
    );
    assert!(desk.call("look")[0].get("result").is_some());
    assert_eq!(world.requests(), 0);
    assert_eq!(reason(&desk.call("pay"))["reason"], "audit_unavailable");
}

#[test]
fn refusals_stay_refusals() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, REQUIRED);
    let answer = desk.call("nothing");
    assert_eq!(answer[0]["error"]["code"], -32602);
    world.host.run_after_response();
    world.host.advance(2 * SECOND);
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    let events = world.received();
    assert!(of_kind(&events, "mcp.withheld").is_empty());
    assert_accounted_for(&events);
}

#[test]
fn only_the_last_frame_of_a_stream_waits() {
    let world = World::new();
    world.script([Reply::Say(503, &[("retry-after", "3")], "")]);
    let desk = Desk::open(&world, REQUIRED);
    let answer = desk.answer(call("walk"));
    let [(early, progress), (late, end)] = answer.as_slice() else {
        panic!("{answer:?}");
    };
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(*early, Duration::ZERO);
    assert_eq!(end["result"]["content"][0]["text"], "there");
    assert_eq!(*late, 4 * SECOND, "one to walk, three for the sink");
}

#[test]
fn only_the_responses_that_must_wait_are_delayed_in_a_batch() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(
        &world,
        Sink {
            required_tools: &["look"],
            ..SIEM
        },
    );
    let answer = desk.answer(batch(&json!([
        { "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "look" } },
        { "jsonrpc": "2.0", "id": 2, "method": "ping" },
    ])));
    let [(early, pong), (late, refused)] = answer.as_slice() else {
        panic!("{answer:?}");
    };
    assert_eq!(pong["id"], 2);
    assert!(pong.get("result").is_some());
    assert!(*early < REQUIRED.timeout);
    assert_eq!(refused["id"], 1);
    assert_eq!(refused["error"]["data"], withheld());
    assert_eq!(*late, REQUIRED.timeout);
}

#[test]
fn many_refused_messages_of_a_batch_wait_together() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(&world, REQUIRED);
    let nothing = json!({ "jsonrpc": "2.0", "id": 1, "method": "nothing" });
    let answer = desk.answer(batch(&json!(vec![nothing; 5])));
    assert_eq!(answer.len(), 5);
    assert!(answer[4].0 <= REQUIRED.timeout, "{:?}", answer[4].0);
}

#[test]
fn a_disconnect_during_delivery_loses_no_event() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(&world, REQUIRED);
    let host = world.host.shared();
    world.host.run(select(
        Box::pin(desk.answering(call("look"))),
        host.sleep(SECOND),
    ));
    assert_eq!(world.requests(), 1);
    world.always(Reply::Accept);
    world.host.run_after_response();
    assert_eq!(sequences(&world.received()), [0]);
}

#[test]
fn events_of_many_withheld_answers_stay_within_the_buffer() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(
        &world,
        Sink {
            buffer_events: 4,
            ..REQUIRED
        },
    );
    for _ in 0..10 {
        desk.call("look");
    }
    world.host.run_after_response();
    world.host.advance(5 * SECOND);
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    desk.call_and_settle("look", 1);
    assert_accounted_for(&world.received());
    assert!(
        world.received().len() <= 4 + 4,
        "{}",
        world.received().len()
    );
}
