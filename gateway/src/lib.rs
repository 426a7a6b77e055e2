//! A server whose tools are operations of internal HTTP APIs, by configuration alone.
//!
//! `mcp-edge gateway build` compiles `mcp.toml` and the OpenAPI documents that it names into data files, which this program reads
//! when an instance starts: the settings, and the index of a catalog. An operation is read when a request touches it, so that
//! start and memory hardly grow with their number.
//!
//! # Alongside tools in Rust
//!
//! A server in Rust can offer the same tools alongside its own. It depends on this crate without default features, so that the
//! crate has no entry point:
//!
//! ```
//! use mcp_edge::host::SharedHost;
//! use mcp_edge::prelude::*;
//! use mcp_edge::{StartError, Started};
//!
//! /// Tells when the desk is open.
//! #[tool(read_only)]
//! async fn desk_hours() -> Result<String, ToolError> {
//!     Ok("Monday to Friday, 8 to 17".to_owned())
//! }
//!
//! async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
//!     let gateway = mcp_edge_gateway::load(&host, environment.as_deref()).await?;
//!     let settings = gateway.settings();
//!     let own = gateway.server().tool(desk_hours);
//!     let server = gateway.mount(own).build()?;
//!     Ok(Started { server, settings })
//! }
//!
//! mcp_edge::serve!(start = start);
//! ```

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod authority;
mod breaker;
mod broker;
mod catalog;
mod credential;
#[cfg(test)]
mod mounted;
mod operations;
#[cfg(test)]
mod samples;
mod start;
mod tenants;
mod tools;
mod upstream;

pub use start::{Gateway, load, start};

#[cfg(feature = "serve")]
mcp_edge::serve!(start = start);
