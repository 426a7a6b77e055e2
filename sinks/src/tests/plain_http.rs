//! Receivers without TLS.

use crate::testing::{events, http, start, start_error};
use mcp_edge_runtime::config::{Sink, TextSetting};

const fn collector(url: &'static str, allow_http: bool) -> Sink {
    Sink {
        name: "collector",
        protocol: crate::OTLP_LOGS,
        url: Some(TextSetting::Literal(url)),
        allow_http,
        ..Sink::DEFAULT
    }
}

#[test]
fn another_machine_is_reached_by_http_only_where_that_is_allowed() {
    const PLAIN: &str = "http://collector:4318";
    let request = http(start(collector(PLAIN, true)).as_ref(), &events(1));
    assert_eq!(request.uri(), "http://collector:4318/v1/logs");
    start(collector("http://127.0.0.1:4318", false));
    let refused = "`url` must begin with https://, except for a loopback address, or where `allow_http` is set";
    assert_eq!(start_error(collector(PLAIN, false)), refused);
    for url in ["ftp://collector", "http://user:password@collector"] {
        assert_eq!(start_error(collector(url, true)), refused, "{url}");
    }
}
