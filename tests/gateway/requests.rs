//! The request that each host sends, compared byte for byte with that of the native one: `requests.txt` has what the upstream of
//! a native gateway received, with the headers sorted, and `MCP_EDGE_BLESS=1` writes it natively.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::recorder::Received;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::Upstream;
use serde_json::{Value, json};
use xtask::host::Host;
use xtask::workspace;

use crate::api::{CONFIGURATION, answer, deploy};

const FILE: &str = "tests/gateway/requests.txt";

/// A header that hosts add, or whose value differs in every run.
struct Difference {
    header: &'static str,
    /// The only value that makes a difference, where it is not any.
    value: Option<&'static str>,
    /// The hosts that send it.
    hosts: &'static [Host],
    reason: &'static str,
}

/// Every difference between what hosts send.
const DIFFERENCES: &[Difference] = &[
    Difference {
        header: "host",
        value: None,
        hosts: &[Host::Native, Host::Workers, Host::Spin],
        reason: "it has the port of the upstream, which differs in every run",
    },
    Difference {
        header: "traceparent",
        value: None,
        hosts: &[Host::Native, Host::Workers, Host::Spin],
        reason: "it has the identifier of the call (W3C Trace Context), which differs in every call",
    },
    Difference {
        header: "accept-encoding",
        value: Some("identity"),
        hosts: &[Host::Native, Host::Spin],
        reason: "their HTTP clients unpack nothing; a Worker does not set it, and workerd sends none",
    },
    Difference {
        header: "cf-worker",
        value: None,
        hosts: &[Host::Workers],
        reason: "workerd names the zone of the Worker in each request",
    },
    Difference {
        header: "content-length",
        value: Some("0"),
        hosts: &[Host::Native, Host::Workers],
        reason: "they send it with a POST without a body (RFC 9110, 8.6), workerd with a DELETE as well",
    },
    Difference {
        header: "transfer-encoding",
        value: Some("chunked"),
        hosts: &[Host::Spin],
        reason: "wasi:http has a body in a POST and a DELETE without one, which ends at once",
    },
];

/// Whether hosts differ in this header.
pub(crate) fn is_of_host(host: Host, name: &str, value: &str) -> bool {
    DIFFERENCES.iter().any(|row| row.fits(host, name, value))
}

impl Difference {
    fn fits(&self, host: Host, name: &str, value: &str) -> bool {
        let is_value = self.value.is_none_or(|own| own == value);
        self.header == name && self.hosts.contains(&host) && is_value
    }
}

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![every_host_sends_the_same_bytes]
}

/// Calls of every kind of parameter and body.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("getThing", json!({ "id": "1" })),
        (
            "getThing",
            json!({
                "id": "a b;c",
                "tags": ["x", "y,z"],
                "filter": { "a": "1&2", "b": 3 },
                "X-Trace-Note": "seen",
                "view": "wide",
                "page.size": 5,
            }),
        ),
        (
            "getThing",
            json!({
                "id": "Grüße ~!$&'()*+,=:@ 世界 \u{1F980}",
                "tags": ["%2F", "+", " ", "ä"],
                "filter": { "a": "[]{}|^`\"<>", "b": -1 },
                "X-Trace-Note": "a, b; c=\"d\"",
                "view": "a-b_c.d",
            }),
        ),
        ("getThing", json!({ "id": "100%" })),
        ("getThing", json!({ "id": "x", "tags": [] })),
        (
            "putThing",
            json!({ "id_path": "7", "id": "inner", "name": "n", "size": 1.50 }),
        ),
        (
            "putThing",
            json!({ "id_path": "7", "name": "Grüße, 世界 \u{1F980} \u{0}\t\n\"\\/", "size": 1e100 }),
        ),
        (
            "putThing",
            json!({ "id_path": "7", "name": "", "size": 9_007_199_254_740_993_u64 }),
        ),
        ("deleteThing", json!({ "id": "1" })),
        ("find", json!({ "query": "a b+c&d=e#f?g/h" })),
        ("find", json!({ "query": "", "limit": 0 })),
        ("sendForm", json!({ "a": "ä &=", "b": ["1", "2"] })),
        ("sendForm", json!({})),
        ("upload", json!({ "note": "hello", "file": "aGkgdGhlcmU=" })),
        ("upload", json!({ "note": "--x\r\n", "file": "AAEC/w==" })),
        ("image", json!({})),
        ("file", json!({})),
        ("text", json!({})),
        ("list_ids", json!({ "after": 7 })),
        ("nothing", json!({})),
        ("status", json!({ "code": 404 })),
    ]
}

fn every_host_sends_the_same_bytes(hosting: &Hosting) {
    let own = deploy(hosting, CONFIGURATION, Upstream::start(answer));
    let mut recorded = String::new();
    let mut headers = BTreeSet::new();
    for (number, (tool, arguments)) in calls().into_iter().enumerate() {
        own.gateway.call(tool, arguments.clone(), None);
        let received = own.upstream.received();
        assert_eq!(received.len(), number + 1, "{tool} {arguments}");
        let request = received.last().unwrap();
        headers.extend(request.headers.iter().cloned());
        let _ = writeln!(
            recorded,
            "{tool} {arguments}\n{}",
            written(hosting.host, request)
        );
    }
    // A row that no host needs hides what another sends by mistake.
    for row in DIFFERENCES
        .iter()
        .filter(|row| row.hosts.contains(&hosting.host))
    {
        let mut headers = headers.iter();
        let is_sent = headers.any(|(name, value)| row.fits(hosting.host, name, value));
        assert!(is_sent, "{} does not send {}", hosting.host, row.header);
        assert!(!row.reason.is_empty());
    }
    // For a person who looks at what differs.
    let kept = workspace::target_folder("gateway-requests").unwrap();
    std::fs::write(kept.join(format!("{}.txt", hosting.host)), &recorded).unwrap();
    let file = workspace::root().join(FILE);
    if hosting.host == Host::Native && std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&file, &recorded).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    // The difference, and not both texts.
    for (line, (expected, found)) in golden.lines().zip(recorded.lines()).enumerate() {
        assert_eq!(found, expected, "line {} of {FILE}", line + 1);
    }
    assert_eq!(recorded.len(), golden.len());
}

/// A request with its headers sorted, without those that differ, and with a name in place of the random boundary.
fn written(host: Host, request: &Received) -> String {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, value)| !is_of_host(host, name, value))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    let text = format!(
        "{} {}\n{}\n\n{}\n",
        request.method,
        request.target,
        headers.join("\n"),
        request.bytes.escape_ascii()
    );
    match request
        .header("content-type")
        .and_then(|value| value.split_once("boundary="))
    {
        Some((_, boundary)) => text.replace(boundary, "BOUNDARY"),
        None => text,
    }
}
