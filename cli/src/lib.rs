//! The `mcp-edge` program, and the issuer for development that other programs of a developer's machine use too.
//!
//! [`development`] makes access tokens that a server trusts where its `mcp.toml` says `preset = "development"`; [`trust`] reads
//! from the file whether it does; [`secret_file`] writes files that only their owner reads. The rest is the program, behind the
//! feature `program`: each command is a module with its arguments and a function `run`, which returns text for people and JSON
//! for programs. What a command works with is in crates of its own: `mcp-edge-verify` for `audit`, `mcp-edge-clients` for
//! `connect`, `mcp-edge-config` for `check`.
#![cfg_attr(test, allow(clippy::string_slice, clippy::arithmetic_side_effects))]

pub mod development;
pub mod secret_file;
pub mod trust;

#[cfg(feature = "program")]
mod access_token;
#[cfg(feature = "program")]
mod audit;
#[cfg(feature = "program")]
mod bearer;
#[cfg(feature = "program")]
mod byte_order_mark;
#[cfg(feature = "program")]
mod card;
#[cfg(feature = "program")]
mod catalog;
#[cfg(feature = "program")]
mod check;
#[cfg(feature = "program")]
mod client;
#[cfg(feature = "program")]
mod completions;
#[cfg(feature = "program")]
mod connect;
#[cfg(feature = "program")]
mod dev;
#[cfg(feature = "program")]
mod doctor;
#[cfg(feature = "program")]
mod explain;
#[cfg(feature = "program")]
mod exposure;
#[cfg(feature = "program")]
mod fetch;
#[cfg(feature = "program")]
mod file;
#[cfg(feature = "program")]
mod gateway;
#[cfg(feature = "program")]
mod http_error;
#[cfg(feature = "program")]
mod jsonc;
#[cfg(feature = "program")]
mod keys;
#[cfg(feature = "program")]
mod live;
#[cfg(feature = "program")]
mod local_host;
#[cfg(feature = "program")]
mod manifest;
#[cfg(feature = "program")]
mod new;
#[cfg(feature = "program")]
mod origin;
#[cfg(feature = "program")]
mod output;
#[cfg(feature = "program")]
mod program;
#[cfg(feature = "program")]
mod progress;
#[cfg(feature = "program")]
mod server_description;
#[cfg(feature = "program")]
mod standard_input;
#[cfg(feature = "program")]
mod style;
#[cfg(feature = "program")]
mod token;
#[cfg(feature = "program")]
mod toml_json;
#[cfg(feature = "program")]
mod wrangler;

#[cfg(feature = "program")]
pub use program::main;
