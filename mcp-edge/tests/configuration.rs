//! What `config!` makes of a file.
#![allow(clippy::expect_used)]

use std::time::Duration;

use mcp_edge::config::{Configuration, Settings};
use mcp_edge::host::Timestamp;

const CONFIGURATION: Configuration = mcp_edge::config!("tests/configuration.toml");

const EIGHT: Timestamp = Timestamp::from_secs(1_795_161_600);

#[test]
fn what_is_set_is_compiled_in_and_the_rest_keeps_its_default() {
    let Settings {
        server,
        access,
        limits,
        tokens,
        streams,
        lists,
    } = CONFIGURATION.base;
    let default = Settings::DEFAULT;
    assert_eq!(
        (server.url, server.path),
        (Some("https://mcp.example.com/fraud/mcp"), "/fraud/mcp")
    );
    assert_eq!(
        (access.origins, access.hosts),
        (["https://app.example.com"].as_slice(), default.access.hosts)
    );
    assert_eq!((limits.page, limits.batch), (10, default.limits.batch));
    assert_eq!(
        (tokens.keys, tokens.session),
        ("FRAUD_KEYS", Duration::from_secs(24 * 60 * 60))
    );
    assert_eq!(
        (tokens.cursor, tokens.not_before),
        (default.tokens.cursor, Some(EIGHT))
    );
    assert_eq!(tokens.not_before_tenant, [("acme", EIGHT)]);
    assert_eq!(streams, default.streams);
    assert_eq!(lists.ttl, Duration::ZERO);
}

#[test]
fn an_environment_is_the_base_with_its_changes() {
    let staging = CONFIGURATION
        .settings(Some("staging"))
        .expect("there is one");
    assert_eq!(
        (staging.server.url, staging.server.path),
        (Some("https://staging.example.com"), "/")
    );
    assert_eq!(
        staging.tokens.not_before_principal,
        [("https://id.example.com alice", EIGHT)]
    );
    assert_eq!(staging.tokens.not_before_tenant, [("acme", EIGHT)]);
    assert_eq!(staging.limits, CONFIGURATION.base.limits);
    assert_eq!(staging.lists, CONFIGURATION.base.lists);
}

#[test]
fn a_package_without_a_file_has_the_defaults() {
    assert_eq!(mcp_edge::config!(), Configuration::DEFAULT);
}
