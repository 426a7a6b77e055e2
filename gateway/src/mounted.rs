//! A server in Rust that offers the tools of a gateway alongside its own.

use mcp_edge::host::SharedHost;
use mcp_edge::prelude::*;
use mcp_edge::testing::{Client, Reply, TestHost};
use mcp_edge::{StartError, Started};
use mcp_edge_catalog::{Annotations, Operation};
use serde_json::{Value, json};

use crate::samples;

const FILE: &str = r#"
[gateway]
name = "com.example/desk"
title = "Desk"

[access]
public = true

[upstreams.orders]
url = "https://orders.example.com/api"
documents = ["orders.yaml"]
allow = ["*"]

[[rate_limit]]
name = "one order a minute"
upstreams = ["orders"]
calls = 1
"#;

/// Says that the desk is open.
#[tool(read_only)]
async fn is_open() -> Result<String, ToolError> {
    Ok("open".to_owned())
}

/// A tool of the server's own with the name of an operation.
#[tool(read_only)]
async fn list_orders() -> Result<String, ToolError> {
    Ok("none".to_owned())
}

async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let gateway = crate::load(&host, environment.as_deref()).await?;
    let settings = gateway.settings();
    let own = gateway.server().tool(is_open);
    let server = gateway.mount(own).build()?;
    Ok(Started { server, settings })
}

async fn clashing(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
    let gateway = crate::load(&host, environment.as_deref()).await?;
    let settings = gateway.settings();
    let own = gateway.server().tool(list_orders);
    let server = gateway.mount(own).build()?;
    Ok(Started { server, settings })
}

/// A host with the data of a gateway.
fn host() -> TestHost {
    let operation = Operation {
        annotations: Annotations {
            read_only: Some(true),
            ..Annotations::default()
        },
        ..samples::operation("orders", "list_orders")
    };
    let host = TestHost::new();
    samples::deploy(&host, FILE, vec![operation]);
    host
}

#[test]
fn tools_in_rust_and_operations_are_one_list() {
    let host = host();
    let url = "https://orders.example.com/api/orders";
    host.reply(url, Reply::json(json!([{ "id": 7 }])));
    let client = Client::deferred(start).host(&host).build();
    let list = client.call("tools/list", json!({})).unwrap();
    let list = list.value()["tools"].as_array().unwrap().clone();
    let mut names: Vec<_> = list.iter().map(|tool| tool["name"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, [json!("is_open"), json!("list_orders")]);

    let called = |name: &str| client.call("tools/call", json!({ "name": name, "arguments": {} }));
    let own = called("is_open").unwrap();
    assert_eq!(own.value()["content"][0]["text"], "open");
    let orders = called("list_orders").unwrap();
    assert_eq!(
        orders.value()["structuredContent"],
        json!({ "result": [{ "id": 7 }] })
    );
    assert_eq!(host.requests().len(), 1);

    // The settings of the deployment are those of the whole server; a rate for an upstream leaves its own tools alone.
    let refused = called("list_orders").unwrap_err();
    assert!(
        refused.message.contains("one order a minute"),
        "{}",
        refused.message
    );
    assert!(called("is_open").is_ok());
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn the_server_has_the_name_of_the_gateway() {
    let client = Client::deferred(start).host(&host()).build();
    let discovered = client.call("server/discover", json!({})).unwrap();
    let text = discovered.value().to_string();
    assert!(text.contains("com.example/desk"), "{text}");
}

#[test]
fn a_tool_with_the_name_of_an_operation_is_an_error_at_start() {
    let host = host();
    let error = host.run(clashing(host.shared(), None)).err().unwrap();
    assert_eq!(
        error.to_string(),
        "the server and the upstream `orders` both have a tool named `list_orders`; rename one of them"
    );
}
