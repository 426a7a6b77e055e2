//! The handler of mcp-edge: from one HTTP request to one HTTP response of the Model Context Protocol.
//!
//! It does no I/O, reads no clock, makes no random numbers and keeps nothing between requests; all of that
//! comes through a [`Host`](host::Host). Users of mcp-edge depend on the `mcp-edge` crate, which re-exports
//! what they need of this one.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(test)]
extern crate self as mcp_edge_runtime;

pub mod audit_trail;
pub mod auth;
pub mod card;
pub mod client;
pub mod config;
pub mod context;
mod discovery;
mod dispatch;
mod finite_json;
pub mod glob;
mod guard;
mod health;
pub mod host;
pub mod http;
mod instance;
mod jsonrpc;
mod location;
pub mod manifest;
pub mod mrtr;
mod pipeline;
pub mod policy;
mod protocol;
pub mod refusal;
pub mod revision;
mod route;
mod secrets;
pub mod server;
mod start;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
pub mod token;
mod trace;
mod uri;
mod url;

pub use pipeline::{Runtime, StartSummary};
pub use protocol::log::LogLevel;
pub use server::Server;
pub use start::{BuildError, StartError};
pub use url::{allows_redirect, is_loopback_url, is_secure_url};
