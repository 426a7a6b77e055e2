//! What a file says, and what holds where it says nothing.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_edge_config::{Configuration, Settings, Text, Value, read};

fn settings(file: &str) -> Configuration {
    read(file).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn value<'a>(settings: &'a Settings, path: &str) -> &'a Value {
    &settings[path].value
}

#[test]
fn an_empty_file_sets_nothing() {
    let configuration = settings("");
    assert!(configuration.base.is_empty() && configuration.environments.is_empty());
}

#[test]
fn every_kind_of_value_is_read() {
    let base = settings(
        r#"
            [server]
            url = "https://mcp.example.com/fraud/mcp"
            [access]
            allowed_origins = ["https://app.example.com", "http://localhost:6274", "vscode-webview://abc", "*"]
            allowed_hosts = ["mcp.example.com", "10.0.0.1:8080", "[::1]"]
            [limits]
            body_bytes = 0x20_0000
            [tokens]
            keys = { secret = "FRAUD_KEYS_2" }
            session_ttl = "90s"
            [tokens.not_before]
            all = 2026-11-20T09:00:00+01:00
            tenants = { acme = "2026-11-20T08:00:00.250Z" }
            [lists]
            ttl = "0s"
        "#,
    )
    .base;
    assert_eq!(
        value(&base, "server.url"),
        &Value::Text(Text::Literal(
            "https://mcp.example.com/fraud/mcp".to_owned()
        ))
    );
    let origins = [
        "https://app.example.com",
        "http://localhost:6274",
        "vscode-webview://abc",
        "*",
    ];
    assert_eq!(
        value(&base, "access.allowed_origins"),
        &Value::Words(origins.map(str::to_owned).to_vec())
    );
    let hosts = ["mcp.example.com", "10.0.0.1:8080", "[::1]"];
    assert_eq!(
        value(&base, "access.allowed_hosts"),
        &Value::Words(hosts.map(str::to_owned).to_vec())
    );
    assert_eq!(value(&base, "limits.body_bytes"), &Value::Number(2 << 20));
    assert_eq!(
        value(&base, "tokens.keys"),
        &Value::Secret("FRAUD_KEYS_2".to_owned())
    );
    assert_eq!(
        value(&base, "tokens.session_ttl"),
        &Value::Duration(Duration::from_secs(90))
    );
    assert_eq!(
        value(&base, "tokens.not_before.all"),
        &Value::Time(1_795_161_600_000)
    );
    let tenants = BTreeMap::from([("acme".to_owned(), 1_795_161_600_250)]);
    assert_eq!(
        value(&base, "tokens.not_before.tenants"),
        &Value::Times(tenants)
    );
    assert_eq!(value(&base, "lists.ttl"), &Value::Duration(Duration::ZERO));
    assert_eq!(base.len(), 9);
}

#[test]
fn an_environment_merges_tables_and_replaces_the_rest() {
    let configuration = settings(
        r#"
            [access]
            allowed_origins = ["https://a.example", "https://b.example"]
            [limits]
            page_size = 10
            batch_messages = 5
            [tokens.not_before.tenants]
            acme = 2026-01-01T00:00:00Z
            globex = 2026-01-01T00:00:00Z
            [environments.staging.access]
            allowed_origins = ["https://staging.example"]
            [environments.staging.limits]
            page_size = 20
            [environments.staging.tokens.not_before.tenants]
            acme = 1970-01-01T00:00:01Z
            [environments.production]
        "#,
    );
    let staging = &configuration.environments["staging"];
    assert_eq!(
        value(staging, "access.allowed_origins"),
        &Value::Words(vec!["https://staging.example".to_owned()])
    );
    assert_eq!(value(staging, "limits.page_size"), &Value::Number(20));
    assert_eq!(
        staging["limits.page_size"].at,
        "environments.staging.limits.page_size"
    );
    assert_eq!(staging["limits.page_size"].line, 13);
    assert_eq!(value(staging, "limits.batch_messages"), &Value::Number(5));
    let tenants = [
        ("acme".to_owned(), 1_000),
        ("globex".to_owned(), 1_767_225_600_000),
    ];
    assert_eq!(
        value(staging, "tokens.not_before.tenants"),
        &Value::Times(BTreeMap::from(tenants))
    );
    assert_eq!(configuration.environments["production"], configuration.base);
    assert_eq!(
        value(&configuration.base, "limits.page_size"),
        &Value::Number(10)
    );
}

/// What is in force for the tenants of an upstream: the keys of each in the order of their names.
#[test]
fn a_tenant_has_what_its_upstream_has_and_a_credential_as_a_whole() {
    let configuration = settings(
        r#"
            [server]
            url = "https://mcp.example.com/mcp"
            [issuers.company]
            issuer = "https://id.example.com"
            algorithms = ["ES256"]
            tenant = { claim = "org" }
            [upstreams.orders]
            url = "https://orders.example"
            binding = "ORDERS"
            documents = ["a.yaml"]
            allow = ["*"]
            timeout = "3s"
            token = { secret = "A" }
            query = { key = { secret = "B" } }
            [upstreams.orders.tenants.plain]
            [upstreams.orders.tenants.keyed]
            headers = { X-Key = { secret = "C" } }
            [upstreams.orders.tenants.moved]
            url = "https://moved.example"
            authority = { type = "client_credentials", issuer = "https://as.example", client_id = "x", client_secret = { secret = "D" } }
            [environments.staging.upstreams.orders]
            timeout = "5s"
            [environments.staging.upstreams.orders.tenants.keyed]
            url = "https://staging.example"
        "#,
    );
    let keys = |settings: &Settings, tenant: &str| {
        let tenants = |settings: &Settings, path: &str| match value(settings, path) {
            Value::Named(entries) => entries.clone(),
            other => panic!("{other:?}"),
        };
        let upstream = &tenants(settings, "upstreams")["orders"];
        let tenant = tenants(&upstream.settings, "tenants")[tenant].clone();
        let set = tenant.settings.iter();
        set.map(|(path, setting)| (*path, setting.line))
            .collect::<Vec<_>>()
    };
    let base = &configuration.base;
    assert_eq!(
        keys(base, "plain"),
        [
            ("binding", 10),
            ("query", 15),
            ("timeout", 13),
            ("token", 14),
            ("url", 9)
        ]
    );
    assert_eq!(
        keys(base, "keyed"),
        [
            ("binding", 10),
            ("headers", 18),
            ("timeout", 13),
            ("url", 9)
        ]
    );
    assert_eq!(
        keys(base, "moved"),
        [
            ("authority.client_id", 21),
            ("authority.client_secret", 21),
            ("authority.issuer", 21),
            ("authority.type", 21),
            ("timeout", 13),
            ("url", 20)
        ]
    );
    assert_eq!(
        keys(&configuration.environments["staging"], "keyed"),
        [("headers", 18), ("timeout", 23), ("url", 25)]
    );
}
