//! A server whose tools are operations of internal HTTP APIs, by configuration alone.
//!
//! `mcp-edge gateway build` compiles `mcp.toml` and the OpenAPI documents that it names into data files, which this program reads
//! when an instance starts: the settings, and the index of a catalog. An operation is read when a request touches it, so that
//! start and memory hardly grow with their number.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod breaker;
mod broker;
mod catalog;
mod credential;
mod operations;
mod start;
mod tools;
mod upstream;

pub use start::start;

mcp_edge::serve!(start = start);
