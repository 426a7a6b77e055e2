//! Reads and checks `mcp.toml`.
//!
//! ```
//! let mistakes = mcp_edge_config::read("[limits]\nbody_byte = 5\n").unwrap_err();
//! assert!(mistakes.to_string().contains("body_byte"));
//! ```
//!
//! [`KEYS`] lists every setting, with its meaning, unit, range and default, as the table in `mcp_edge_settings` has it. Reading,
//! the sentences about mistakes, the JSON Schema for editors, the reference page and the binary form follow that list. A
//! [`Configuration`] contains only what the file sets; the runtime applies the defaults of the same table to the rest.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

/// The examples of the README, which rustdoc compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod address;
mod dotted;
mod encode;
mod fill;
mod item;
mod live_policy;
mod merge;
mod mistake;
mod nearest;
mod network;
mod parse;
mod presets;
mod print;
mod read;
mod reference;
mod relations;
mod schema;
mod settings;
mod tables;
mod tenants;
mod value;

pub use encode::encode;
pub use item::TextKind;
pub use live_policy::read_live_policy;
pub use mcp_edge_settings::choice::Choice;
pub use mcp_edge_settings::span;
pub use mistake::{Mistake, Mistakes};
pub use nearest::nearest;
pub use network::Network;
pub use presets::{PRESETS, Preset};
pub use print::print;
pub use read::{Configuration, read};
pub use reference::reference;
pub use schema::json_schema;
pub use settings::{
    CAPTURE, DefaultValue, ISSUER, KEYS, Key, KeyReader, Kind, RATE_LIMIT, RULE, SETTINGS, SINK,
    TOOL, Table, TimeSubject, UPSTREAM,
};
pub use tenants::served;
pub use value::{Entry, Keys, Setting, Settings, Tenant, Text, Value, arguments_schema};
