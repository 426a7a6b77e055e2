//! A receiver that does what a test tells it to, on a test host.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::config::{Access, Audit, Configuration, Settings, SigningKeysSecret, Sink};
use mcp_edge_runtime::host::FetchError;
use mcp_edge_runtime::testing::{self, TestHost, UpstreamRequest};
use serde_json::{Value, json};

use super::NOW;

/// The binding of the host's queue and object store.
pub(crate) const BINDING: &str = "EVENTS";

/// What the receiver does with one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Takes it, and says so.
    Accept,
    /// Says this, and takes nothing.
    Say(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Says this to a request of which it takes the events at these places.
    Take(&'static [usize], u16, &'static str),
    /// Answers for each event, with these statuses in turn, and takes those with 201. A receiver of OpenTelemetry logs says only
    /// how many it does not take.
    Each(Vec<u16>),
    /// Takes it, and the connection breaks before it can say so.
    AcceptAndBreak,
    /// Cannot be reached.
    Unreachable,
    /// Never answers.
    Silent,
}

/// An open server with this sink, that signs its log with the keys in the variable `EVIDENCE`.
pub(crate) fn configuration(sink: Sink) -> &'static Configuration {
    let settings = Settings {
        sinks: Box::leak(Box::new([sink])),
        audit: Audit {
            signing_keys: Some(SigningKeysSecret::in_secret("EVIDENCE")),
            ..Settings::DEFAULT.audit
        },
        access: Access {
            public: true,
            ..Settings::DEFAULT.access
        },
        ..Settings::DEFAULT
    };
    Box::leak(Box::new(Configuration {
        base: settings,
        ..Configuration::DEFAULT
    }))
}

/// Everything outside the instances of a test.
pub(crate) struct World {
    pub(crate) host: TestHost,
    receiver: Rc<TestReceiver>,
}

#[derive(Default)]
struct TestReceiver {
    replies: RefCell<VecDeque<Reply>>,
    /// What it does when `replies` are used up; accepts if it is told nothing.
    otherwise: RefCell<Option<Reply>>,
    /// Lines that the receiver has.
    received: RefCell<Vec<String>>,
}

impl World {
    pub(crate) fn new() -> Rc<Self> {
        let host = TestHost::new();
        host.set_now(NOW);
        host.set_loopback_only(false);
        host.add_queue(BINDING);
        host.add_object_store(BINDING);
        let receiver = Rc::new(TestReceiver::default());
        let asked = Rc::clone(&receiver);
        host.reply_with(move |request| asked.reply(request));
        Rc::new(Self { host, receiver })
    }

    /// Has the receiver do this with every request from now on.
    pub(crate) fn always(&self, reply: Reply) {
        self.receiver.replies.borrow_mut().clear();
        self.receiver.otherwise.replace(Some(reply));
    }

    /// Has the receiver do this with the next requests, and accept those after them.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script_then(replies, Reply::Accept);
    }

    /// Has the receiver do this with the next requests, and `otherwise` with those after them.
    pub(crate) fn script_then(&self, replies: impl IntoIterator<Item = Reply>, otherwise: Reply) {
        let replies = replies.into_iter().collect();
        self.receiver.replies.replace(replies);
        self.receiver.otherwise.replace(Some(otherwise));
    }

    /// How many requests the receiver got, whatever the result.
    pub(crate) fn requests(&self) -> usize {
        self.host.requests().len()
    }

    /// When each of them came, counted from the first.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        let requests = self.host.requests();
        let pairs = requests.windows(2);
        pairs.map(|pair| pair[1].time.since(pair[0].time)).collect()
    }

    /// The events that the receiver, the queue or the object store has, in the order that they came in, repetitions included.
    pub(crate) fn received(&self) -> Vec<Value> {
        let mut received = self.receiver.received.borrow().clone();
        received.extend(self.host.queue_messages(BINDING));
        for object in self.host.stored_objects(BINDING) {
            let text = std::str::from_utf8(&object.bytes).unwrap();
            received.extend(text.lines().map(str::to_owned));
        }
        let lines = received.iter().map(|line| serde_json::from_str(line));
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// How many lines of the host's log contain `part`.
    pub(crate) fn logged(&self, part: &str) -> usize {
        let log = self.host.log_lines();
        log.iter().filter(|line| line.contains(part)).count()
    }
}

impl TestReceiver {
    fn reply(&self, request: &UpstreamRequest) -> testing::Reply {
        let reply = self.replies.borrow_mut().pop_front();
        let reply = reply.or_else(|| self.otherwise.borrow().clone());
        let records = log_records(request.text());
        let is_otlp = records.is_some();
        let lines = records.unwrap_or_else(|| bulk_lines(request.text()));
        let mut received = self.received.borrow_mut();
        match reply.unwrap_or(Reply::Accept) {
            Reply::Accept if is_otlp => {
                received.extend(lines);
                otlp_answer(0)
            }
            Reply::Accept => {
                let items = vec![json!({ "create": { "status": 201 } }); lines.len()];
                received.extend(lines);
                testing::Reply::new(200, json!({ "items": items }).to_string())
            }
            Reply::Say(status, headers, body) => {
                let reply = testing::Reply::new(status, body);
                headers
                    .iter()
                    .fold(reply, |reply, (name, value)| reply.header(name, value))
            }
            Reply::Take(places, status, body) => {
                received.extend(places.iter().map(|place| lines[*place].clone()));
                testing::Reply::new(status, body)
            }
            Reply::Each(statuses) if is_otlp => {
                let before = (lines.len(), received.len());
                let each = lines.into_iter().zip(statuses.into_iter().cycle());
                received.extend(
                    each.filter(|(_, status)| *status == 201)
                        .map(|(line, _)| line),
                );
                otlp_answer(before.0 - (received.len() - before.1))
            }
            Reply::Each(statuses) => {
                let mut items = Vec::new();
                for (line, status) in lines.into_iter().zip(statuses.into_iter().cycle()) {
                    items.push(json!({ "create": { "status": status } }));
                    received.extend((status == 201).then_some(line));
                }
                testing::Reply::new(200, json!({ "items": items }).to_string())
            }
            Reply::AcceptAndBreak => {
                received.extend(lines);
                broken()
            }
            Reply::Unreachable => broken(),
            Reply::Silent => testing::Reply::silent(),
        }
    }
}

/// The lines of a bulk request between those that say what to do with them.
fn bulk_lines(body: &str) -> Vec<String> {
    let lines = body.lines();
    let lines = lines.filter(|line| !line.starts_with("{\"create\""));
    lines.map(str::to_owned).collect()
}

/// The lines of a request with OpenTelemetry logs.
fn log_records(body: &str) -> Option<Vec<String>> {
    let logs: Value = serde_json::from_str(body).ok()?;
    let records = logs.pointer("/resourceLogs/0/scopeLogs/0/logRecords")?;
    let lines = records.as_array()?.iter().map(|record| {
        let line = record["body"]["stringValue"].as_str();
        line.unwrap().to_owned()
    });
    Some(lines.collect())
}

fn otlp_answer(rejected: usize) -> testing::Reply {
    let said = match rejected {
        0 => json!({}),
        _ => json!({ "partialSuccess": { "rejectedLogRecords": rejected.to_string() } }),
    };
    testing::Reply::new(200, said.to_string()).header("content-type", "application/json")
}

fn broken() -> testing::Reply {
    testing::Reply::error(FetchError::Failed("the connection broke".to_owned()))
}
