//! Rust itself, which every server needs.

use super::program;
use super::version::Version;
use super::{CheckResult, Project, error};

/// What the crates of mcp-edge ask for.
const MIN_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");
const INSTALL: &str = "install Rust with rustup, as https://rustup.rs says";

pub(super) fn rustc(here: &Project<'_>) -> CheckResult {
    let said = program::version(here, "rustc", |why| error(why, INSTALL))?;
    let found = Version::first_in(&said);
    if found.is_some() && found < Version::first_in(MIN_VERSION) {
        return Err(error(
            format!("{said} is older than {MIN_VERSION}, which mcp-edge asks for"),
            "rustup update stable",
        ));
    }
    Ok(said)
}

pub(super) fn cargo(here: &Project<'_>) -> CheckResult {
    program::version(here, "cargo", |why| error(why, INSTALL))
}
