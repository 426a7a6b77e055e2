//! The request handler of mcp-edge: from one HTTP request to one HTTP response of the Model Context Protocol.
//!
//! It does no I/O, reads no clock, makes no random numbers and keeps nothing between requests; all of that
//! comes through a [`Host`](host::Host). Users of mcp-edge depend on the `mcp-edge` crate, which re-exports
//! what they need of this one.
//!
//! To write a server, read [`server`]: tools, resources and prompts are declared with [`Server::builder`]; a handler gets a
//! [`Context`](context::Context), and asks its user with [`mrtr`]. [`BuildError`] is what a wrong declaration fails with.
//!
//! To write an adapter for a host, implement [`Host`](host::Host), make a [`Runtime`] of a server and a
//! [`Configuration`](config::Configuration), and give it each request:
//!
//! ```
//! use mcp_edge_runtime::config::Configuration;
//! use mcp_edge_runtime::host::SharedHost;
//! use mcp_edge_runtime::http::{Request, Response};
//! use mcp_edge_runtime::{BuildError, Runtime, Server};
//!
//! fn server() -> Result<Server, BuildError> {
//!     Server::builder("com.example/hello", "1.0.0").build()
//! }
//!
//! async fn serve(request: Request, host: SharedHost, configuration: &'static Configuration) -> Response {
//!     Runtime::new(server(), configuration).serve(request, host).await
//! }
//! ```
//!
//! Who may call is in [`auth`] and [`policy`], what is published in `discovery`, the state that travels with the
//! client in [`token`], and what is recorded in [`audit_trail`]. [`refusal`] lists every way in which a request is refused.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
extern crate self as mcp_edge_runtime;

#[macro_use]
mod structure;

pub mod audit_trail;
pub mod auth;
pub mod client;
pub mod config;
pub mod context;
mod credential;
pub mod discovery;
mod dispatch;
mod finite_json;
mod guard;
mod health;
pub mod host;
pub mod http;
mod implementation;
mod instance;
mod jsonrpc;
pub mod live;
mod location;
pub mod mrtr;
mod pipeline;
pub mod policy;
mod principal;
mod private_network;
mod protocol;
pub mod recent;
pub mod refusal;
pub mod revision;
mod route;
mod secrets;
pub mod server;
pub mod signature;
mod source;
mod start;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod token;
mod trace;
mod uri;
mod url;

pub use pipeline::{Runtime, StartSummary};
pub use protocol::log::LogLevel;
pub use protocol::{header_text, repeated_arguments};
pub use server::Server;
pub use source::Started;
pub use start::{BuildError, StartError};
pub use url::{allows_redirect, is_loopback_url, is_secure_url};
