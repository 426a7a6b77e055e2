//! A call ends with its token, and gives its place back, though its caller reads nothing.

use std::time::Duration;

use mcp_edge_tests::Request;
use mcp_edge_tests::http2::Http2;
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;

use crate::attacked::{Attacked, Network, report};

/// Long enough to start a call with.
const LIFETIME: Duration = Duration::from_secs(5);
/// More than the buffers of a connection hold.
const REPORTS: u32 = 1_000;
const BYTES: usize = 100_000;

pub fn tests() -> Vec<Test<Network>> {
    tests![
        a_stream_that_is_not_read_ends_with_its_token,
        an_http2_stream_without_a_window_ends_with_its_token,
    ]
}

/// Where no write timeout ends anything, and each principal may run one call of the tool at once.
fn patient(network: &Network) -> Attacked {
    Attacked::of(network.hosting.server("patient", &[]))
}

/// Calls with a token that ends soon, and then with another one until the place of the first call is free.
fn place_is_free_again(patient: &Attacked, call: impl FnOnce(&Request)) {
    let short = patient.server.token_for("ada", &[], LIFETIME);
    patient.withstands(|endpoint| {
        call(&report(REPORTS, BYTES, 0).client("expires").bearer(&short));
        let long = patient.server.token("ada", &[]);
        let next = report(1, 1, 0).bearer(&long);
        wait_for("a place", || {
            let answer = endpoint.send(&next);
            match answer.status {
                200 => Some(()),
                status => {
                    assert_eq!(status, 429);
                    None
                }
            }
        });
    });
    let event = patient.server.events.of_client("expires");
    assert_ne!(event["outcome"], "ok", "{event}");
}

fn a_stream_that_is_not_read_ends_with_its_token(network: &Network) {
    let patient = patient(network);
    let mut open = None;
    place_is_free_again(&patient, |request| {
        let connection = patient.server.endpoint.open(request).unwrap();
        assert_eq!(connection.status, 200);
        open = Some(connection);
    });
}

fn an_http2_stream_without_a_window_ends_with_its_token(network: &Network) {
    let patient = patient(network);
    let mut connection = Http2::connect_with(&patient.server.endpoint, 0).unwrap();
    place_is_free_again(&patient, |request| {
        let stream = connection.begin(request, &[]).unwrap();
        assert_eq!(connection.status(stream).unwrap(), 200);
    });
}
