//! More connections than the server may have: idle ones make room for others, requests in progress are answered, and
//! the server keeps descriptors for itself.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, TcpStream};

use mcp_edge_tests::good::{GoodClient, LATE, repeat};
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::recorder::{Recorder, wait_for};
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Endpoint, tests};

use crate::attacked::{Attacked, Network, is_closed, is_open, open_stream, read_stream, report};

/// `connections.max` in the environment `few`.
const MAX: usize = 24;
/// `connections.max_per_address` in the environment `few_each`.
const MAX_PER_ADDRESS: usize = 4;

pub fn tests() -> Vec<Test<Network>> {
    tests![
        idle_connections_make_room,
        requests_in_progress_are_not_shed,
        a_server_full_of_requests_refuses_connections,
        one_address_has_a_limit_of_its_own,
        idle_connections_of_one_address_make_room_for_others_of_it,
        descriptors_do_not_run_out,
    ]
}

/// Silent connections, idle ones of HTTP/2, and idle ones that had an answer, in turn. A good client that is not late is not
/// the one that has been idle for longest among `limit` connections.
fn idle(endpoint: &Endpoint, count: usize, limit: usize) -> Vec<TcpStream> {
    let pause = LATE / u32::try_from(limit).unwrap();
    (0..count)
        .inspect(|_| std::thread::sleep(pause))
        .filter_map(|number| match number % 3 {
            0 => endpoint.connect().ok(),
            1 => Some(Http2::connect(endpoint).ok()?.into_stream()),
            _ => {
                let mut connection = Http2::connect(endpoint).ok()?;
                connection.ask(&repeat(10)).ok()?;
                Some(connection.into_stream())
            }
        })
        .collect()
}

fn wait_until_few_are_open(connections: &[TcpStream], most: usize) {
    wait_for("connections to be closed", || {
        let open = connections.iter().filter(|stream| is_open(stream));
        (open.count() <= most).then_some(())
    });
}

/// No timeout ends a connection in this environment.
fn idle_connections_make_room(network: &Network) {
    let few = Attacked::of(network.hosting.server("few", &[]));
    few.withstands(|endpoint| {
        let connections = idle(endpoint, 5 * MAX, MAX);
        wait_until_few_are_open(&connections, MAX);
    });
}

fn requests_in_progress_are_not_shed(network: &Network) {
    let few = Attacked::of(network.hosting.server("few", &[]));
    few.withstands(|endpoint| {
        let in_progress: Vec<_> = (0..MAX / 4)
            .map(|_| endpoint.open(&report(50, 1, 100)).unwrap())
            .collect();
        let mut connection = Http2::connect(endpoint).unwrap();
        let stream = connection.begin(&report(50, 1, 100), &[]).unwrap();
        let connections = idle(endpoint, 5 * MAX, MAX);
        wait_until_few_are_open(&connections, MAX);
        for connection in in_progress {
            assert!(read_stream(connection).len() > 50);
        }
        assert_eq!(connection.answer(stream).unwrap().status, Some(200));
    });
}

fn a_server_full_of_requests_refuses_connections(network: &Network) {
    let few = network.hosting.server("few", &[]);
    let in_progress: Vec<_> = (0..MAX).map(|_| open_stream(&few.endpoint)).collect();
    is_turned_away(&few.endpoint);
    drop(in_progress);
    wait_for("room", || {
        let answer = few.endpoint.try_send(&repeat(10)).ok()?;
        (answer.status == 200).then_some(())
    });
}

/// One address has all of its connections in use; another one is served.
fn one_address_has_a_limit_of_its_own(network: &Network) {
    let server = network.hosting.server("few_each", &[]);
    let from = |last| {
        let address = Ipv4Addr::new(127, 0, 0, last);
        server.endpoint.clone().called_from(IpAddr::V4(address))
    };
    let (greedy, other) = (from(2), from(3));
    let good = GoodClient::start(other);
    let in_progress: Vec<_> = (0..MAX_PER_ADDRESS).map(|_| open_stream(&greedy)).collect();
    is_turned_away(&greedy);
    good.is_served_after(good.served());
    drop(in_progress);
    wait_for("room for the address", || {
        let answer = greedy.try_send(&repeat(10)).ok()?;
        (answer.status == 200).then_some(())
    });
}

fn idle_connections_of_one_address_make_room_for_others_of_it(network: &Network) {
    let few_each = Attacked::of(network.hosting.server("few_each", &[]));
    few_each.withstands(|endpoint| {
        let connections = idle(endpoint, 5 * MAX_PER_ADDRESS, MAX_PER_ADDRESS);
        wait_until_few_are_open(&connections, MAX_PER_ADDRESS);
    });
}

/// The connection is closed at once, or after a refusal.
fn is_turned_away(endpoint: &Endpoint) {
    let mut stream = endpoint.connect().unwrap();
    let (head, body) = endpoint.write(&repeat(10), "close");
    let _ = stream.write_all(&[head, body].concat());
    let received = is_closed(&mut stream, Vec::new);
    let refusal = b"HTTP/1.1 503";
    assert!(
        received.is_empty() || received.starts_with(refusal),
        "{}",
        received.escape_ascii()
    );
}

/// With `connections.max` as it is by default, far above what the system allows this process. The sink is required, so that
/// no request is answered without a connection to it.
fn descriptors_do_not_run_out(network: &Network) {
    const DESCRIPTORS: u16 = 128;
    let recorder = Recorder::start();
    let variables = [("TEST_RECORDER", recorder.url())];
    let limited = network
        .hosting
        .server_with_descriptors("required", &variables, DESCRIPTORS);
    Attacked::of(limited).withstands(|endpoint| {
        let limit = DESCRIPTORS.into();
        // What is left of it for connections.
        let connections = idle(endpoint, 300, limit / 4);
        wait_until_few_are_open(&connections, limit);
    });
}
