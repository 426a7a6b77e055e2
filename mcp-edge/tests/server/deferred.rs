//! Servers that are made when they start, of what the host has.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use mcp_edge::config::{Settings, UnknownEnvironment};
use mcp_edge::host::{DataFile, SharedHost};
use mcp_edge::http::{Body, Incoming};
use mcp_edge::testing::{Client, TestHost};
use mcp_edge::{Runtime, Server, StartError, Started};

use super::host::{PUBLIC, public_host};

const FILE: &str = "server.bin";

static SETTINGS: Settings = PUBLIC;
static STAGING: Settings = Settings {
    limits: mcp_edge::config::Limits {
        page_size: 7,
        ..PUBLIC.limits
    },
    ..PUBLIC
};

/// Makes a server whose name is in a data file.
async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let file = DataFile::open(host.as_ref(), FILE).await?;
    let file = file.ok_or_else(|| StartError::Data {
        name: FILE.to_owned(),
        why: "it is not there".to_owned(),
    })?;
    let name =
        String::from_utf8(file.read_all().await?.to_vec()).map_err(|error| StartError::Data {
            name: FILE.to_owned(),
            why: error.to_string(),
        })?;
    let settings = match environment.as_deref() {
        None => &SETTINGS,
        Some("staging") => &STAGING,
        Some(other) => return Err(UnknownEnvironment::new(other, ["staging"]).into()),
    };
    Ok(Started {
        server: Server::builder(name, "1.0.0").build()?,
        settings,
    })
}

/// The runtime, and how often it has made its server.
fn counted() -> (Runtime, Rc<Cell<u32>>) {
    let count = Rc::new(Cell::new(0));
    let counter = Rc::clone(&count);
    let runtime = Runtime::deferred(move |host, environment| {
        counter.update(|count: u32| count.saturating_add(1));
        start(host, environment)
    });
    (runtime, count)
}

/// The status of a request to the endpoint, and what the log says of it.
fn serve(runtime: &Runtime, host: &TestHost) -> (u16, String) {
    host.take_log_lines();
    let request = http::Request::get("/mcp")
        .header("host", "127.0.0.1:8787")
        .header("accept", "text/html")
        .body(Incoming::from(Bytes::new()))
        .expect("a request");
    let response = host.run(runtime.serve(request, host.shared()));
    let status = response.status().as_u16();
    if let Body::Stream(_) = response.body() {
        panic!("a stream");
    }
    (status, host.take_log_lines().concat())
}

#[test]
fn a_start_that_fails_is_tried_again_by_a_later_request() {
    let host = public_host();
    let (runtime, count) = counted();
    for _ in 0..3 {
        let (status, log) = serve(&runtime, &host);
        assert_eq!(status, 500);
        assert!(
            log.contains("the data file server.bin: it is not there"),
            "{log}"
        );
    }
    assert_eq!(count.get(), 1, "a failure counts for a second");

    host.set_data(FILE, Bytes::from_static(b"com.example/late"));
    assert_eq!(serve(&runtime, &host).0, 500);
    host.advance(Duration::from_secs(1));
    assert_eq!(serve(&runtime, &host).0, 200);
    assert_eq!(serve(&runtime, &host).0, 200);
    assert_eq!(count.get(), 2);
}

#[test]
fn what_was_made_is_not_made_again_for_an_instance_that_cannot_start() {
    let host = public_host();
    host.set_data(FILE, Bytes::from_static(b"com.example/late"));
    host.remove_variable("MCP_EDGE_KEYS");
    let (runtime, count) = counted();
    for _ in 0..3 {
        let (status, log) = serve(&runtime, &host);
        assert_eq!(status, 500);
        assert!(log.contains("MCP_EDGE_KEYS is not set"), "{log}");
        host.advance(Duration::from_secs(10));
    }
    assert_eq!(count.get(), 1);
}

#[test]
fn the_environment_is_the_one_that_the_host_names() {
    let host = public_host();
    host.set_data(FILE, Bytes::from_static(b"com.example/late"));
    for (variable, page_size) in [
        (None, SETTINGS.limits.page_size),
        (Some(""), SETTINGS.limits.page_size),
        (Some("staging"), 7),
    ] {
        if let Some(name) = variable {
            host.set_variable("MCP_EDGE_ENV", name);
        }
        let summary = host.run(counted().0.start(&host.shared()));
        let summary = summary.expect("a start");
        assert_eq!(summary.settings.limits.page_size, page_size, "{variable:?}");
    }
    host.set_variable("MCP_EDGE_ENV", "prod");
    let error = host.run(counted().0.start(&host.shared()));
    let error = error.expect_err("no error").to_string();
    assert!(
        error.contains("`prod`") && error.contains("only staging"),
        "{error}"
    );
}

#[test]
fn a_test_client_calls_it() {
    let host = public_host();
    host.set_data(FILE, Bytes::from_static(b"com.example/late"));
    let client = Client::deferred(start).host(&host).build();
    let discovered = client.call("server/discover", serde_json::json!({}));
    assert!(discovered.is_ok(), "{discovered:?}");
    let described = host.run(counted().0.describe(&host.shared()));
    assert_eq!(
        described.expect("a description")["name"],
        "com.example/late"
    );
}
