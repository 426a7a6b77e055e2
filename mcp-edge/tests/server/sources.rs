//! Tools of sources: an index in memory, and bodies that are read when a request touches them.

use std::cell::Cell;
use std::rc::Rc;

use mcp_edge::config::{Approvals, Limits, RateLimit, Rule, Settings};
use mcp_edge::context::Context;
use mcp_edge::discovery::manifest::{MANIFEST, Manifest, digest};
use mcp_edge::revision::Revision;
use mcp_edge::server::{
    ArgumentError, DIGEST_BYTES, InnerCall, Schema, Tenants, Tool, ToolBody, ToolError, ToolResult,
    ToolRole, ToolSource, ToolSummary,
};
use mcp_edge::testing::Client;
use mcp_edge::{BuildError, Server};
use serde_json::value::RawValue;
use serde_json::{Value, json, value};

use super::host::{PUBLIC, client};

/// A thing that can be waited for.
type Answer<T> = std::pin::Pin<Box<dyn Future<Output = T>>>;

/// What a broker does, by the end of its name.
const BROKERS: [&str; 2] = ["search", "call"];

/// A source of numbered tools, which are operations behind brokers where it has any.
#[derive(Clone)]
struct Numbered {
    label: String,
    names: Rc<Vec<String>>,
    has_brokers: bool,
    reads: Rc<Cell<u32>>,
}

impl Numbered {
    fn new(name: &str, count: usize) -> Self {
        Self {
            label: format!("the upstream `{name}`"),
            names: Rc::new(
                (1..=count)
                    .map(|number| format!("{name}_{number}"))
                    .collect(),
            ),
            has_brokers: false,
            reads: Rc::default(),
        }
    }

    /// The same tools as operations behind `NAME_search` and `NAME_call`.
    fn behind_brokers(name: &str, count: usize) -> Self {
        let plain = Self::new(name, count);
        let brokers = BROKERS.map(|does| format!("{name}_{does}"));
        Self {
            names: Rc::new(
                brokers
                    .into_iter()
                    .chain(plain.names.iter().cloned())
                    .collect(),
            ),
            has_brokers: true,
            ..plain
        }
    }

    fn is_broker(&self, place: usize) -> bool {
        self.has_brokers && place < BROKERS.len()
    }
}

fn definition(name: &str, is_broker: bool) -> Value {
    let properties = match is_broker {
        true => json!({ "name": { "type": "string" }, "arguments": { "type": "object" } }),
        false => json!({ "number": { "type": "integer" } }),
    };
    json!({
        "name": name,
        "description": format!("Does {name}."),
        "inputSchema": { "type": "object", "properties": properties, "additionalProperties": false },
    })
}

impl ToolSource for Numbered {
    fn label(&self) -> &str {
        &self.label
    }

    fn count(&self) -> usize {
        self.names.len()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    fn summary(&self, place: usize) -> Option<ToolSummary<'_>> {
        let name = self.names.get(place)?;
        Some(ToolSummary {
            name,
            role: match (self.has_brokers, self.is_broker(place)) {
                (false, _) => ToolRole::Tool,
                (true, true) => ToolRole::Broker,
                (true, false) => ToolRole::Operation,
            },
            read_only: self.is_broker(place) && name.ends_with("_search"),
            destructive: false,
            scopes: &[],
            mirrored: &[],
            upstream: None,
            tenants: Tenants::ALL,
        })
    }

    fn digest(&self, place: usize) -> Option<[u8; DIGEST_BYTES]> {
        let definition = definition(self.names.get(place)?, self.is_broker(place));
        let text = digest(&definition);
        let hexadecimal = text.trim_start_matches("sha256:");
        let mut bytes = [0; DIGEST_BYTES];
        for (number, byte) in bytes.iter_mut().enumerate() {
            let place = number.saturating_mul(2);
            let pair = hexadecimal.get(place..place.saturating_add(2))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(bytes)
    }

    fn open(&self, place: usize, _cx: &Context) -> Answer<Result<Rc<dyn ToolBody>, ToolError>> {
        self.reads.update(|reads| reads.saturating_add(1));
        let body = Body {
            place,
            source: self.clone(),
        };
        Box::pin(async move { Ok(Rc::new(body) as Rc<dyn ToolBody>) })
    }

    fn inner(&self, place: usize, arguments: &Value) -> Option<InnerCall> {
        let is_call = self.names.get(place)?.ends_with("_call");
        let arguments = arguments.as_object().filter(|_| is_call)?;
        Some(InnerCall {
            name: arguments.get("name")?.as_str()?.to_owned(),
            arguments: arguments
                .get("arguments")
                .filter(|it| it.is_object())?
                .clone(),
        })
    }
}

struct Body {
    place: usize,
    source: Numbered,
}

impl Body {
    fn name(&self) -> &str {
        &self.source.names[self.place]
    }

    fn modern(&self) -> Value {
        definition(self.name(), self.source.is_broker(self.place))
    }
}

impl ToolBody for Body {
    fn definition(&self, _revision: Revision) -> Result<Rc<RawValue>, String> {
        let raw = value::to_raw_value(&self.modern());
        raw.map(Rc::from).map_err(|error| error.to_string())
    }

    fn check(&self, arguments: &Value) -> Result<(), ArgumentError> {
        let schema = Schema::compile(&self.modern()["inputSchema"]);
        let schema = schema.map_err(|error| ArgumentError::Schema(error.to_string()))?;
        Ok(schema.validate(arguments)?)
    }

    /// Gives back what it was called with; a search, the names of what the caller may know of.
    fn call(&self, cx: Context, arguments: Value) -> Answer<Result<ToolResult, ToolError>> {
        let source = self.source.clone();
        let name = self.name().to_owned();
        Box::pin(async move {
            if !name.ends_with("_search") {
                return Ok(ToolResult::text(format!("{name}: {arguments}")));
            }
            let summaries = (0..source.count()).filter_map(|place| source.summary(place));
            let shown = summaries.filter(|it| it.role == ToolRole::Operation && cx.shows(it));
            let names: Vec<_> = shown.map(|summary| summary.name).collect();
            Ok(ToolResult::text(names.join(" ")))
        })
    }
}

fn own(name: &str) -> Tool {
    Tool::untyped(name, json!({ "type": "object" }), async |_, _| {
        Ok(ToolResult::text("own"))
    })
}

fn server(own_tools: &[&str], sources: &[&Numbered]) -> Result<Server, BuildError> {
    let server = Server::builder("com.example/rules", "1.0.0");
    let server = own_tools
        .iter()
        .fold(server, |server, name| server.tool(own(name)));
    let add = |server: mcp_edge::server::ServerBuilder, source: &&Numbered| {
        server.tools((*source).clone())
    };
    sources.iter().fold(server, add).build()
}

/// Settings under which callers without a token may use these tools.
fn allowing(tools: &'static [&'static str]) -> Settings {
    let rule = Rule {
        name: "some",
        tools,
        anonymous: true,
        ..Rule::DEFAULT
    };
    Settings {
        policy: vec![rule].leak(),
        ..PUBLIC
    }
}

fn with_page_size(page_size: usize) -> Settings {
    Settings {
        limits: Limits {
            page_size,
            ..PUBLIC.limits
        },
        ..PUBLIC
    }
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect()
}

fn call_inner(
    client: &Client,
    name: &str,
) -> Result<mcp_edge::testing::CallResult, mcp_edge::testing::CallError> {
    let arguments = json!({ "name": name, "arguments": { "number": 7 } });
    client.call_tool("pets_call", arguments)
}

#[test]
fn a_start_reads_no_tool_a_list_its_page_and_a_call_one() {
    let source = Numbered::new("pets", 1000);
    let client = client(server(&["own"], &[&source]), with_page_size(101));
    client
        .call("server/discover", json!({}))
        .expect("a discovery");
    assert_eq!(source.reads.get(), 0, "a start");

    let page = client.call("tools/list", json!({})).expect("a page");
    assert_eq!(page.value()["tools"].as_array().map(Vec::len), Some(101));
    assert_eq!(
        source.reads.get(),
        100,
        "a page, beside the server's own tool"
    );

    let result = client.call_tool("pets_1000", json!({ "number": 1 }));
    assert_eq!(
        result.expect("a result").text(),
        "pets_1000: {\"number\":1}"
    );
    assert_eq!(source.reads.get(), 101, "a call");
    let result = client.call_tool("pets_1", json!({ "number": "one" }));
    let text = result.expect("a result").text();
    assert!(text.starts_with("Invalid arguments: "), "{text}");
}

#[test]
fn a_call_that_is_refused_reads_nothing() {
    let source = Numbered::new("pets", 10);
    let client = client(server(&[], &[&source]), allowing(&["pets_1"]));
    let refused = client.call_tool("pets_2", json!({})).expect_err("a result");
    let absent = client
        .call_tool("pets_11", json!({}))
        .expect_err("a result");
    assert_eq!(refused.message, absent.message);
    assert_eq!(source.reads.get(), 0);
    assert_eq!(names(&client.list_tools().expect("a list")), ["pets_1"]);
    assert_eq!(source.reads.get(), 1);
}

#[test]
fn lists_continue_from_one_source_to_the_next() {
    let (pets, orders) = (Numbered::new("pets", 5), Numbered::new("orders", 5));
    let mut expected: Vec<String> = ["b", "a"].map(str::to_owned).to_vec();
    expected.extend(pets.names.iter().chain(orders.names.iter()).cloned());
    for page_size in [1, 2, 3, 4, 7, 12, 50] {
        let server = server(&["b", "a"], &[&pets, &orders]);
        let client = client(server, with_page_size(page_size));
        assert_eq!(names(&client.list_tools().expect("a list")), expected);
    }
}

#[test]
fn two_tools_of_one_name_are_a_mistake_that_names_both_sources() {
    let (pets, again) = (Numbered::new("pets", 3), Numbered::new("pets", 2));
    let orders = Numbered::behind_brokers("orders", 2);
    for (own, sources, expected) in [
        (
            &["pets_2"][..],
            &[&pets][..],
            "the server and the upstream `pets` both have a tool named `pets_2`",
        ),
        (
            &[],
            &[&pets, &orders, &again],
            "the upstream `pets` and the upstream `pets` both have a tool named `pets_1`",
        ),
        (
            &["orders_1"],
            &[&orders],
            "the server and the upstream `orders` both have a tool named `orders_1`",
        ),
        (
            &[],
            &[&Numbered::new("pe ts", 1)],
            "the upstream `pe ts`: tool `pe ts_1`: a name has 1 to 128 letters",
        ),
    ] {
        let mistake = server(own, sources).expect_err("a server").to_string();
        assert!(mistake.contains(expected), "{mistake}");
    }
}

#[test]
fn a_broker_is_listed_for_callers_who_may_use_an_operation() {
    let source = Numbered::behind_brokers("pets", 5);
    for (rules, expected) in [
        (&["pets_3", "pets_5"][..], &["pets_search", "pets_call"][..]),
        (&["other", "pets_search", "pets_call"], &["other"]),
        (&["other"], &["other"]),
    ] {
        let client = client(server(&["other"], &[&source]), allowing(rules));
        let listed = client.list_tools().unwrap_or_default();
        let listed: Vec<_> = names(&listed)
            .into_iter()
            .filter(|it| expected.contains(it))
            .collect();
        assert_eq!(listed, expected, "{rules:?}");
        let all = client.list_tools().unwrap_or_default().len();
        assert_eq!(all, expected.len(), "{rules:?}");
    }
}

#[test]
fn policy_decides_about_the_operation_that_a_broker_calls() {
    let source = Numbered::behind_brokers("pets", 5);
    let client = client(server(&[], &[&source]), allowing(&["pets_3", "pets_5"]));
    let found = client
        .call_tool("pets_search", json!({}))
        .expect("a result");
    assert_eq!(found.text(), "pets_3 pets_5");

    client.host().take_log_lines();
    let result = call_inner(&client, "pets_3").expect("a result");
    assert_eq!(result.text(), "pets_3: {\"number\":7}");
    let event = client.host().events().remove(0);
    assert_eq!(event["name"], "pets_3");
    assert_eq!(event["rule"], "some");

    // What the caller may not know of is as what is not there. What it may know of is called through the broker.
    let refused = ["pets_2", "pets_6", "pets_search"]
        .map(|name| call_inner(&client, name).expect_err("a result").message);
    let direct = client.call_tool("pets_3", json!({})).expect_err("a result");
    let absent = "Invalid params: there is no tool of that name; see tools/list";
    assert_eq!(refused, [absent; 3]);
    assert!(direct.message.contains("pets_call"), "{direct}");
    let event = client.host().events().remove(1);
    assert_eq!(event["name"], "pets_2");
    assert_eq!(event["outcome"], "refused");
}

#[test]
fn arguments_in_the_log_are_those_of_the_operation() {
    let source = Numbered::behind_brokers("pets", 1);
    let broker = client(server(&[], &[&source]), PUBLIC);
    call_inner(&broker, "pets_1").expect("a result");
    let plain = client(server(&[], &[&Numbered::new("pets", 1)]), PUBLIC);
    plain
        .call_tool("pets_1", json!({ "number": 7 }))
        .expect("a result");
    let [through, direct] = [broker, plain].map(|client| client.host().events().remove(0));
    assert_eq!(through["arguments"], direct["arguments"]);
    assert_eq!(through["name"], direct["name"]);
}

#[test]
fn arguments_that_name_no_operation_are_checked_by_the_broker() {
    let source = Numbered::behind_brokers("pets", 2);
    let client = client(server(&[], &[&source]), PUBLIC);
    for arguments in [
        json!({ "name": 7, "arguments": {} }),
        json!({ "name": "pets_1", "arguments": [] }),
    ] {
        let result = client.call_tool("pets_call", arguments).expect("a result");
        assert!(
            result.text().starts_with("Invalid arguments: "),
            "{}",
            result.text()
        );
        assert_eq!(
            client.host().events().pop().expect("an event")["name"],
            "pets_call"
        );
    }
}

#[test]
fn rates_count_the_operation() {
    let rate = RateLimit {
        name: "pets",
        tools: &["pets_1"],
        calls: Some(1),
        ..RateLimit::DEFAULT
    };
    let settings = Settings {
        rate_limits: vec![rate].leak(),
        ..PUBLIC
    };
    let source = Numbered::behind_brokers("pets", 2);
    let client = client(server(&[], &[&source]), settings);
    assert!(call_inner(&client, "pets_1").is_ok());
    assert_eq!(
        call_inner(&client, "pets_1").expect_err("a result").status,
        429
    );
    assert!(call_inner(&client, "pets_2").is_ok());
}

#[test]
fn an_operation_that_is_not_approved_is_in_quarantine() {
    for has_brokers in [false, true] {
        let source = match has_brokers {
            true => Numbered::behind_brokers("pets", 3),
            false => Numbered::new("pets", 3),
        };
        let approved = [1, 3].map(|number| {
            let name = format!("pets_{number}");
            digest(&definition(&name, false)).leak() as &'static str
        });
        let settings = Settings {
            approvals: Approvals {
                tools: approved.to_vec().leak(),
            },
            ..PUBLIC
        };
        let client = client(server(&[], &[&source]), settings);
        if has_brokers {
            let found = client
                .call_tool("pets_search", json!({}))
                .expect("a result");
            assert_eq!(found.text(), "pets_1 pets_3");
            assert!(call_inner(&client, "pets_3").is_ok());
            assert!(call_inner(&client, "pets_2").is_err());
        } else {
            assert_eq!(
                names(&client.list_tools().expect("a list")),
                ["pets_1", "pets_3"]
            );
            assert!(client.call_tool("pets_2", json!({})).is_err());
        }
        let event = client.host().events().pop().expect("an event");
        assert_eq!(event["quarantined"], true, "{event}");
    }
}

#[test]
fn a_manifest_has_the_digests_of_definitions_that_are_not_in_memory() {
    let (pets, orders) = (
        Numbered::new("pets", 2),
        Numbered::behind_brokers("orders", 2),
    );
    let built = server(&["own"], &[&pets, &orders]).expect("a server");
    let client = client(Ok(built.clone()), PUBLIC);
    let response = client.get("/mcp/manifest");
    assert_eq!((pets.reads.get(), orders.reads.get()), (0, 0));
    let manifest: Value = serde_json::from_slice(response.body()).expect("JSON");
    let listed = client.list_tools().expect("a list");
    let tools = manifest["tools"].as_array().expect("an array");
    assert_eq!(tools.len(), listed.len());
    for (in_manifest, in_list) in tools.iter().zip(&listed) {
        assert_eq!(in_manifest["name"], in_list["name"]);
        assert_eq!(digest(in_manifest), digest(in_list));
    }
    assert!(tools[0]["inputSchema"].is_object(), "the server's own");
    assert_eq!(
        tools[1],
        json!({ "name": "pets_1", "digest": digest(&listed[1]) })
    );
    let expected = ["orders_1", "orders_2"]
        .map(|name| json!({ "name": name, "digest": digest(&definition(name, false)) }));
    assert_eq!(manifest["operations"], json!(expected));

    let described = built.describe();
    let described = described.as_object().expect("an object");
    let page = client.call("tools/list", json!({})).expect("a page");
    assert_eq!(
        page.value()["_meta"][MANIFEST],
        Manifest::of_description(described).digest
    );
}
