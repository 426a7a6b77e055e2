//! Mints and opens each kind of resumption token, verifies access tokens of each algorithm, and writes and signs events, many
//! times over, for a clock to watch.
//!
//! The crate compiles to a program and to a wasm module, which exports the same functions; each does its work `count` times
//! and returns how often that succeeded. What takes time only once is done by the first call.

mod access;
pub mod event;
pub mod issuer;
mod resumption;
mod sign;

use access::{first, remembered};
use resumption::{cursor, mint, open, principal, request, session, state};

/// Exports a function to the program that loads the wasm module, under its own name.
macro_rules! operations {
    ($($name:ident = $operation:expr;)*) => {
        $(
            // Rust counts an exported name as unsafe.
            #[expect(unsafe_code)]
            #[unsafe(no_mangle)]
            extern "C" fn $name(count: u32) -> u32 {
                $operation(count)
            }
        )*

        /// Every operation by its name.
        pub const OPERATIONS: &[(&str, extern "C" fn(u32) -> u32)] =
            &[$((stringify!($name), $name)),*];
    };
}

operations! {
    mint_session = |count| mint(count, &session(), principal);
    open_session = |count| open(count, &session(), principal);
    mint_state = |count| mint(count, &state(), request);
    open_state = |count| open(count, &state(), request);
    mint_cursor = |count| mint(count, &cursor(), principal);
    open_cursor = |count| open(count, &cursor(), principal);
    first_rs256 = |count| first(count, "RS256");
    first_rs384 = |count| first(count, "RS384");
    first_rs512 = |count| first(count, "RS512");
    first_ps256 = |count| first(count, "PS256");
    first_ps384 = |count| first(count, "PS384");
    first_ps512 = |count| first(count, "PS512");
    first_es256 = |count| first(count, "ES256");
    first_es384 = |count| first(count, "ES384");
    first_eddsa = |count| first(count, "EdDSA");
    remembered_rs256 = |count| remembered(count, "RS256");
    remembered_es384 = |count| remembered(count, "ES384");
    remembered_eddsa = |count| remembered(count, "EdDSA");
    event = |count| event::link(count, false);
    event_with_digests = |count| event::link(count, true);
    event_seal = event::seal;
    event_receipt = event::receipt;
}

fn repeat(count: u32, mut succeeds: impl FnMut() -> bool) -> u32 {
    (0..count).map(|_| u32::from(succeeds())).sum()
}
