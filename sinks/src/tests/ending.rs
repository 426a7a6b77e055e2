//! The end of a server that is told to stop.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::pending;
use mcp_edge_audit::chain::ChainedEvent;
use mcp_edge_audit::event::EventType;
use mcp_edge_runtime::config::{Destination as _, Sink, TextSetting};

use super::desk::sequences;
use crate::delivery::SinkWorker;
use crate::testing::world::{Reply, World};
use crate::testing::{events, outlet};

const SINK: Sink = Sink {
    name: "siem",
    protocol: crate::ELASTICSEARCH,
    url: Some(TextSetting::Literal("https://siem.example.com")),
    index: Some("mcp"),
    batch_events: 2,
    ..Sink::DEFAULT
};
const KEPT: Sink = Sink {
    outbox: true,
    ..SINK
};
const WITHIN: Duration = Duration::from_secs(30);

/// A sink for which five events wait.
fn waiting(sink: Sink, world: &Rc<World>) -> Rc<SinkWorker> {
    let outlet = outlet(sink, "");
    for event in events(5) {
        outlet.enqueue(event, &world.host);
    }
    outlet
}

fn finish(outlet: &Rc<SinkWorker>, world: &Rc<World>) {
    let host = world.host.shared();
    let deadline = host.now().after(WITHIN);
    world.host.run(Rc::clone(outlet).finish(deadline, host));
}

fn told(outlet: &SinkWorker) -> Vec<(EventType, u64)> {
    let reports = outlet.reports().into_iter();
    reports
        .map(|report| (report.kind, report.delivery.events))
        .collect()
}

#[test]
fn the_queue_is_delivered_at_once() {
    let world = World::new();
    let outlet = waiting(SINK, &world);
    let before = world.host.now();
    finish(&outlet, &world);
    assert_eq!(world.received().len(), 5);
    assert_eq!(world.host.now(), before);
    assert_eq!(told(&outlet), []);
}

#[test]
fn less_time_than_the_timeout_of_the_sink_is_used() {
    let world = World::new();
    let sink = Sink {
        timeout: Duration::from_secs(5),
        ..SINK
    };
    let outlet = waiting(sink, &world);
    let host = world.host.shared();
    let deadline = host.now().after(Duration::from_secs(1));
    world.host.run(Rc::clone(&outlet).finish(deadline, host));
    assert_eq!(world.received().len(), 5);
    assert_eq!(told(&outlet), []);
}

#[test]
fn a_flush_in_progress_is_not_waited_for() {
    let world = World::new();
    let outlet = waiting(SINK, &world);
    let work = outlet.until_finished(pending());
    world.host.shared().after_response(Box::pin(work));
    finish(&outlet, &world);
    world.host.run_after_response();
    assert!(world.host.is_idle());
    assert_eq!(world.received().len(), 5);
}

/// Lets a flush wait for the answer to its first request.
fn begin_to_flush(outlet: &Rc<SinkWorker>, world: &World) {
    let (host, flushing) = (world.host.shared(), Rc::clone(outlet));
    let flush = outlet.until_finished(async move {
        flushing.flush(&host, &|_| {}).await;
    });
    world.host.shared().after_response(Box::pin(flush));
    world.host.advance(Duration::from_secs(2));
    assert_eq!(world.requests(), 1);
}

#[test]
fn events_in_flight_are_delivered_again() {
    let world = World::new();
    world.always(Reply::Silent);
    let outlet = waiting(SINK, &world);
    begin_to_flush(&outlet, &world);
    world.always(Reply::Accept);
    finish(&outlet, &world);
    world.host.run_after_response();
    assert_eq!(world.received().len(), 5);
    assert_eq!(told(&outlet), []);
}

#[test]
fn rejected_events_without_an_outbox_are_lost_and_reported() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let outlet = waiting(SINK, &world);
    finish(&outlet, &world);
    assert_eq!(told(&outlet), [(EventType::Loss, 5)]);
    assert_eq!(world.logged("the server has ended"), 1);
}

#[test]
fn rejected_events_are_stored_in_the_outbox() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let outlet = waiting(KEPT, &world);
    finish(&outlet, &world);
    assert_eq!(world.host.outbox_parcels().len(), 3);
    assert_eq!(told(&outlet), []);
}

fn keep(outlet: &Rc<SinkWorker>, world: &Rc<World>, events: &[Rc<ChainedEvent>]) {
    for event in events {
        let kept = Rc::clone(outlet).deliver(Rc::clone(event), world.host.shared());
        world.host.run(kept).unwrap();
    }
}

/// A required event is in the outbox only, and the flush that delivers it ends with the server.
#[test]
fn the_outbox_is_delivered_before_the_queue() {
    let world = World::new();
    let outlet = outlet(KEPT, "");
    let events = events(3);
    keep(&outlet, &world, &events[..2]);
    outlet.enqueue(Rc::clone(&events[2]), &world.host);
    finish(&outlet, &world);
    assert_eq!(sequences(&world.received()), [0, 1, 2]);
    assert_eq!(world.host.outbox_parcels().len(), 0);
    assert_eq!(told(&outlet), []);
}

#[test]
fn parcels_in_flight_from_the_outbox_are_delivered_again() {
    let world = World::new();
    world.always(Reply::Silent);
    let outlet = outlet(KEPT, "");
    keep(&outlet, &world, &events(1));
    begin_to_flush(&outlet, &world);
    world.always(Reply::Accept);
    finish(&outlet, &world);
    world.host.run_after_response();
    assert_eq!(sequences(&world.received()), [0]);
    assert_eq!(world.host.outbox_parcels().len(), 0);
}

/// The closing event would show a gap where the outbox has events.
#[test]
fn events_after_stored_ones_are_stored_too() {
    let world = World::new();
    let outlet = outlet(KEPT, "");
    let events = events(4);
    keep(&outlet, &world, &events[..2]);
    world.script(vec![Reply::Unreachable; 4]);
    for event in &events[2..] {
        outlet.enqueue(Rc::clone(event), &world.host);
        finish(&outlet, &world);
    }
    assert!(world.received().is_empty());
    assert_eq!(world.host.outbox_parcels().len(), 4);
    assert_eq!(told(&outlet), []);
}

/// What it does not take, such as with a full volume, goes to the sink: it would be lost otherwise.
#[test]
fn events_that_a_failing_outbox_rejects_are_delivered() {
    let world = World::new();
    let outlet = outlet(KEPT, "");
    let events = events(2);
    keep(&outlet, &world, &events[..1]);
    world.host.set_outbox_broken(true);
    outlet.enqueue(Rc::clone(&events[1]), &world.host);
    finish(&outlet, &world);
    assert_eq!(sequences(&world.received()), [1]);
    assert_eq!(told(&outlet), []);
}
