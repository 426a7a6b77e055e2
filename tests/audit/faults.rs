//! A receiver that fails, in every way and in every kind of delivery: nothing is lost, and what had to be on record first
//! does not happen.

use std::collections::BTreeSet;

use mcp_edge_tests::audited::{Audited, Hosting};
use mcp_edge_tests::recorder::{ReceiverMode, Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, chains, modern};
use serde_json::{Value, json};

/// How many calls are made beside the destructive one, while the receiver fails.
const CALLS: usize = 5;

const MOODS: [(&str, ReceiverMode); 6] = [
    ("is down", ReceiverMode::Down),
    ("is slow", ReceiverMode::Slow),
    ("answers 429", ReceiverMode::Answers(429)),
    ("answers 500", ReceiverMode::Answers(500)),
    ("takes half a batch", ReceiverMode::Half),
    ("hangs up after it took everything", ReceiverMode::Drops),
];

pub fn tests() -> Vec<Test<Hosting>> {
    MOODS
        .into_iter()
        .flat_map(|(name, mood)| {
            [
                Test::on(
                    format!("required: a receiver that {name}"),
                    move |hosting| {
                        required(hosting, mood);
                    },
                ),
                Test::on(format!("outbox: a receiver that {name}"), move |hosting| {
                    kept(hosting, mood, "kept");
                }),
                Test::on(
                    format!("required with outbox: a receiver that {name}"),
                    move |hosting| kept(hosting, mood, "required_kept"),
                ),
            ]
        })
        .collect()
}

/// A server, its receiver, and who hears of payments.
struct Scene {
    server: Audited,
    recorder: Recorder,
    witness: Recorder,
}

impl Scene {
    fn start(hosting: &Hosting, environment: &str) -> Self {
        let recorder = Recorder::start();
        let server = hosting.server(environment, &[("TEST_RECORDER", recorder.url())]);
        let witness = Recorder::start();
        Self {
            server,
            recorder,
            witness,
        }
    }

    fn pay(&self, client: &str) -> Answer {
        let arguments = json!({ "witness": self.witness.url() });
        let call = modern(
            "tools/call",
            json!({ "name": "pay", "arguments": arguments }),
        );
        self.server.endpoint.send(&call.client(client))
    }

    fn repeat(&self, client: &str) -> Answer {
        let arguments = json!({ "words": format!("words of {client}") });
        let call = modern(
            "tools/call",
            json!({ "name": "repeat", "arguments": arguments }),
        );
        self.server.endpoint.send(&call.client(client))
    }

    fn paid(&self) -> usize {
        self.witness.requests().len()
    }

    /// Waits until the receiver has the events of all these clients, and all that lies between them.
    fn has_all(&self, clients: &[String]) {
        let wanted: BTreeSet<String> = clients.iter().map(|name| format!("{name}/1")).collect();
        wait_for("every event at the recorder", || {
            // The next request takes along what waits.
            self.server
                .endpoint
                .send(&modern("server/discover", json!({})));
            let events = chains::once(self.recorder.events());
            let requests = events
                .iter()
                .filter(|event| event["event"] == "mcp.request");
            let names = requests.filter_map(|event| event["client_info"].as_str());
            let missing = wanted
                .iter()
                .any(|name| !names.clone().any(|known| known == name));
            (!missing && chains::check(&events).is_ok()).then_some(())
        });
    }
}

fn is_refused(answer: &Answer, reason: &str) {
    let (status, code, message) = answer.error();
    assert_eq!((status, code), (503, -32603), "{message}");
    assert_eq!(
        answer.response()["error"]["data"],
        json!({ "reason": reason })
    );
}

fn required(hosting: &Hosting, mood: ReceiverMode) {
    let scene = Scene::start(hosting, "required");
    assert_eq!(scene.repeat("before").status, 200);
    scene.recorder.is(mood);

    is_refused(&scene.pay("not-paid"), "audit_unavailable");
    assert_eq!(scene.paid(), 0, "no caller may know that it was paid");
    let withheld = scene.repeat("withheld");
    is_refused(&withheld, "result_withheld");
    assert!(!withheld.response().to_string().contains("words of"));

    scene.recorder.is(ReceiverMode::Well);
    assert_eq!(scene.pay("paid").text(), "paid");
    assert_eq!(scene.paid(), 1);
    let clients = ["before", "not-paid", "withheld", "paid"].map(str::to_owned);
    scene.has_all(&clients);
    let events = scene.recorder.events();
    let of_kind = |kind: &str| {
        let found = events.iter().filter(|event| event["event"] == kind);
        found.collect::<Vec<&Value>>()
    };
    let paid = scene.recorder.of_client("paid");
    let intents = of_kind("mcp.intent");
    assert!(
        intents
            .iter()
            .any(|intent| intent["request_id"] == paid["id"]),
        "{intents:?}"
    );
    let withheld = scene.recorder.of_client("withheld");
    let told = of_kind("mcp.withheld");
    assert!(
        told.iter()
            .any(|event| event["request_id"] == withheld["id"]),
        "{told:?}"
    );
}

fn kept(hosting: &Hosting, mood: ReceiverMode, environment: &str) {
    let scene = Scene::start(hosting, environment);
    scene.recorder.is(mood);
    let mut clients: Vec<String> = (0..CALLS).map(|call| format!("kept-{call}")).collect();
    for client in &clients {
        assert_eq!(scene.repeat(client).status, 200, "no caller waits for it");
    }
    assert_eq!(scene.pay("paid").text(), "paid");
    assert_eq!(scene.paid(), 1);
    if mood != ReceiverMode::Down {
        wait_for("the first attempt", || {
            (scene.recorder.spoiled() > 0).then_some(())
        });
    }

    scene.recorder.is(ReceiverMode::Well);
    clients.push("paid".to_owned());
    scene.has_all(&clients);
}
