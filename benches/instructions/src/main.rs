//! Answers one request many times, for callgrind to count instructions: `… serve|guard|parse TOOLS COUNT BODY NAME VALUE …`.
//!
//! `serve` goes through the whole runtime, with a host in memory that costs next to nothing, and `guard` does so with an issuer
//! and a policy. `parse` is the reference: it only reads the body as JSON and answers a constant. The server has so many tools;
//! the one that the policy allows is the last. Names and values are the request's headers.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use futures_util::FutureExt as _;
use mcp_edge::Runtime;
use mcp_edge::config::{Access, Configuration, Settings};
use mcp_edge::host::SharedHost;
use mcp_edge::http::{Body, Request, Response};
use mcp_edge::testing::TestHost;
use mcp_edge_bench_greeter::server_of;
use serde_json::Value;

/// The default settings of a server that anyone may call.
static PUBLIC: Configuration = Configuration {
    base: Settings {
        access: Access {
            public: true,
            ..Settings::DEFAULT.access
        },
        ..Settings::DEFAULT
    },
    environments: &[],
};
static GUARDED: Configuration = mcp_edge::config!("../one-algorithm/mcp.toml");

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what| {
        arguments
            .next()
            .with_context(|| format!("{what} is missing"))
    };
    let way = next("serve, guard or parse")?;
    let tools: usize = next("the number of tools")?.parse()?;
    let count: u32 = next("the count")?.parse()?;
    let body = Bytes::from(next("the body")?);
    let headers: Vec<String> = arguments.collect();

    let configuration = match way.as_str() {
        "guard" => &GUARDED,
        _ => &PUBLIC,
    };
    let runtime = Runtime::new(server_of(tools), configuration);
    let host = TestHost::new();
    host.set_loopback_only(false);
    let host = host.shared();
    for _ in 0..count {
        let request = request(&headers, body.clone())?;
        let response = match way.as_str() {
            "serve" | "guard" => runtime
                .serve(request, SharedHost::clone(&host))
                .now_or_never(),
            "parse" => parse(request).now_or_never(),
            _ => bail!("`{way}` is none of serve, guard and parse"),
        };
        let response = response.context("an answer that waits for something")?;
        ensure!(
            response.status().is_success(),
            "answered {}",
            response.status()
        );
    }
    Ok(())
}

fn request(headers: &[String], body: Bytes) -> Result<Request> {
    let mut request = http::Request::post("/mcp").header("host", "127.0.0.1");
    for header in headers.chunks_exact(2) {
        if let [name, value] = header {
            request = request.header(name, value);
        }
    }
    Ok(request.body(body.into())?)
}

async fn parse(request: Request) -> Response {
    let body = request.into_body().collect(usize::MAX).await;
    let message: Option<Value> = body
        .ok()
        .and_then(|body| serde_json::from_slice(&body).ok());
    let mut response = Response::new(Body::Whole(Bytes::from_static(b"{}")));
    if message.is_none() {
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
    }
    response
}
