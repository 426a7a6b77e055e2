//! Three strands of one conversation, interleaved: a legacy session, a list in pages, a tool that asks.

use std::collections::BTreeSet;

use mcp_edge_tests::{Answer, Request, legacy, modern, notification, tokens};
use serde_json::{Value, json};
use std::fs::read_to_string;

use crate::relay::Relay;

const REVISION: &str = "2025-11-25";

/// Holds the conversation, and rotates the keys twice on the way. `catalog` has the operations that are tools alongside those of
/// the server.
pub fn hold(relay: &mut Relay, catalog: Option<&Catalog>) {
    let discovered = relay.send(&modern("server/discover", json!({})));
    assert_eq!(discovered.result()["capabilities"]["tools"], json!({}));

    let session = initialize(relay);
    let mut pages = Pages::begin(relay);
    let charge = call("charge", json!({}));
    let who = relay.send(&charge);
    let several = call("ask_several", json!({}));
    let open = relay.send(&several);
    let session_tools = old(&session, "tools/list", json!({}));
    let mut old_pages = Pages::begin_with(relay, session_tools);
    call_catalog(relay, catalog, "first");
    let old_state = key_of(who.result()["requestState"].as_str().unwrap());
    assert_eq!(
        (key_of(&session), old_state),
        ("before".to_owned(), "before".to_owned())
    );

    // The new key becomes known.
    relay.rotate();
    let level = old(&session, "logging/setLevel", json!({ "level": "error" }));
    let louder = relay
        .send(&level)
        .header("mcp-session-id")
        .unwrap()
        .to_owned();
    call_catalog(relay, catalog, "second");
    let receipt = relay.send(&again(
        &charge,
        &who,
        json!({ "name": accept(json!({ "name": "Ada" })) }),
    ));
    pages.turn(relay);
    old_pages.turn(relay);
    let open = relay.send(&again(
        &several,
        &open,
        json!({ "city": accept(json!({ "city": "Paris" })) }),
    ));
    assert_eq!(
        described(relay, &session)["capabilities"],
        json!({ "roots": {} })
    );

    // The new key signs, and the old one is only known.
    relay.rotate();
    let open = relay.send(&again(
        &several,
        &open,
        json!({ "age": accept(json!({ "age": 36 })) }),
    ));
    assert_eq!(heard(relay, &session), 7, "all but debug");
    assert_eq!(heard(relay, &louder), 4, "error and worse");
    pages.turn(relay);
    let done = relay.send(&again(
        &charge,
        &receipt,
        json!({ "confirm": accept(json!({ "ok": true })) }),
    ));
    let (number, ok) = done.text().split_once(": ").unwrap();
    let question = &receipt.result()["inputRequests"]["confirm"]["params"]["message"];
    assert!(
        question.as_str().unwrap().contains(number),
        "the step ran once: {question}"
    );
    assert_eq!(ok, "true");

    let all = relay.send(&again(
        &several,
        &open,
        json!({ "name": accept(json!({ "name": "Ada" })) }),
    ));
    assert_eq!(all.text(), "Ada, Paris, 36");
    assert_eq!(
        key_of(open.result()["requestState"].as_str().unwrap()),
        "after"
    );

    // What was given out before the rotation is as good as ever.
    let replayed = relay.send(&again(
        &charge,
        &who,
        json!({ "name": accept(json!({ "name": "Ada" })) }),
    ));
    assert_eq!(
        replayed.result()["inputRequests"],
        receipt.result()["inputRequests"]
    );
    assert_eq!(described(relay, &session)["revision"], REVISION);
    assert_eq!(key_of(&initialize(relay)), "after");
    call_catalog(relay, catalog, "third");
    pages.end(relay, catalog);
    old_pages.end(relay, catalog);
}

/// Calls an operation, which the upstream answers with what it was asked for.
fn call_catalog(relay: &mut Relay, catalog: Option<&Catalog>, id: &str) {
    if catalog.is_some() {
        let answer = relay.send(&call("getOrder", json!({ "id": id })));
        let path = format!("/orders/{id}");
        assert_eq!(answer.result()["structuredContent"]["path"], path);
    }
}

fn initialize(relay: &mut Relay) -> String {
    let params = json!({
        "protocolVersion": REVISION,
        "capabilities": { "roots": {} },
        "clientInfo": { "name": "traveller", "version": "1" },
    });
    let answer = relay.send(&legacy(REVISION, "initialize", params));
    assert_eq!(answer.result()["protocolVersion"], REVISION);
    let session = answer.header("mcp-session-id").unwrap().to_owned();
    let initialized = notification(REVISION, "notifications/initialized");
    assert_eq!(relay.send(&initialized.session(&session)).status, 202);
    session
}

fn old(session: &str, method: &str, params: Value) -> Request {
    legacy(REVISION, method, params).session(session)
}

fn described(relay: &mut Relay, session: &str) -> Value {
    let request = old(session, "tools/call", json!({ "name": "describe_client" }));
    relay.send(&request).result()["structuredContent"].clone()
}

/// How many log messages a session hears.
fn heard(relay: &mut Relay, session: &str) -> usize {
    let request = old(session, "tools/call", json!({ "name": "chatter" }));
    relay
        .send(&request)
        .notifications("notifications/message")
        .len()
}

fn call(name: &str, arguments: Value) -> Request {
    modern(
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
    .capabilities(json!({ "elicitation": {} }))
}

fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}

fn again(request: &Request, asked: &Answer, answers: Value) -> Request {
    let result = asked.result();
    assert_eq!(result["resultType"], "input_required", "{result}");
    request
        .clone()
        .param("inputResponses", answers)
        .param("requestState", result["requestState"].clone())
}

/// The name of the key that signed a token.
fn key_of(token: &str) -> String {
    let header: Value =
        serde_json::from_str(&tokens::decoded(token.split('.').next().unwrap())).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The operations of the server with a catalog, by their names.
pub struct Catalog(BTreeSet<String>);

impl Catalog {
    /// Those of all documents.
    pub fn read() -> anyhow::Result<Self> {
        let folder = xtask::workspace::server(xtask::conformance::mounted::SERVER)?;
        let mut names = BTreeSet::new();
        for document in ["orders.yaml", "archive.yaml"] {
            let text = read_to_string(folder.join(document))?;
            let ids = text.split("operationId: ").skip(1);
            names.extend(ids.filter_map(|rest| rest.split([',', '\n']).next().map(str::to_owned)));
        }
        Ok(Self(names))
    }
}

/// A list on its way through its pages.
struct Pages {
    request: Request,
    names: Vec<String>,
    next: Value,
    /// The names that each page had.
    sizes: Vec<usize>,
}

impl Pages {
    fn begin(relay: &mut Relay) -> Self {
        Self::begin_with(relay, modern("tools/list", json!({})))
    }

    fn begin_with(relay: &mut Relay, request: Request) -> Self {
        let first = relay.send(&request);
        let mut pages = Self {
            request,
            names: Vec::new(),
            next: Value::Null,
            sizes: Vec::new(),
        };
        pages.take(&first);
        pages
    }

    fn turn(&mut self, relay: &mut Relay) {
        assert!(self.next.is_string(), "the list ended too early");
        let answer = relay.send(&self.request.clone().param("cursor", self.next.clone()));
        self.take(&answer);
    }

    fn end(mut self, relay: &mut Relay, catalog: Option<&Catalog>) {
        while self.next.is_string() {
            self.turn(relay);
        }
        let distinct: BTreeSet<&String> = self.names.iter().collect();
        assert_eq!(distinct.len(), self.names.len(), "nothing comes twice");
        let crowd = self.names.iter().filter(|name| name.starts_with("crowd_"));
        assert_eq!(crowd.count(), 120, "nothing is left out");
        if let Some(catalog) = catalog {
            self.has_all_of(catalog);
        }
    }

    fn take(&mut self, answer: &Answer) {
        let tools = answer.result()["tools"].as_array().unwrap();
        self.names.extend(
            tools
                .iter()
                .map(|tool| tool["name"].as_str().unwrap().to_owned()),
        );
        self.sizes.push(tools.len());
        self.next = answer.result()["nextCursor"].clone();
    }

    /// Every operation was listed, on more than one page.
    fn has_all_of(&self, catalog: &Catalog) {
        let is_own = |name: &&String| catalog.0.contains(name.as_str());
        let listed: BTreeSet<&String> = self.names.iter().filter(is_own).collect();
        assert_eq!(listed, catalog.0.iter().collect());
        let mut names = self.names.as_slice();
        let pages = self.sizes.iter().filter(|size| {
            let (page, rest) = names.split_at(**size);
            names = rest;
            page.iter().any(|name| is_own(&name))
        });
        assert!(pages.count() > 1, "a cursor lies within the catalog");
    }
}
