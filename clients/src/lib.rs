//! MCP clients as a table: where each keeps its servers, and how a server is added to it.
//!
//! [`CLIENTS`] is the table. A [`Client`] and a [`ServerInfo`] make a [`Connection`]: the [`File`] and the [`Block`] in it, the
//! command line, the link, and the steps for people. [`visible`] is for all text that comes from outside.
//!
//! The contents of a block, a command line or a link come from a server that may be a stranger's, and are escaped for
//! the place where they are. Code that shows them on a page also escapes them for HTML.
//!
//! ```
//! use mcp_edge_clients::{Authentication, Client, Scope, ServerInfo};
//!
//! let server = ServerInfo::new("com.example/fraud-rules", None, "https://fraud.example.com/mcp", Authentication::SignIn)?;
//! let connection = Client::find("codex").expect("Codex is in the table").connection(&server, Scope::User);
//! assert_eq!(connection.command.as_deref(), Some("codex mcp add fraud-rules --url https://fraud.example.com/mcp"));
//! # Ok::<(), mcp_edge_clients::UrlError>(())
//! ```
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod block;
mod client;
mod connection;
mod file;
mod interpolate;
mod server;
mod table;
pub mod visible;

pub use block::{Block, Format};
pub use client::{Client, Scope};
pub use connection::Connection;
pub use file::{File, Folder, System};
pub use server::{Authentication, ServerInfo, UrlError};
pub use table::CLIENTS;
