//! The verifier against logs that the runtime makes: as they are, and as an attacker would like them to be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs,
    unreachable_pub
)]

mod damaged;
mod ends;
mod envelopes;
mod explained;
mod large;
mod made;
mod outages;
mod receivers;
mod sealed;
mod tampering;
mod untouched;
mod vectors;
