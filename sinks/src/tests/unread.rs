//! Streams that no client reads.

use std::time::Duration;

use super::desk::{Desk, SIEM, call};
use crate::testing::world::World;
use mcp_edge_runtime::config::{DeliveryMode, Sink};
use mcp_edge_runtime::http::Body;

const REQUIRED: Sink = Sink {
    delivery: DeliveryMode::Required,
    ..SIEM
};
/// The tool `sleep` has ended by then.
const LONG: Duration = Duration::from_secs(7 * 60);

#[test]
fn a_call_ends_and_is_recorded_while_its_stream_is_not_read() {
    let world = World::new();
    let desk = Desk::open(&world, REQUIRED);
    let response = world
        .host
        .run(desk.runtime.serve(call("sleep"), world.host.shared()));
    assert!(matches!(response.body(), Body::Stream(_)));
    assert!(world.received().is_empty());
    world.host.advance(LONG);
    let events = world.received();
    assert_eq!(events[0]["outcome"], "ok", "{events:?}");
    assert!(world.host.is_idle());
    drop(response);
    world.host.run_after_response();
    assert_eq!(world.received().len(), 1);
}

#[test]
fn a_stream_that_is_dropped_stops_its_call() {
    let world = World::new();
    let desk = Desk::open(&world, REQUIRED);
    let response = world
        .host
        .run(desk.runtime.serve(call("sleep"), world.host.shared()));
    drop(response);
    world.host.run_after_response();
    let events = world.received();
    assert_eq!(events[0]["outcome"], "cancelled", "{events:?}");
    assert!(world.host.is_idle());
}

#[test]
fn a_handler_waits_for_a_client_that_does_not_read() {
    let world = World::new();
    let desk = Desk::open(&world, REQUIRED);
    let response = world
        .host
        .run(desk.runtime.serve(call("chat"), world.host.shared()));
    world.host.advance(LONG);
    assert!(world.received().is_empty());
    drop(response);
    world.host.run_after_response();
    assert_eq!(world.received()[0]["outcome"], "cancelled");
}
