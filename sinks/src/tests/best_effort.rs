//! Events that leave after the response: what arrives, when, and what is told of the rest.

use std::time::Duration;

use mcp_edge_runtime::config::Sink;

use super::desk::{
    Desk, SIEM, assert_accounted_for, assert_seals_hold, of_kind, sequence, sequences,
};
use crate::testing::world::{Reply, World};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn events_leave_together_after_the_response() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    for _ in 0..3 {
        assert_eq!(desk.call("look")[0]["result"]["content"][0]["text"], "seen");
    }
    assert_eq!(world.requests(), 0);
    world.host.run_after_response();
    assert_eq!(world.requests(), 1);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1, 2]);
    let sealed: Vec<_> = events
        .iter()
        .map(|event| !event["seal"].is_null())
        .collect();
    assert_eq!(sealed, [false, false, true]);
    assert_seals_hold(&events);
}

#[test]
fn a_sink_that_was_down_gets_everything_in_order() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, SIEM);
    desk.call_and_settle("look", 2);
    assert_eq!(world.requests(), 4, "once, and three times again");
    assert!(world.received().is_empty());
    world.always(Reply::Accept);
    world.host.advance(2 * SECOND);
    desk.call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
}

#[test]
fn pauses_grow_and_are_random() {
    let world = World::new();
    world.always(Reply::Say(500, &[], ""));
    Desk::open(&world, SIEM).call_and_settle("look", 1);
    let pauses = world.pauses();
    assert_eq!(pauses.len(), 3);
    for (pause, longest) in pauses.iter().zip([250, 500, 1000]) {
        let longest = Duration::from_millis(longest);
        assert!((longest / 2..=longest).contains(pause), "{pause:?}");
    }
}

#[test]
fn a_sink_that_does_not_answer_is_asked_again_after_its_timeout() {
    let world = World::new();
    world.script([Reply::Silent]);
    Desk::open(&world, SIEM).call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0]);
    assert!(world.pauses()[0] >= SIEM.timeout);
}

#[test]
fn a_sinks_retry_after_is_honoured() {
    let world = World::new();
    world.script([Reply::Say(429, &[("retry-after", "7")], "")]);
    Desk::open(&world, SIEM).call_and_settle("look", 1);
    assert_eq!(world.pauses(), [7 * SECOND]);
    assert_eq!(sequences(&world.received()), [0]);
}

#[test]
fn a_retry_after_of_hours_is_capped_at_a_minute() {
    let world = World::new();
    world.always(Reply::Say(429, &[("retry-after", "7200")], ""));
    let desk = Desk::open(&world, SIEM);
    desk.call_and_settle("look", 1);
    world.host.advance(50 * SECOND);
    desk.call_and_settle("look", 1);
    assert_eq!(world.requests(), 1);
    world.host.advance(10 * SECOND);
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
}

#[test]
fn the_rest_of_a_batch_is_retried_and_rejected_events_are_reported() {
    let world = World::new();
    world.script([Reply::Take(
        &[0, 3],
        200,
        r#"{"errors":true,"items":[
            {"create":{"status":201}},
            {"create":{"status":400,"error":{"type":"document_parsing_exception"}}},
            {"create":{"status":503}},
            {"create":{"status":201}}]}"#,
    )]);
    Desk::open(&world, SIEM).call_and_settle("look", 4);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 3, 2, 4]);
    let told = of_kind(&events, "mcp.loss");
    assert_eq!(told[0]["delivery"]["events"], 1);
    assert_eq!(
        told[0]["delivery"]["sequences"],
        serde_json::json!([[1, 1]])
    );
    assert_eq!(told[0]["delivery"]["sink"], "siem");
    assert_eq!(
        told[0]["detail"],
        "siem.example: it answered 400 (document_parsing_exception) for an event"
    );
    assert!(
        !events[2]["seal"].is_null(),
        "what goes again is sealed again"
    );
    assert_seals_hold(&events);
    assert_accounted_for(&events);
}

#[test]
fn each_part_of_a_batch_with_gaps_is_sealed_and_so_is_each_report_of_them() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(
        &world,
        Sink {
            buffer_events: 4,
            ..SIEM
        },
    );
    for _ in 0..2 {
        // More than there is room for, in front of the report and behind it.
        desk.call_and_settle("look", 6);
        world.host.advance(60 * SECOND);
    }
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    let events = world.received();
    assert!(of_kind(&events, "mcp.loss").len() > 1);
    let received = sequences(&events);
    assert!(received.windows(2).any(|pair| pair[1] > pair[0] + 1));
    for event in &events {
        let is_followed = received.contains(&(sequence(event) + 1));
        let is_report = event["event"] == "mcp.loss";
        assert!(
            event["seal"].is_object() || (is_followed && !is_report),
            "{event}"
        );
    }
    assert_seals_hold(&events);
    assert_accounted_for(&events);
}

#[test]
fn when_the_connection_breaks_after_all_arrived_a_repetition_has_the_same_ids() {
    let world = World::new();
    world.script([Reply::AcceptAndBreak]);
    Desk::open(&world, SIEM).call_and_settle("look", 2);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1, 0, 1]);
    assert_eq!(events[0]["id"], events[2]["id"]);
    assert_eq!(events[1]["hash"], events[3]["hash"]);
    assert_seals_hold(&events);
}

#[test]
fn events_that_overflow_the_buffer_are_counted_exactly() {
    for buffer in [1, 2, 3, 5] {
        let world = World::new();
        world.always(Reply::Unreachable);
        let desk = Desk::open(
            &world,
            Sink {
                buffer_events: buffer,
                batch_events: 2,
                ..SIEM
            },
        );
        for _ in 0..3 {
            desk.call_and_settle("look", 7);
            world.host.advance(10 * SECOND);
        }
        assert!(world.received().is_empty());
        assert_ne!(world.logged("the sink `siem` loses events"), 0);
        world.always(Reply::Accept);
        for _ in 0..3 {
            desk.call_and_settle("look", 1);
            world.host.advance(10 * SECOND);
        }
        let events = world.received();
        assert!(!of_kind(&events, "mcp.loss").is_empty());
        assert_accounted_for(&events);
        assert_seals_hold(&events);
    }
}

#[test]
fn a_late_event_is_reported() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, SIEM);
    desk.call_and_settle("look", 2);
    world.host.advance(5 * 60 * SECOND);
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1, 2, 3]);
    let late = of_kind(&events, "mcp.late");
    assert_eq!(late.len(), 1);
    assert_eq!(late[0]["delivery"]["events"], 2);
    assert_eq!(
        late[0]["delivery"]["sequences"],
        serde_json::json!([[0, 1]])
    );
    assert_eq!(late[0]["delivery"]["oldest"], events[0]["time"]);
}

#[test]
fn a_request_that_took_long_is_not_late() {
    let world = World::new();
    Desk::open(&world, SIEM).call_and_settle("sleep", 1);
    assert_eq!(sequences(&world.received()), [0]);
}

#[test]
fn a_flush_that_the_host_ends_loses_nothing() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    world.host.advance(2 * SECOND);
    assert_eq!(world.requests(), 1);
    world.host.drop_work();
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0, 1]);
}

#[test]
fn an_abandoned_flush_loses_nothing_after_its_lease_expires() {
    let world = World::new();
    world.always(Reply::Silent);
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    world.host.advance(2 * SECOND);
    world.host.forget_work();
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    assert!(world.received().is_empty(), "it might still be alive");
    world.host.advance(30 * SECOND);
    desk.call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
}

#[test]
fn a_flush_ends_in_the_time_that_workers_give() {
    let world = World::new();
    world.always(Reply::Silent);
    let began = world.host.now();
    let sink = Sink {
        linger: 4 * SECOND,
        timeout: 20 * SECOND,
        retries: 10,
        ..SIEM
    };
    Desk::open(&world, sink).call_and_settle("look", 1);
    assert!(world.host.is_idle());
    assert!(world.host.now().since(began) <= 25 * SECOND);
}

#[test]
fn a_running_process_retries_without_another_request() {
    let world = World::new();
    world.host.set_works_on(true);
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    world.host.advance(60 * SECOND);
    assert!(world.received().is_empty());
    world.always(Reply::Accept);
    world.host.advance(60 * SECOND);
    assert_eq!(sequences(&world.received()), [0]);
    assert!(world.host.is_idle());
}

#[test]
fn retries_of_an_unavailable_sink_back_off() {
    let world = World::new();
    world.host.set_works_on(true);
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, Sink { retries: 0, ..SIEM });
    desk.call("look");
    world.host.advance(60 * 60 * SECOND);
    let pauses = world.pauses();
    assert_eq!(
        pauses[0],
        2 * SECOND,
        "a rest, and the time to wait for more"
    );
    assert!(pauses.is_sorted());
    assert_eq!(pauses[pauses.len() - 1], 61 * SECOND);
    world.always(Reply::Accept);
    world.host.advance(62 * SECOND);
    assert_eq!(sequences(&world.received()), [0, 1], "and that it was late");
}

#[test]
fn a_flush_without_time_for_everything_leaves_the_rest_for_the_next() {
    let world = World::new();
    let slow = [Reply::Say(503, &[("retry-after", "7")], ""), Reply::Accept];
    world.script(slow.iter().cycle().take(20).cloned());
    let sink = Sink {
        batch_events: 1,
        ..SIEM
    };
    let desk = Desk::open(&world, sink);
    desk.call_and_settle("look", 6);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
    assert_eq!(world.logged("does not take events"), 0);
    desk.call_and_settle("look", 1);
    assert_eq!(sequences(&world.received()), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn an_event_beyond_the_bytes_of_a_batch_goes_alone() {
    let world = World::new();
    let sink = Sink {
        batch_bytes: 10,
        ..SIEM
    };
    Desk::open(&world, sink).call_and_settle("look", 3);
    assert_eq!(world.requests(), 3);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
}

#[test]
fn what_is_too_large_together_goes_in_parts() {
    let world = World::new();
    world.script([Reply::Say(413, &[], "")]);
    Desk::open(&world, SIEM).call_and_settle("look", 4);
    assert_eq!(world.requests(), 3);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1, 2, 3]);
    assert_seals_hold(&events);
}

#[test]
fn an_event_too_large_on_its_own_is_reported() {
    let world = World::new();
    world.script([Reply::Say(413, &[], ""), Reply::Say(413, &[], "")]);
    Desk::open(&world, SIEM).call_and_settle("look", 2);
    let events = world.received();
    assert_eq!(sequences(&events), [1, 2]);
    assert_accounted_for(&events);
}

#[test]
fn a_sink_that_refuses_everything_is_reported_a_limited_number_of_times() {
    let world = World::new();
    world.always(Reply::Say(400, &[], ""));
    let desk = Desk::open(&world, SIEM);
    desk.call_and_settle("look", 3);
    assert_eq!(world.requests(), 2, "the events, and what is told of them");
    world.always(Reply::Accept);
    desk.call_and_settle("look", 1);
    assert_accounted_for(&world.received());
}
