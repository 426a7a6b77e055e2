//! The event that closes the chain of an instance which ends in good order.

use std::rc::Rc;
use std::time::Duration;

use mcp_edge_audit::Event;
use mcp_edge_runtime::config::{DeliveryMode, Protocol, Sink};
use serde_json::{Value, json};

use super::desk::{Desk, SIEM, assert_accounted_for, assert_seals_hold, of_kind, sequences};
use crate::testing::world::{Reply, World};

const WITHIN: Duration = Duration::from_secs(30);

fn finish(desk: &Desk, world: &Rc<World>) {
    world
        .host
        .run(desk.runtime.finish(WITHIN, world.host.shared()));
}

fn chain(event: &Value) -> &str {
    event["chain"]["id"].as_str().unwrap()
}

#[test]
fn the_last_event_of_a_chain_closes_it_and_is_sealed() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    desk.call("look");
    finish(&desk, &world);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1, 2]);
    let closing = &events[2];
    assert_eq!(closing["event"], "mcp.end");
    assert_eq!(closing["outcome"], "ok");
    assert_eq!(closing["chain"]["previous"], events[1]["hash"]);
    assert_eq!(closing["server"], "com.example/payments");
    assert!(closing["seal"].is_object(), "{closing}");
    assert_seals_hold(&events);
}

#[test]
fn a_loss_is_told_before_the_end() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    world.script([Reply::Say(400, &[], "")]);
    finish(&desk, &world);
    let events = world.received();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(kinds, ["mcp.loss", "mcp.end"]);
    assert_accounted_for(&events);
}

/// Told to stop right after a call whose event the outbox has.
#[test]
fn the_end_follows_what_is_in_the_outbox() {
    let world = World::new();
    let kept = Sink {
        delivery: DeliveryMode::Required,
        outbox: true,
        ..SIEM
    };
    let desk = Desk::open(&world, kept);
    desk.call("look");
    assert!(world.received().is_empty());
    finish(&desk, &world);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 1]);
    assert_eq!(events[1]["event"], "mcp.end");
    assert_eq!(world.host.outbox_parcels().len(), 0);
    assert_seals_hold(&events);
}

/// There is no time for all that waits, and there is for what explains the gap.
#[test]
fn losses_are_told_to_a_receiver_that_is_too_slow_for_everything_else() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let sink = Sink {
        buffer_events: 6,
        batch_events: 1,
        ..SIEM
    };
    let desk = Desk::open(&world, sink);
    desk.call_and_settle("look", 9);
    world.always(Reply::Accept);
    world.host.set_latency(Duration::from_millis(4_500));
    finish(&desk, &world);
    let events = world.received();
    assert!(events.len() < 7, "{events:?}");
    assert!(of_kind(&events, "mcp.request").len() > 1);
    assert_accounted_for(&events);
}

/// A sink that takes some events only has the end of all.
#[test]
fn every_sink_gets_the_end() {
    let world = World::new();
    let desk = Desk::open(
        &world,
        Sink {
            tools: &["pay"],
            delivery: DeliveryMode::Required,
            ..SIEM
        },
    );
    desk.call("look");
    finish(&desk, &world);
    assert_eq!(of_kind(&world.received(), "mcp.end").len(), 1);
}

#[test]
fn an_instance_without_events_has_no_chain_to_close() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    world
        .host
        .run(desk.runtime.start(&world.host.shared()))
        .unwrap();
    finish(&desk, &world);
    assert_eq!(world.requests(), 0);
}

/// A handler may still be at work when the time for its connection is over.
#[test]
fn nothing_follows_the_end_in_its_chain() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    desk.call("look");
    finish(&desk, &world);
    desk.call("look");
    world.script([Reply::Say(400, &[], "")]);
    finish(&desk, &world);
    let events = world.received();
    let (closed, later) = events.split_at(2);
    assert_eq!(closed[1]["event"], "mcp.end");
    let hash = closed[1]["hash"].as_str().unwrap();
    for event in later {
        assert!(hash.starts_with(chain(event)), "it follows from the end");
        assert_ne!(chain(event), chain(&closed[0]));
    }
    assert_eq!(sequences(later), [1, 2]);
    assert_eq!(later[0]["event"], "mcp.loss");
    assert_eq!(later[0]["delivery"].get("chain"), None, "it is its own");
    assert_eq!(later[0]["delivery"]["sequences"], json!([[0, 0]]));
    assert_eq!(later[1]["event"], "mcp.end");
    assert_seals_hold(&events);
}

/// What a process leaves for later is dropped when its time is over.
#[test]
fn the_log_has_what_ends_after_the_end() {
    let world = World::new();
    world.host.set_works_on(true);
    let desk = Desk::open(
        &world,
        Sink {
            protocol: Protocol::LOG,
            ..SIEM
        },
    );
    desk.call("look");
    finish(&desk, &world);
    desk.call("look");
    world.host.drop_work();
    let events = world.host.events();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(kinds, ["mcp.request", "mcp.end", "mcp.request"]);
    assert!(events[2]["seal"].is_object());
    assert_seals_hold(&events);
}

/// The one kind of event without a chain, as it is in the log of the host.
#[test]
fn a_request_before_the_start_is_told_from_every_other() {
    let world = World::new();
    let desk = Desk::open(&world, SIEM);
    world.host.set_variable("EVIDENCE", "");
    desk.call("look");
    let lines = world.host.log_lines();
    let [line] = lines.as_slice() else {
        panic!("one event: {lines:?}");
    };
    let event: Event = serde_json::from_str(line).unwrap();
    assert_eq!(event.chain, None);
    assert!(event.is_before_start(), "{line}");

    world.host.set_variable("EVIDENCE", super::desk::EVIDENCE);
    desk.call_and_settle("look", 1);
    let mut served = world.received().remove(0);
    served["chain"] = json!(null);
    let served: Event = serde_json::from_value(served).unwrap();
    assert!(!served.is_before_start());
}
