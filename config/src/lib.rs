//! Reads and checks `mcp.toml`.
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
mod dotted;
mod keys;
mod kind;
mod mistake;
mod nearest;
mod read;
mod relations;
#[cfg(feature = "schema")]
mod schema;
mod span;

pub use keys::{KEYS, Key};
pub use kind::{Holder, Kind, Value};
pub use mistake::{Mistake, Mistakes};
pub use nearest::nearest;
pub use read::{Configuration, Setting, Settings, read};
#[cfg(feature = "schema")]
pub use schema::json_schema;
