//! Receivers that do not take all events of a batch, and say only how many.

use std::time::Duration;

use mcp_edge_runtime::config::{Sink, TextSetting};
use serde_json::{Value, json};

use super::desk::{Desk, of_kind, sequence};
use crate::testing::world::{Reply, World};

const COLLECTOR: Sink = Sink {
    name: "collector",
    protocol: crate::OTLP_LOGS,
    url: Some(TextSetting::Literal("https://collector.example")),
    ..Sink::DEFAULT
};

/// What a report says: where it is, how many events are lost, and which they may be.
fn told(report: &Value) -> (u64, Value, Value) {
    let delivery = &report["delivery"];
    let sequences = delivery["sequences"].clone();
    (sequence(report), delivery["events"].clone(), sequences)
}

/// A report that is perhaps lost is told again: nothing else explains the gap that it told of.
#[test]
fn what_reports_told_is_told_again_when_some_of_them_are_lost() {
    let world = World::new();
    let desk = Desk::open(&world, COLLECTOR);
    world.script([
        Reply::Each(vec![201, 400, 201]),
        // The reports wait while the receiver takes nothing.
        Reply::Unreachable,
        Reply::Unreachable,
        Reply::Unreachable,
        Reply::Unreachable,
    ]);
    desk.call_and_settle("look", 3);
    let events = world.received();
    assert_eq!(events.iter().map(sequence).collect::<Vec<_>>(), [0, 2]);
    // The report of one of three, which are one batch with the next call.
    world.script([Reply::Each(vec![400, 201])]);
    world.host.advance(Duration::from_secs(60));
    desk.call_and_settle("look", 1);
    let events = world.received();
    let reports: Vec<_> = of_kind(&events, "mcp.loss").into_iter().map(told).collect();
    assert_eq!(
        reports,
        [
            (5, json!(1), json!([[3, 4]])),
            (6, json!(1), json!([[0, 2]]))
        ]
    );
}
