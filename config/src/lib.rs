//! Reads and checks `mcp.toml`.
//!
//! ```
//! let mistakes = mcp_edge_config::read("[limits]\nbody_byte = 5\n").unwrap_err();
//! assert!(mistakes.to_string().contains("body_byte"));
//! ```
//!
//! [`KEYS`] lists every setting, with its meaning, unit, range and default; reading, the sentences about mistakes,
//! the JSON Schema for editors and the compiled form all follow that list. A [`Configuration`] holds only what the
//! file sets: the defaults in force are the runtime's, and stay in one place.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod address;
mod choice;
mod dotted;
mod fill;
mod item;
mod kind;
mod merge;
mod mistake;
mod nearest;
mod network;
mod presets;
mod print;
mod read;
mod relations;
mod schema;
mod settings;
pub mod span;
mod value;

pub use choice::{
    ALGORITHMS, Choice, DELIVERIES, EFFECTS, ENCODINGS, FORMATS, OUTCOMES, PER, PROTOCOLS,
};
pub use item::TextKind;
pub use kind::{Kind, TimeSubject};
pub use mistake::{Mistake, Mistakes};
pub use nearest::nearest;
pub use network::Network;
pub use presets::{PRESETS, Preset};
pub use print::print;
pub use read::{Configuration, Setting, Settings, read};
pub use schema::json_schema;
pub use settings::{CONTENTS, DefaultValue, ISSUER, KEYS, Key, RATE, RULE, SINK, Table};
pub use value::{Entry, Keys, Tenant, Text, Value, arguments_schema};
