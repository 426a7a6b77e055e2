//! Events that wait outside the instance: who hands them over, how often, and with whose seal.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::config::{DeliveryMode, Sink};
use serde_json::Value;

use super::desk::{
    Desk, SIEM, assert_accounted_for, assert_seals_hold, of_kind, sequence, sequences,
};
use crate::testing::world::{Reply, World};

const SECOND: Duration = Duration::from_secs(1);

const KEPT: Sink = Sink {
    outbox: true,
    ..SIEM
};

const KEPT_FIRST: Sink = Sink {
    delivery: DeliveryMode::Required,
    ..KEPT
};

/// A world whose outbox has what one instance left that is no more: so many events of one chain.
fn left_behind(events: usize) -> Rc<World> {
    let world = World::new();
    world.always(Reply::Unreachable);
    Desk::open(&world, KEPT).call_and_settle("look", events);
    assert_eq!(world.host.outbox_parcels().len(), 1);
    world.host.advance(60 * SECOND);
    world.always(Reply::Accept);
    world
}

/// Another instance delivers what is in the outbox once the sink answers again.
#[track_caller]
fn assert_delivers(world: &Rc<World>, events: usize) {
    world.host.advance(60 * SECOND);
    world.always(Reply::Accept);
    Desk::open(world, KEPT).call_and_settle("look", 1);
    assert_eq!(world.received().len(), events);
    assert_seals_hold(&world.received());
}

fn first_parcel(world: &World) -> String {
    let parcels = world.host.outbox_parcels();
    parcels.values().next().unwrap().clone()
}

fn of_chain(events: &[Value], chain: &Value) -> Vec<Value> {
    let of_chain = events.iter().filter(|event| event["chain"]["id"] == *chain);
    of_chain.cloned().collect()
}

fn chains(events: &[Value]) -> BTreeSet<&str> {
    let ids = events.iter().map(|event| event["chain"]["id"].as_str());
    ids.map(Option::unwrap).collect()
}

#[test]
fn an_instances_remaining_events_are_delivered_once_with_its_seal() {
    let world = left_behind(3);
    let parcel = first_parcel(&world);
    let kept: Value = serde_json::from_str(&parcel).unwrap();
    let second = Desk::open(&world, KEPT);
    second.call_and_settle("look", 1);
    second.call_and_settle("look", 1);
    assert_eq!(world.host.outbox_parcels().len(), 0);
    let events = world.received();
    assert_eq!(chains(&events).len(), 2);
    let of_first = of_chain(&events, &kept["events"][0]["chain"]["id"]);
    assert_eq!(sequences(&of_first), [0, 1, 2]);
    assert_eq!(of_first[2], kept["events"][2]);
    assert_seals_hold(&of_first);
}

#[test]
fn rejected_events_of_another_instance_are_reported_in_its_chain() {
    let world = left_behind(3);
    let kept: Value = serde_json::from_str(&first_parcel(&world)).unwrap();
    world.script([Reply::Each(vec![201, 400, 201])]);
    let second = Desk::open(&world, KEPT);
    world
        .host
        .run(second.runtime.resume(world.host.shared()))
        .unwrap();
    world.host.run_after_response();
    let events = world.received();
    let losses = of_kind(&events, "mcp.loss");
    let [loss] = losses.as_slice() else {
        panic!("one report: {losses:?}");
    };
    let first = &kept["events"][0]["chain"]["id"];
    assert_ne!(loss["chain"]["id"], *first);
    assert_eq!(loss["delivery"]["chain"], *first);
    assert_eq!(loss["delivery"]["sequences"], serde_json::json!([[1, 1]]));
    assert_eq!(sequences(&of_chain(&events, first)), [0, 2]);
}

#[test]
fn an_instance_that_starts_delivers_what_was_left_without_a_request() {
    let world = left_behind(2);
    let second = Desk::open(&world, KEPT);
    world
        .host
        .run(second.runtime.resume(world.host.shared()))
        .unwrap();
    world.host.run_after_response();
    assert_eq!(sequences(&world.received()), [0, 1]);
    assert_eq!(world.host.outbox_parcels().len(), 0);
}

#[test]
fn everything_that_waits_is_kept_when_the_sink_is_down() {
    let world = World::new();
    world.always(Reply::Unreachable);
    Desk::open(
        &world,
        Sink {
            batch_events: 2,
            ..KEPT
        },
    )
    .call_and_settle("look", 5);
    assert_eq!(world.requests(), 4, "the others need not try as well");
    assert_eq!(world.host.outbox_parcels().len(), 3);
    assert_delivers(&world, 6);
}

#[test]
fn parcels_are_no_longer_than_the_outbox_takes() {
    let world = World::new();
    world.host.set_outbox_max_bytes(4096);
    world.always(Reply::Unreachable);
    Desk::open(&world, KEPT).call_and_settle("look", 20);
    assert!(world.host.outbox_parcels().len() > 1);
    assert_delivers(&world, 21);
}

#[test]
fn a_required_event_is_stored_before_the_response_and_delivered_after_it() {
    let world = World::new();
    let desk = Desk::open(&world, KEPT_FIRST);
    assert!(desk.call("look")[0].get("result").is_some());
    assert_eq!(world.requests(), 0);
    assert_eq!(world.host.outbox_parcels().len(), 1);
    world.host.run_after_response();
    assert_eq!(sequences(&world.received()), [0]);
    assert_eq!(world.host.outbox_parcels().len(), 0);
}

#[test]
fn a_required_event_stored_during_a_flush_is_delivered_too() {
    let world = World::new();
    world.script([Reply::Say(503, &[("retry-after", "3")], "")]);
    let desk = Desk::open(&world, KEPT_FIRST);
    desk.call("look");
    world.host.advance(2 * SECOND);
    assert_eq!(world.requests(), 1);
    desk.call("look");
    world.host.run_after_response();
    assert_eq!(sequences(&world.received()), [0, 1]);
    assert_eq!(world.host.outbox_parcels().len(), 0);
}

#[test]
fn a_required_event_is_safe_when_the_instance_ends_after_the_response() {
    let world = World::new();
    let desk = Desk::open(&world, KEPT_FIRST);
    desk.call("pay");
    assert_eq!(desk.paid.get(), 1);
    world.host.forget_work();
    drop(desk);
    Desk::open(&world, KEPT_FIRST).call_and_settle("look", 1);
    let events = world.received();
    assert_eq!(of_kind(&events, "mcp.intent").len(), 1);
    assert_eq!(of_kind(&events, "mcp.request").len(), 2);
    assert_seals_hold(&events);
}

#[test]
fn more_than_one_page_of_parcels_is_delivered_at_once() {
    let world = World::new();
    let desk = Desk::open(&world, KEPT_FIRST);
    for _ in 0..40 {
        desk.call("look");
    }
    world.host.run_after_response();
    assert_eq!(world.host.outbox_parcels().len(), 0);
    let arrived: BTreeSet<_> = world.received().iter().map(sequence).collect();
    assert_eq!(arrived, (0..40).collect());
    assert_eq!(world.received().len(), 40);
}

#[test]
fn an_outbox_that_fails_withholds_what_is_required() {
    let world = World::new();
    let desk = Desk::open(&world, KEPT_FIRST);
    desk.call_and_settle("look", 1);
    world.host.set_outbox_broken(true);
    assert_eq!(
        desk.call("look")[0]["error"]["data"]["reason"],
        "result_withheld"
    );
    assert_eq!(
        desk.call("pay")[0]["error"]["data"]["reason"],
        "audit_unavailable"
    );
    assert_eq!(desk.paid.get(), 0);
}

/// A volume that is full, for example. What it does not take waits in the instance, and is counted when `buffer_events` is full
/// as well.
#[test]
fn events_that_a_full_outbox_does_not_take_are_lost_and_counted_beyond_the_buffer() {
    let world = World::new();
    let desk = Desk::open(
        &world,
        Sink {
            buffer_events: 3,
            ..KEPT
        },
    );
    desk.call_and_settle("look", 1);
    world.always(Reply::Unreachable);
    world.host.set_outbox_broken(true);
    for _ in 0..2 {
        desk.call_and_settle("look", 5);
        world.host.advance(10 * SECOND);
    }
    assert_eq!(
        (world.received().len(), world.host.outbox_parcels().len()),
        (1, 0)
    );
    world.host.set_outbox_broken(false);
    world.always(Reply::Accept);
    for _ in 0..2 {
        desk.call_and_settle("look", 1);
        world.host.advance(10 * SECOND);
    }
    let events = world.received();
    assert!(!of_kind(&events, "mcp.loss").is_empty());
    assert_seals_hold(&events);
    assert_accounted_for(&events);
}

#[test]
fn an_altered_parcel_is_not_delivered_and_blocks_no_other() {
    let world = left_behind(2);
    world.always(Reply::Unreachable);
    Desk::open(&world, KEPT).call_and_settle("look", 1);
    world.host.advance(60 * SECOND);
    world.always(Reply::Accept);
    {
        let mut parcels = world.host.outbox_parcels();
        let first = parcels.values_mut().next().unwrap();
        *first = first.replacen("\"status\":200", "\"status\":403", 1);
        world.host.set_outbox_parcels(parcels);
    }
    Desk::open(&world, KEPT).call_and_settle("look", 1);
    let events = world.received();
    assert_eq!(sequences(&events), [0, 0], "of the second and the third");
    let parcels = world.host.outbox_parcels();
    let left: Vec<_> = parcels.keys().collect();
    assert_eq!(left.len(), 1);
    assert!(left[0].starts_with("siem.unreadable/"), "{left:?}");
    assert_eq!(world.logged("were changed since"), 1);
}

#[test]
fn parcels_in_flight_stay_in_the_outbox_when_the_host_ends_the_work() {
    let world = left_behind(2);
    world.always(Reply::Silent);
    let second = Desk::open(&world, KEPT);
    world
        .host
        .run(second.runtime.resume(world.host.shared()))
        .unwrap();
    world.host.advance(2 * SECOND);
    assert_eq!(world.requests(), 4 + 1);
    world.host.drop_work();
    assert_eq!(world.host.outbox_parcels().len(), 1);
    world.always(Reply::Accept);
    second.call_and_settle("look", 1);
    let events = world.received();
    assert_eq!(events.len(), 3, "nothing came twice");
    assert_eq!(chains(&events).len(), 2);
    assert_seals_hold(&events);
}

#[test]
fn the_rest_of_a_partly_accepted_parcel_is_stored() {
    let world = left_behind(3);
    world.script(
        [Reply::Take(
            &[0],
            200,
            r#"{"errors":true,"items":[
                {"create":{"status":201}},
                {"create":{"status":400}},
                {"create":{"status":503}}]}"#,
        )]
        .into_iter()
        .chain(vec![Reply::Unreachable; 4]),
    );
    let second = Desk::open(&world, KEPT);
    world
        .host
        .run(second.runtime.resume(world.host.shared()))
        .unwrap();
    world.host.run_after_response();
    // What was lost is kept as well by now: the sink is still down.
    assert_eq!(world.host.outbox_parcels().len(), 2);
    world.host.advance(60 * SECOND);
    Desk::open(&world, KEPT).call_and_settle("look", 1);
    let events = world.received();
    let told = of_kind(&events, "mcp.loss");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["delivery"]["events"], 1);
    let of_first = of_chain(&events, &events[0]["chain"]["id"]);
    assert_eq!(sequences(&of_first), [0, 2]);
    assert_seals_hold(&events);
    assert!(!of_first[1]["seal"].is_null());
}

#[test]
fn a_host_that_flushes_its_outbox_learns_whether_to_flush_again() {
    let world = left_behind(2);
    let parcel = first_parcel(&world);
    let second = Desk::open(&world, KEPT);
    let deliver = |parcel: &str| {
        let delivered = world
            .host
            .run(second.runtime.deliver(parcel, world.host.shared()));
        delivered.unwrap()
    };
    world.always(Reply::Unreachable);
    assert!(!deliver(&parcel));
    world.always(Reply::Accept);
    assert!(deliver(&parcel));
    assert_eq!(sequences(&world.received()), [0, 1]);
    assert_seals_hold(&world.received());
    assert!(!deliver(&parcel.replacen("200", "403", 1)));
    assert!(!deliver(&parcel.replacen("siem", "else", 1)));
    assert!(!deliver("{}"));
    assert_eq!(world.received().len(), 2);
}
