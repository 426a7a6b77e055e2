//! A gateway whose only tools are operations, in place of the fixture server: what the protocol part of a suite needs of that.

use serde_json::{Value, json};

use crate::gateway::{Deployed, Hosting};
use crate::recorder::Received;
use crate::upstream::{Reply, Upstream};

/// The settings of the fixture server, as far as they concern what is tested here.
const CONFIGURATION: &str = r#"
[gateway]
name = "com.example/fixture"
title = "Fixture"
instructions = "For tests only."

[limits]
page_size = 50

[access]
public = true
allowed_origins = ["https://app.example.com"]

[streams]
stream_after = "1m"
heartbeat_interval = "200ms"

[upstreams.api]
url = { variable = "API_URL" }
private = true
documents = ["api.json"]
allow = ["*"]

[tools.mirrored]
operation = "mirrored"
headers = { region = "Region", count = "Count", dry = "Dry" }
"#;

/// Tools that the list of the fixture server has as well.
const CROWD: usize = 120;

/// Builds and starts it. Its upstream gives back what it gets.
///
/// # Panics
///
/// When it cannot be built, or does not start.
pub fn deploy(hosting: &Hosting) -> Deployed {
    let upstream = Upstream::start(answer);
    let document = document().to_string();
    let files = [("mcp.toml", CONFIGURATION), ("api.json", &document)];
    let gateway = hosting.deploy(&files, &[("API_URL", upstream.url())]);
    Deployed { gateway, upstream }
}

fn answer(request: &Received) -> Reply {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_else(|_| json!({}));
    Reply::json(&body)
}

/// Operations with the names and the arguments of tools of the fixture server.
fn document() -> Value {
    let mut paths = serde_json::Map::new();
    let mut post = |name: &str, required: Value, properties: Value| {
        let schema = json!({ "type": "object", "properties": properties, "required": required });
        let operation = json!({
            "operationId": name,
            "summary": "Gives back its arguments",
            "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
            "responses": { "200": { "description": "They.", "content": { "application/json": {} } } },
        });
        paths.insert(format!("/{name}"), json!({ "post": operation }));
    };
    let any = json!({});
    post(
        "echo",
        json!([]),
        json!({ "text": { "type": "string" }, "deep": any, "number": any, "a": any }),
    );
    post(
        "mirrored",
        json!([]),
        json!({
            "region": { "type": "string" },
            "count": { "type": "integer" },
            "dry": { "type": "boolean" },
            "target": { "type": "object" },
        }),
    );
    post(
        "checked",
        json!(["count", "unit"]),
        json!({
            "count": { "type": "integer", "minimum": 1, "maximum": 10 },
            "unit": { "type": "string", "enum": ["metre", "second"] },
            "label": { "type": "string", "maxLength": 8 },
        }),
    );
    for number in 0..CROWD {
        post(&format!("crowd_{number:03}"), json!([]), json!({}));
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Fixture", "version": "1" },
        "paths": paths,
    })
}
