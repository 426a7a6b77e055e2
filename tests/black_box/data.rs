//! Data files of a deployment, read by range.

use mcp_edge_tests::servers::Servers;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::{Answer, modern, tests};
use serde_json::{Value, json};

/// The data file of the fixture server, which each host deploys in its own way.
const NUMBERS: &[u8] = include_bytes!("../fixture-server/data/numbers.bin");

pub fn tests() -> Vec<Test> {
    tests![
        a_data_file_is_read_by_range,
        a_range_beyond_the_end_is_an_error_that_names_the_file,
        a_data_file_that_is_not_there_is_no_error_of_the_host,
        a_path_is_not_the_name_of_a_data_file,
    ]
}

/// Calls the tool that reads a range; the event is of `client`.
fn read(servers: &Servers, client: &str, name: &str, start: usize, end: usize) -> Answer {
    let arguments = json!({ "name": name, "start": start, "end": end });
    let params = json!({ "name": "read_data", "arguments": arguments });
    let request = modern("tools/call", params).client(client);
    servers.fixture.send(&request)
}

fn a_data_file_is_read_by_range(servers: &Servers) {
    let length = NUMBERS.len();
    for (start, end) in [
        (0, 1),
        (0, 300),
        (2_000, 2_500),
        (length - 7, length),
        (length, length),
        (0, length),
    ] {
        let answer = read(servers, "reads-data", "numbers.bin", start, end);
        let expected: Value = json!({ "length": length, "bytes": &NUMBERS[start..end] });
        assert_eq!(answer.result()["structuredContent"], expected);
    }
}

fn a_range_beyond_the_end_is_an_error_that_names_the_file(servers: &Servers) {
    let length = NUMBERS.len();
    for (client, start, end) in [
        ("reads-too-much", 0, length + 1),
        ("reads-after-the-end", length + 1, length + 1),
        ("reads-backwards", 9, 8),
    ] {
        let answer = read(servers, client, "numbers.bin", start, end);
        let failed = "The tool failed; the server's log says why.";
        assert_eq!(answer.tool_error(), failed);
        let event = servers.events.of_client(client);
        let detail = event["detail"].as_str().unwrap();
        let expected = format!("bytes from {start} to {end} are not within its {length} bytes");
        assert!(detail.contains("numbers.bin"), "{detail}");
        assert!(detail.contains(&expected), "{detail}");
    }
}

fn a_data_file_that_is_not_there_is_no_error_of_the_host(servers: &Servers) {
    for absent in ["absent.bin", "numbers.bi", "NUMBERS.BIN", "constructor"] {
        let answer = read(servers, "reads-data", absent, 0, 0);
        assert_eq!(answer.tool_error(), format!("there is no {absent}"));
    }
}

fn a_path_is_not_the_name_of_a_data_file(servers: &Servers) {
    for (number, path) in [
        "../Cargo.toml",
        "/etc/hostname",
        "./numbers.bin",
        "data/numbers.bin",
    ]
    .into_iter()
    .enumerate()
    {
        let client = format!("reads-path-{number}");
        let answer = read(servers, &client, path, 0, 0);
        let failed = "The tool failed; the server's log says why.";
        assert_eq!(answer.tool_error(), failed);
        let event = servers.events.of_client(&client);
        let detail = event["detail"].as_str().unwrap();
        assert!(detail.contains("without a path"), "{detail}");
    }
}
