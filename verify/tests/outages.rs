//! What a receiver has after any sequence of failed deliveries, against the verifier: an honest log is never contradicted, and a
//! log from which an event was taken is.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use mcp_edge_audit::Timestamp;
use mcp_edge_runtime::Runtime;
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_runtime::config::{DeliveryMode, Sink, TextSetting};
use mcp_edge_runtime::http::Request;
use mcp_edge_runtime::server::Server;
use mcp_edge_verify::{ChainVerdict, Lines, Log, LogVerdict, Options, PublicKeys, Report};
use proptest::prelude::*;
use serde_json::{Value, json};

use self::world::{Reply, World, configuration};
use super::made::ring;

#[allow(dead_code, reason = "the tests of the sinks use the rest")]
#[path = "../../sinks/src/testing/world.rs"]
mod world;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_500);
const SECOND: Duration = Duration::from_secs(1);

/// One instance, each of whose requests is an event.
fn instance(world: &World, sink: Sink) -> Runtime {
    world.host.set_variable("EVIDENCE", ring("e2"));
    let server = Server::builder("com.example/server", "1.0.0").build();
    Runtime::new(server, configuration(sink))
}

fn discover() -> Request {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let message = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "server/discover",
        "params": { "_meta": meta },
    });
    http::Request::post("/mcp")
        .header("host", "mcp.example.com")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "server/discover")
        .body(Bytes::from(message.to_string()).into())
        .unwrap()
}

fn request(world: &Rc<World>, instance: &Runtime) {
    world
        .host
        .run(instance.serve(discover(), world.host.shared()));
}

/// What happens to an instance and to its receiver.
#[derive(Debug, Clone)]
enum Step {
    Requests(usize),
    /// What the receiver answers to requests from now on; the last answer holds.
    Receiver(Vec<Answer>),
    Pass(u64),
    /// How long the receiver takes to answer, in milliseconds.
    Latency(u64),
    Settle,
    /// The host stops the work that follows responses, with or without a word.
    StopWork(bool),
    /// The outbox fails, or works again.
    Outbox(bool),
    /// The instance ends in good order, and another one starts. If everything outside works, it ends right after a request.
    Restart(bool),
}

#[derive(Debug, Clone)]
enum Answer {
    Accept,
    AcceptAndBreak,
    Unreachable,
    Silent,
    Refuse,
    Smaller,
    Each(Vec<u16>),
}

impl Answer {
    fn reply(self) -> Reply {
        match self {
            Self::Accept => Reply::Accept,
            Self::AcceptAndBreak => Reply::AcceptAndBreak,
            Self::Unreachable => Reply::Unreachable,
            Self::Silent => Reply::Silent,
            Self::Refuse => Reply::Say(400, &[], ""),
            Self::Smaller => Reply::Say(413, &[], ""),
            Self::Each(statuses) => Reply::Each(statuses),
        }
    }
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let status = prop_oneof![Just(201), Just(400), Just(503)];
    prop_oneof![
        3 => Just(Answer::Accept),
        1 => Just(Answer::AcceptAndBreak),
        4 => Just(Answer::Unreachable),
        1 => Just(Answer::Silent),
        1 => Just(Answer::Refuse),
        1 => Just(Answer::Smaller),
        3 => proptest::collection::vec(status, 1..5).prop_map(Answer::Each),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1..6_usize).prop_map(Step::Requests),
        4 => proptest::collection::vec(any_answer(), 1..4).prop_map(Step::Receiver),
        3 => (0..90_u64).prop_map(Step::Pass),
        1 => (0..4_500_u64).prop_map(Step::Latency),
        2 => Just(Step::Settle),
        1 => any::<bool>().prop_map(Step::StopWork),
        1 => any::<bool>().prop_map(Step::Outbox),
        2 => any::<bool>().prop_map(Step::Restart),
    ]
}

fn any_sink() -> impl Strategy<Value = Sink> {
    let sink = (
        1..8_usize,
        1..6_usize,
        0..2_usize,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    sink.prop_map(
        |(buffer, batch, retries, outbox, required, says_which)| Sink {
            name: "siem",
            // One says of each event whether it is refused, the other only how many are.
            protocol: match says_which {
                true => mcp_edge_sinks::ELASTICSEARCH,
                false => mcp_edge_sinks::OTLP_LOGS,
            },
            url: Some(TextSetting::Literal("https://siem.example")),
            index: Some("events"),
            buffer_events: buffer,
            batch_events: batch,
            retries,
            outbox,
            delivery: match required {
                true => DeliveryMode::Required,
                false => DeliveryMode::BestEffort,
            },
            ..Sink::DEFAULT
        },
    )
}

/// What the receiver has in the end, when it could be reached for long enough.
fn received(sink: Sink, steps: Vec<Step>) -> Vec<Value> {
    let has_outbox = sink.outbox;
    let world = World::new();
    if has_outbox {
        world.host.set_outbox_max_bytes(4096);
    }
    let mut running = instance(&world, sink);
    for step in steps {
        match step {
            Step::Requests(number) => (0..number).for_each(|_| request(&world, &running)),
            Step::Receiver(mut answers) => {
                let last = answers.pop().unwrap().reply();
                world.script_then(answers.into_iter().map(Answer::reply), last);
            }
            Step::Pass(seconds) => world.host.advance(Duration::from_secs(seconds)),
            Step::Latency(millis) => world.host.set_latency(Duration::from_millis(millis)),
            Step::Settle => world.host.run_after_response(),
            Step::StopWork(true) => world.host.drop_work(),
            Step::StopWork(false) => world.host.forget_work(),
            Step::Outbox(is_broken) => world.host.set_outbox_broken(is_broken),
            Step::Restart(all_works) => {
                // No later event tells of what neither the receiver nor an outbox takes at the end.
                world.host.set_outbox_broken(false);
                world.always(match has_outbox && !all_works {
                    true => Reply::Unreachable,
                    false => Reply::Accept,
                });
                if all_works {
                    world.host.set_latency(Duration::ZERO);
                    request(&world, &running);
                }
                world
                    .host
                    .run(running.finish(60 * SECOND, world.host.shared()));
                world.host.drop_work();
                if all_works {
                    assert_eq!(world.host.outbox_parcels().len(), 0);
                    assert_honest(&world.received());
                }
                running = instance(&world, sink);
            }
        }
    }
    world.always(Reply::Accept);
    world.host.set_latency(Duration::ZERO);
    world.host.set_outbox_broken(false);
    for _ in 0..4 {
        world.host.advance(120 * SECOND);
        request(&world, &running);
        world.host.run_after_response();
    }
    assert_eq!(world.host.outbox_parcels().len(), 0);
    let received = world.received();
    assert!(!received.is_empty(), "{:?}", world.host.log_lines());
    received
}

fn verify(events: &[Value]) -> Report {
    let keys = SigningKeys::parse(&ring("e2")).unwrap().jwks();
    let mut log = Log::new(
        Some(PublicKeys::parse(&keys.to_string()).unwrap()),
        Options::default(),
    );
    for event in events {
        log.add(Lines::read(&event.to_string()));
    }
    log.judge(&[])
}

type Place = (String, u64);

fn place(event: &Value) -> Place {
    let chain = &event["chain"];
    let id = chain["id"].as_str().unwrap().to_owned();
    (id, chain["sequence"].as_u64().unwrap())
}

/// The places that reports of lost events name.
fn declared(events: &[Value]) -> BTreeSet<Place> {
    let mut declared = BTreeSet::new();
    for event in events.iter().filter(|event| event["event"] == "mcp.loss") {
        let delivery = &event["delivery"];
        let own = &event["chain"]["id"];
        let chain = delivery["chain"].as_str().or_else(|| own.as_str()).unwrap();
        for range in delivery["sequences"].as_array().into_iter().flatten() {
            let [first, last] = [0, 1].map(|end| range[end].as_u64().unwrap());
            declared.extend((first..=last).map(|at| (chain.to_owned(), at)));
        }
    }
    declared
}

fn assert_honest(events: &[Value]) {
    let report = verify(events);
    assert!(report.verdict < LogVerdict::Contradicted, "{report:#?}");
    let findings = report.chains.iter().flat_map(|chain| &chain.findings);
    for finding in findings {
        // The last event that an instance sends is signed, so that no end is without a signature.
        assert_ne!(finding.finding, ChainVerdict::UnsignedTail, "{report:#?}");
    }
}

/// Whether a log without any event at a place cannot show that it is missing: the last of its chain, or one that the log itself
/// declares as lost, because the receiver had it and did not say so.
fn is_unprovable(events: &[Value], taken: &Place) -> bool {
    let is_last = !events
        .iter()
        .map(place)
        .any(|(chain, at)| chain == taken.0 && at > taken.1);
    is_last || declared(events).contains(taken)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_unaltered_log_is_never_contradicted(
        sink in any_sink(),
        steps in proptest::collection::vec(any_step(), 1..24),
    ) {
        assert_honest(&received(sink, steps));
    }

    #[test]
    fn a_removed_event_is_detected(
        sink in any_sink(),
        steps in proptest::collection::vec(any_step(), 1..24),
        which: proptest::sample::Index,
    ) {
        let events = received(sink, steps);
        let reports = events.iter().filter(|event| event["event"] == "mcp.loss");
        let reports: Vec<_> = reports.map(place).collect();
        let mut taken = vec![place(which.get(&events))];
        taken.extend((!reports.is_empty()).then(|| which.get(&reports).clone()));
        for taken in taken {
            let left: Vec<_> = events.iter().filter(|event| place(event) != taken).cloned().collect();
            if !is_unprovable(&left, &taken) {
                prop_assert_eq!(verify(&left).verdict, LogVerdict::Contradicted, "{:?}", taken);
            }
        }
    }
}
