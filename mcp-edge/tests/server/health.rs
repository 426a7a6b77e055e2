//! Health probes of servers that cannot serve.

use std::rc::Rc;

use bytes::Bytes;
use futures_executor::block_on;
use mcp_edge::config::{Configuration, Settings, TextSetting};
use mcp_edge::http::Incoming;
use mcp_edge::{Runtime, Server};

use super::host::{PUBLIC, Still, serve_on};

fn runtime(url: Option<&'static str>) -> Runtime {
    let base = Settings {
        server: mcp_edge::config::Server {
            url: url.map(TextSetting::Literal),
        },
        ..PUBLIC
    };
    let configuration = Box::leak(Box::new(Configuration {
        base,
        environments: &[],
    }));
    Runtime::new(
        Server::builder("com.example/rules", "1.2.0").build(),
        configuration,
    )
}

/// The statuses of `/livez` and `/readyz`.
fn probe(runtime: &Runtime, host: &Rc<Still>) -> [u16; 2] {
    ["/livez", "/readyz"].map(|path| {
        let request = http::Request::get(path)
            .body(Incoming::from(Bytes::new()))
            .expect("a request");
        let (status, body) = serve_on(host, runtime, request);
        assert!(body.is_empty());
        status
    })
}

#[test]
fn a_server_that_is_stopping_is_live_and_not_ready() {
    let runtime = runtime(None);
    let host = Rc::new(Still::default());
    assert_eq!(probe(&runtime, &host), [200, 200]);
    host.is_stopping.set(true);
    assert_eq!(probe(&runtime, &host), [200, 503]);
}

#[test]
fn a_server_that_is_configured_wrongly_is_live_and_not_ready() {
    let runtime = runtime(Some("ftp://mcp.example.com/mcp"));
    let host = Rc::new(Still::default());
    for _ in 0..3 {
        assert_eq!(probe(&runtime, &host), [200, 503]);
    }
    let logged = host.logged.take();
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].contains("not ready: server.url"), "{}", logged[0]);
}

#[test]
fn the_endpoint_is_at_no_path_of_a_probe() {
    for path in ["/livez", "/readyz"] {
        let url = format!("https://mcp.example.com{path}").leak();
        let runtime = runtime(Some(url));
        let error = block_on(runtime.start(&Still::default())).expect_err("no error");
        let error = error.to_string();
        assert!(error.starts_with("server.url in mcp.toml: "), "{error}");
        assert!(error.contains(path), "{error}");
    }
    let below = runtime(Some("https://mcp.example.com/livez/mcp"));
    assert!(block_on(below.start(&Still::default())).is_ok());
}
