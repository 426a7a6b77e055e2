//! The end of a server that is told to stop.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::pending;
use mcp_edge_audit::event::EventType;
use mcp_edge_runtime::config::{Destination as _, Sink, TextSetting};

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
fn what_waits_is_handed_over_at_once() {
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

#[test]
fn what_was_on_its_way_is_handed_over_again() {
    let world = World::new();
    world.always(Reply::Silent);
    let outlet = waiting(SINK, &world);
    let (host, flushing) = (world.host.shared(), Rc::clone(&outlet));
    let flush = outlet.until_finished(async move {
        flushing.flush(&host, &|_| {}).await;
    });
    world.host.shared().after_response(Box::pin(flush));
    world.host.advance(Duration::from_secs(2));
    assert_eq!(world.requests(), 1);
    world.always(Reply::Accept);
    finish(&outlet, &world);
    world.host.run_after_response();
    assert_eq!(world.received().len(), 5);
    assert_eq!(told(&outlet), []);
}

#[test]
fn what_the_sink_does_not_take_is_lost_and_told_of() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let outlet = waiting(SINK, &world);
    finish(&outlet, &world);
    assert_eq!(told(&outlet), [(EventType::Loss, 5)]);
    assert_eq!(world.logged("the server has ended"), 1);
}

#[test]
fn what_the_sink_does_not_take_is_kept_where_there_is_an_outbox() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let outlet = waiting(
        Sink {
            outbox: true,
            ..SINK
        },
        &world,
    );
    finish(&outlet, &world);
    assert_eq!(world.host.outbox_parcels().len(), 3);
    assert_eq!(told(&outlet), []);
}
