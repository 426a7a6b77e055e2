//! The compiler, from documents to operations.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "all/bodies.rs"]
mod bodies;
#[path = "all/bugs.rs"]
mod bugs;
#[path = "all/documents.rs"]
mod documents;
#[path = "all/golden.rs"]
mod golden;
#[path = "all/hostile.rs"]
mod hostile;
#[path = "../../xtask/corpus/src/invariants.rs"]
mod invariants;
#[path = "all/outputs.rs"]
mod outputs;
#[path = "all/parameters.rs"]
mod parameters;
#[path = "all/rules.rs"]
mod rules;
#[path = "all/schemas.rs"]
mod schemas;
#[path = "all/servers.rs"]
mod servers;
#[path = "all/shaping.rs"]
mod shaping;
#[path = "all/support.rs"]
mod support;
