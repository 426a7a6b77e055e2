//! Instances that end between the response and the delivery.

use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::recorder::{ReceiverMode, Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{modern, tests};
use serde_json::json;
use xtask::host::Host;

pub fn tests() -> Vec<Test<Hosting>> {
    tests![
        what_is_required_outlives_its_instance,
        what_is_in_the_outbox_outlives_its_instance,
        a_call_that_ends_its_instance_was_on_record_first,
    ]
}

fn start(hosting: &Hosting, environment: &str, recorder: &Recorder) -> Audited {
    hosting.server(environment, &[("TEST_RECORDER", recorder.url())])
}

fn repeat(server: &Audited, client: &str) {
    let call = json!({ "name": "repeat", "arguments": { "words": client } });
    let answer = server
        .endpoint
        .send(&modern("tools/call", call).client(client));
    assert_eq!(answer.status, 200);
}

/// Ends the instance, and has another one take over.
fn replace(hosting: &Hosting, environment: &str, recorder: &Recorder, server: Audited) -> Audited {
    if hosting.host == Host::Native {
        return hosting.replace(server, environment, &[("TEST_RECORDER", recorder.url())]);
    }
    // A trap ends the instance and leaves the host, which starts another.
    let call = json!({ "name": "break_down", "arguments": {} });
    let _ = server.endpoint.try_send(&modern("tools/call", call));
    server
}

fn arrives(server: &Audited, recorder: &Recorder, client: &str) {
    let name = format!("{client}/1");
    wait_for(&format!("the event of {client}"), || {
        server.endpoint.send(&modern("server/discover", json!({})));
        let events = recorder.events();
        events
            .iter()
            .any(|event| event["client_info"] == name)
            .then_some(())
    });
}

fn what_is_required_outlives_its_instance(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = start(hosting, "required_kept", &recorder);
    recorder.is(ReceiverMode::Down);
    repeat(&server, "required");
    let server = replace(hosting, "required_kept", &recorder, server);
    recorder.is(ReceiverMode::Well);
    arrives(&server, &recorder, "required");
}

/// What best effort has put there is as safe as what is required.
fn what_is_in_the_outbox_outlives_its_instance(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = start(hosting, "kept", &recorder);
    recorder.is(ReceiverMode::Answers(503));
    repeat(&server, "best-effort");
    // Whatever is in the outbox was refused twice before.
    wait_for("two attempts", || (recorder.spoiled() >= 2).then_some(()));
    server.wait_for_outbox(hosting.host, &recorder);
    let server = replace(hosting, "kept", &recorder, server);
    recorder.is(ReceiverMode::Well);
    arrives(&server, &recorder, "best-effort");
}

fn a_call_that_ends_its_instance_was_on_record_first(hosting: &Hosting) {
    let recorder = Recorder::start();
    let server = start(hosting, "required", &recorder);
    let call = json!({ "name": "destroy_all", "arguments": {} });
    let broken = server
        .endpoint
        .try_send(&modern("tools/call", call).client("breaks"));
    assert!(broken.is_err() || broken.is_ok_and(|answer| answer.status != 200));
    let intent = recorder.wait("the intent", |events| {
        let mut intents = events.iter().filter(|event| event["event"] == "mcp.intent");
        intents.next().cloned()
    });
    assert_eq!(intent["client_info"], "breaks/1");
    assert_eq!(intent["outcome"], "intended");
    repeat(&server, "after");
    arrives(&server, &recorder, "after");
}
