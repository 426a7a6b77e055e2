//! Sinks that are the host's own.

use mcp_edge_runtime::config::Sink;

use super::desk::{Desk, sequences};
use crate::testing::world::World;

#[test]
fn a_queue_and_a_store_of_the_host_get_every_event() {
    for protocol in [crate::QUEUE, crate::R2] {
        let world = World::new();
        let sink = Sink {
            name: "own",
            protocol,
            binding: Some("EVENTS"),
            ..Sink::DEFAULT
        };
        Desk::open(&world, sink).call_and_settle("look", 3);
        assert_eq!(sequences(&world.received()), [0, 1, 2], "{protocol:?}");
    }
}

#[test]
fn a_server_does_not_start_with_a_binding_that_the_host_lacks() {
    for protocol in [crate::QUEUE, crate::R2] {
        let world = World::new();
        let sink = Sink {
            name: "own",
            protocol,
            binding: Some("ELSE"),
            ..Sink::DEFAULT
        };
        let desk = Desk::open(&world, sink);
        let why = world.host.run(desk.runtime.start(&world.host.shared()));
        assert_eq!(
            why.unwrap_err().to_string(),
            "sinks.own in mcp.toml: the host could not use the binding ELSE: there is none of that name"
        );
    }
}
