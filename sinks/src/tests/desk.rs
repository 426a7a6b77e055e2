//! A small server in a [`World`], asked through its front door.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use futures_util::StreamExt as _;
use mcp_edge_audit::evidence::{Purpose, SignedStatement, is_signed};
use mcp_edge_runtime::audit_trail::evidence::SigningKeys;
use mcp_edge_runtime::config::{Sink, TextSetting};
use mcp_edge_runtime::context::Context;
use mcp_edge_runtime::http::{Body, Request};
use mcp_edge_runtime::server::{NoInput, Server, Tool, ToolError};
use mcp_edge_runtime::{BuildError, Runtime};
use serde_json::{Value, json};

use crate::testing::world::{World, configuration};

const MODERN: &str = "2026-07-28";
pub(super) const EVIDENCE: &str = "e1:sign:UK5h6EH6xOj55AuvKtNuyGiSLqSDaMGPlTXkfbVt1/s=";

/// A receiver that answers for each event.
pub(super) const SIEM: Sink = Sink {
    name: "siem",
    protocol: crate::ELASTICSEARCH,
    url: Some(TextSetting::Literal("https://siem.example")),
    index: Some("events"),
    ..Sink::DEFAULT
};

/// One instance.
pub(super) struct Desk {
    pub(super) world: Rc<World>,
    pub(super) runtime: Runtime,
    /// How often the destructive tool ran.
    pub(super) paid: Rc<Cell<u32>>,
}

impl Desk {
    pub(super) fn open(world: &Rc<World>, sink: Sink) -> Self {
        world.host.set_variable("EVIDENCE", EVIDENCE);
        let paid = Rc::new(Cell::new(0));
        Self {
            world: Rc::clone(world),
            runtime: Runtime::new(server(&paid), configuration(sink)),
            paid,
        }
    }

    /// Calls a tool; the messages of the answer.
    pub(super) fn call(&self, tool: &str) -> Vec<Value> {
        let (times, messages) = self.answer(call(tool)).into_iter().unzip();
        let _: Vec<Duration> = times;
        messages
    }

    /// Calls a tool so many times, and lets what follows the responses come to its end.
    pub(super) fn call_and_settle(&self, tool: &str, times: usize) {
        for _ in 0..times {
            self.call(tool);
        }
        self.world.host.run_after_response();
    }

    /// The status that a health probe is told.
    pub(super) fn probe(&self, path: &str) -> u16 {
        let request = http::Request::get(path).body(Bytes::new().into()).unwrap();
        let answer = self.runtime.serve(request, self.world.host.shared());
        self.world.host.run(answer).status().as_u16()
    }

    /// The messages of the answer, and how long after the request each came.
    pub(super) fn answer(&self, request: Request) -> Vec<(Duration, Value)> {
        self.world.host.run(self.answering(request))
    }

    pub(super) async fn answering(&self, request: Request) -> Vec<(Duration, Value)> {
        let began = self.world.host.now();
        let response = self.runtime.serve(request, self.world.host.shared()).await;
        let mut messages = Vec::new();
        match response.into_body() {
            Body::Empty => {}
            Body::Whole(bytes) => {
                let waited = self.world.host.now().since(began);
                match serde_json::from_slice(&bytes).unwrap() {
                    Value::Array(all) => {
                        messages.extend(all.into_iter().map(|message| (waited, message)));
                    }
                    one => messages.push((waited, one)),
                }
            }
            Body::Stream(mut stream) => {
                while let Some(frame) = stream.next().await {
                    let frame = String::from_utf8(frame.unwrap().to_vec()).unwrap();
                    if let Some(message) = frame.strip_prefix("data: ") {
                        let waited = self.world.host.now().since(began);
                        messages.push((waited, serde_json::from_str(message).unwrap()));
                    }
                }
            }
        }
        messages
    }
}

fn server(paid: &Rc<Cell<u32>>) -> Result<Server, BuildError> {
    let paid = Rc::clone(paid);
    Server::builder("com.example/payments", "1.0.0")
        .tool(
            Tool::typed("look", async |_: Context, _: NoInput| {
                Ok::<_, ToolError>("seen".to_owned())
            })
            .read_only(true),
        )
        .tool(
            Tool::typed("walk", async |cx: Context, _: NoInput| {
                cx.progress(0.5, "on the way").await;
                cx.sleep(Duration::from_secs(1)).await;
                Ok::<_, ToolError>("there".to_owned())
            })
            .read_only(true),
        )
        .tool(
            Tool::typed("chat", async |cx: Context, _: NoInput| {
                for done in 0..10_u8 {
                    cx.progress((f64::from(done), 10.0), "").await;
                }
                Ok::<_, ToolError>("told".to_owned())
            })
            .read_only(true),
        )
        .tool(
            Tool::typed("sleep", async |cx: Context, _: NoInput| {
                cx.sleep(Duration::from_secs(6 * 60)).await;
                Ok::<_, ToolError>("awake".to_owned())
            })
            .read_only(true),
        )
        .tool(
            Tool::typed("pay", move |_: Context, _: NoInput| {
                paid.set(paid.get() + 1);
                async { Ok::<_, ToolError>("paid".to_owned()) }
            })
            .destructive(true),
        )
        .build()
}

/// A call of the newest revision.
pub(super) fn call(tool: &str) -> Request {
    let message = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {
            "name": tool,
            "arguments": {},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
                "progressToken": "p",
            },
        },
    });
    let request = post()
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool);
    request
        .body(Bytes::from(message.to_string()).into())
        .unwrap()
}

/// A batch of the revision 2025-03-26.
pub(super) fn batch(messages: &Value) -> Request {
    let body = Bytes::from(messages.to_string());
    post().body(body.into()).unwrap()
}

fn post() -> http::request::Builder {
    http::Request::post("/mcp")
        .header("host", "mcp.example.com")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
}

/// The place of an event in its chain.
pub(super) fn sequence(event: &Value) -> u64 {
    event["chain"]["sequence"].as_u64().unwrap()
}

pub(super) fn sequences(events: &[Value]) -> Vec<u64> {
    events.iter().map(sequence).collect()
}

pub(super) fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["event"] == kind)
        .collect()
}

/// Every seal in what was received is one over its event.
pub(super) fn assert_seals_hold(events: &[Value]) {
    let jwks = SigningKeys::parse(EVIDENCE).unwrap().jwks();
    let key = Base64UrlUnpadded::decode_vec(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    for event in events.iter().filter(|event| !event["seal"].is_null()) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let statement = SignedStatement {
            purpose: Purpose::Seal,
            chain: &text(&event["chain"]["id"]),
            sequence: sequence(event),
            hash: &text(&event["hash"]),
            time: &text(&event["seal"]["time"]),
        };
        let signature = text(&event["seal"]["signature"]);
        assert!(is_signed(
            &statement,
            &signature,
            &key[..].try_into().unwrap()
        ));
    }
}

/// Every event of the one chain up to the newest was received or is told of as lost, and none both; the counts are exact.
pub(super) fn assert_accounted_for(events: &[Value]) {
    let received: BTreeSet<u64> = sequences(events).into_iter().collect();
    let mut told = BTreeSet::new();
    let mut count = 0;
    for loss in of_kind(events, "mcp.loss") {
        count += loss["delivery"]["events"].as_u64().unwrap();
        for range in loss["delivery"]["sequences"].as_array().unwrap() {
            let (first, last) = (range[0].as_u64().unwrap(), range[1].as_u64().unwrap());
            for lost in first..=last {
                assert!(told.insert(lost), "{lost} is told of twice");
            }
        }
    }
    assert!(received.is_disjoint(&told), "{received:?} {told:?}");
    assert_eq!(usize::try_from(count).unwrap(), told.len());
    let newest = *received.last().unwrap();
    let all: BTreeSet<u64> = received.union(&told).copied().collect();
    assert_eq!(all, (0..=newest).collect());
}
