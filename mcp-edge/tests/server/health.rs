//! Health probes of servers that cannot serve.

use bytes::Bytes;
use mcp_edge::config::{Configuration, Settings, TextSetting};
use mcp_edge::http::Body;
use mcp_edge::http::Incoming;
use mcp_edge::testing::TestHost;
use mcp_edge::{Runtime, Server};

use super::host::{PUBLIC, public_host};

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
fn probe(runtime: &Runtime, host: &TestHost) -> [u16; 2] {
    ["/livez", "/readyz"].map(|path| {
        let request = http::Request::get(path)
            .body(Incoming::from(Bytes::new()))
            .expect("a request");
        let response = host.run(runtime.serve(request, host.shared()));
        assert!(matches!(response.body(), Body::Empty));
        response.status().as_u16()
    })
}

#[test]
fn a_server_that_is_stopping_is_live_and_not_ready() {
    let runtime = runtime(None);
    let host = public_host();
    assert_eq!(probe(&runtime, &host), [200, 200]);
    host.set_stopping(true);
    assert_eq!(probe(&runtime, &host), [200, 503]);
}

#[test]
fn a_server_that_is_configured_wrongly_is_live_and_not_ready() {
    let runtime = runtime(Some("ftp://mcp.example.com/mcp"));
    let host = public_host();
    for _ in 0..3 {
        assert_eq!(probe(&runtime, &host), [200, 503]);
    }
    let logged = host.log_lines();
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].contains("not ready: server.url"), "{}", logged[0]);
}

#[test]
fn the_endpoint_is_at_no_path_of_a_probe() {
    let host = public_host();
    for path in ["/livez", "/readyz"] {
        let url = format!("https://mcp.example.com{path}").leak();
        let runtime = runtime(Some(url));
        let error = host
            .run(runtime.start(&host.shared()))
            .expect_err("no error");
        let error = error.to_string();
        assert!(error.starts_with("server.url in mcp.toml: "), "{error}");
        assert!(error.contains(path), "{error}");
    }
    let below = runtime(Some("https://mcp.example.com/livez/mcp"));
    assert!(host.run(below.start(&host.shared())).is_ok());
}
