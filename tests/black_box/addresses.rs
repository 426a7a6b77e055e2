//! Where a client is: what the host says, and what proxies say where they are trusted.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Guarded, LoggedEvent, Request, modern, tests};
use serde_json::{Value, json};
use xtask::host::Host;

/// `three from an address` of tests/guarded-server.
const CALLS: usize = 3;

pub fn tests() -> Vec<Test> {
    tests![
        without_the_setting_no_header_is_read,
        the_last_address_that_is_not_a_trusted_proxys_is_in_the_event,
        a_rate_by_address_counts_clients_apart,
    ]
}

fn about(headers: &[(&str, &str)]) -> Request {
    let request = modern("tools/call", json!({ "name": "about", "arguments": {} }));
    with(request, headers)
}

fn with(request: Request, headers: &[(&str, &str)]) -> Request {
    let add = |request: Request, (name, value): &(&str, &str)| request.also(name, *value);
    headers.iter().fold(request, add)
}

/// `address` of the event.
fn address(event: &LoggedEvent) -> Option<&str> {
    event
        .get("client_address")
        .map(|address| address.as_str().unwrap())
}

const CLAIMS: &[&[(&str, &str)]] = &[
    &[("X-Forwarded-For", "203.0.113.1")],
    &[("Forwarded", "for=203.0.113.1")],
    &[
        ("X-Forwarded-For", "203.0.113.1"),
        ("Forwarded", "for=203.0.113.1"),
    ],
    &[("X-Real-IP", "203.0.113.1")],
];

/// The fixture has no such setting, and platforms do not read it.
fn without_the_setting_no_header_is_read(servers: &Servers) {
    let fixture = |client: &str, headers: &[(&str, &str)]| {
        let request = with(modern("server/discover", json!({})), headers);
        servers.fixture.send(&request.client(client));
        servers.events.of_client(client)
    };
    let own = fixture("address-own", &[]);
    if servers.host == Host::Native {
        assert_eq!(address(&own), Some("127.0.0.1"));
    }
    for (place, claim) in CLAIMS.iter().enumerate() {
        let event = fixture(&format!("address-claimed-{place}"), claim);
        assert_eq!(address(&event), address(&own), "{claim:?}");
    }
    if servers.host != Host::Native {
        let server = servers.guarded();
        for (place, claim) in CLAIMS.iter().enumerate() {
            let client = format!("address-platform-{place}");
            server.endpoint.send(&about(claim).client(&client));
            let event = server.events.of_client(&client);
            assert_eq!(address(&event), address(&own), "{claim:?}");
        }
    }
}

#[rustfmt::skip]
fn the_last_address_that_is_not_a_trusted_proxys_is_in_the_event(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let server = servers.guarded();
    const PEER: &str = "127.0.0.1";
    let list = "X-Forwarded-For";
    let standard = "Forwarded";
    for (place, (headers, expected)) in [
        (&[][..], PEER),
        (&[(list, "198.51.100.7")], "198.51.100.7"),
        (&[(list, "203.0.113.1, 198.51.100.7, 10.1.2.3")], "198.51.100.7"),
        (&[(list, "203.0.113.1"), (list, "198.51.100.7"), (list, "10.1.2.3")], "198.51.100.7"),
        (&[(list, "[2001:db8::7]:4711")], "2001:db8::7"),
        (&[(list, "::ffff:198.51.100.7")], "198.51.100.7"),
        (&[(standard, "for=203.0.113.1, for=198.51.100.7;proto=https")], "198.51.100.7"),
        (&[(standard, "for=\"[2001:db8::7]:4711\", for=10.1.2.3")], "2001:db8::7"),
        (&[(list, "198.51.100.7"), (standard, "for=198.51.100.7")], "198.51.100.7"),
        (&[(list, "198.51.100.7"), (standard, "for=198.51.100.8")], PEER),
        (&[(list, "198.51.100.7"), (standard, "for=unknown")], PEER),
        (&[(standard, "for=_hidden")], PEER),
        (&[(standard, "for=198.51.100.7:80")], PEER),
        (&[(list, "198.51.100.7, nonsense")], PEER),
        (&[(list, "nonsense, 198.51.100.7")], "198.51.100.7"),
        (&[(standard, "for=\"nonsense, for=198.51.100.7")], "198.51.100.7"),
        (&[("X-Real-IP", "198.51.100.7")], PEER),
    ].into_iter().enumerate() {
        let client = format!("address-{place}");
        server.endpoint.send(&about(headers).client(&client));
        let event = server.events.of_client(&client);
        assert_eq!(address(&event), Some(expected), "{headers:?}");
    }
}

fn a_rate_by_address_counts_clients_apart(servers: &Servers) {
    if servers.host != Host::Native {
        return;
    }
    let server = servers.guarded();
    let claims = json!({ "sub": "op", "tenant": "globex", "roles": ["operator"] });
    let token = server.token(claims);
    let knock = |headers: &[(&str, &str)]| status(server, &token, headers);
    for client in ["198.51.100.21", "198.51.100.22", "2001:db8:0:1::1"] {
        // A client cannot become another by what it sends itself.
        let statuses: Vec<u16> = (0..=CALLS)
            .map(|count| knock(&[("X-Forwarded-For", &format!("203.0.113.{count}, {client}"))]))
            .collect();
        let mut expected = vec![200; CALLS];
        expected.push(429);
        assert_eq!(statuses, expected, "{client}");
    }
    // The other addresses of its network are the client's as well.
    assert_eq!(knock(&[("X-Forwarded-For", "2001:db8:0:1::2")]), 429);
    assert_eq!(knock(&[("X-Forwarded-For", "2001:db8:0:2::1")]), 200);
}

fn status(server: &Guarded, token: &str, headers: &[(&str, &str)]) -> u16 {
    let params: Value = json!({ "name": "shell_knock", "arguments": {} });
    let request = with(modern("tools/call", params), headers);
    server.endpoint.send(&request.bearer(token)).status
}
