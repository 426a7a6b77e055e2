//! Rust itself, which every server needs.

use super::program;
use super::version::Version;
use super::{Found, Here, wrong};

/// What the crates of mcp-edge ask for.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");
const INSTALL: &str = "install Rust with rustup, as https://rustup.rs says";

pub(super) fn rustc(here: &Here<'_>) -> Found {
    let said = program::version(here, "rustc", |why| wrong(why, INSTALL))?;
    let found = Version::first_in(&said);
    if found.is_some() && found < Version::first_in(OLDEST) {
        return Err(wrong(
            format!("{said} is older than {OLDEST}, which mcp-edge asks for"),
            "rustup update stable",
        ));
    }
    Ok(said)
}

pub(super) fn cargo(here: &Here<'_>) -> Found {
    program::version(here, "cargo", |why| wrong(why, INSTALL))
}
