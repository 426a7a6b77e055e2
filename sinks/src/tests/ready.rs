//! A server that could answer no request, since a sink does not take the events, tells a load balancer that it is not ready.

use std::time::Duration;

use super::desk::{Desk, SIEM};
use crate::testing::world::{Reply, World};
use mcp_edge_runtime::config::{DeliveryMode, Sink};

const REQUIRED: Sink = Sink {
    delivery: DeliveryMode::Required,
    ..SIEM
};
const READY: &str = "/readyz";
/// Longer than a receiver is left alone after its first failure.
const REST: Duration = Duration::from_secs(2);

#[test]
fn a_required_sink_that_takes_nothing_makes_the_server_not_ready() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, REQUIRED);
    assert_eq!(desk.probe(READY), 200, "no event was lost so far");
    desk.call("look");
    for _ in 0..3 {
        assert_eq!(desk.probe(READY), 503);
        assert_eq!(desk.probe("/livez"), 200);
    }
    assert_eq!(world.logged("not ready: the sink `siem`: "), 1);

    // No request comes any more that would have the sink tried again.
    world.host.run_after_response();
    world.host.advance(REST);
    world.always(Reply::Accept);
    desk.probe(READY);
    world.host.run_after_response();
    assert_eq!(desk.probe(READY), 200);
    assert_eq!(world.logged("ready again"), 1);
}

#[test]
fn a_sink_that_nothing_waits_for_has_no_influence() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let desk = Desk::open(&world, SIEM);
    desk.call_and_settle("look", 3);
    assert_eq!(desk.probe(READY), 200);
}

#[test]
fn an_event_that_the_sink_rejects_affects_no_other() {
    let world = World::new();
    world.always(Reply::Say(400, &[], "no such field"));
    let desk = Desk::open(&world, REQUIRED);
    desk.call("look");
    assert_eq!(desk.probe(READY), 200);
}

#[test]
fn with_an_outbox_the_outbox_counts() {
    let world = World::new();
    world.always(Reply::Unreachable);
    let sink = Sink {
        outbox: true,
        ..REQUIRED
    };
    let desk = Desk::open(&world, sink);
    desk.call_and_settle("look", 1);
    assert_eq!(desk.probe(READY), 200, "the outbox has the event");
    world.host.set_outbox_broken(true);
    desk.call("look");
    assert_eq!(desk.probe(READY), 503);

    world.host.run_after_response();
    world.host.advance(REST);
    world.host.set_outbox_broken(false);
    desk.probe(READY);
    world.host.run_after_response();
    assert_eq!(desk.probe(READY), 200);
}
