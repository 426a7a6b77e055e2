//! Rust itself, which every server needs.

use super::program;
use super::version::Version;
use super::{CheckResult, Project, error};

/// What the crates of mcp-edge ask for.
const MIN_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");
/// What the adapter for Spin asks for.
const MIN_VERSION_FOR_SPIN: Version = Version(1, 94);
const UPDATE: &str = "rustup update stable";
const INSTALL: &str = "install Rust with rustup, as https://rustup.rs says";

pub(super) fn rustc(here: &Project<'_>) -> CheckResult {
    let said = program::version(here, "rustc", |why| error(why, INSTALL))?;
    let Some(found) = Version::first_in(&said) else {
        return Ok(said);
    };
    if Some(found) < Version::first_in(MIN_VERSION) {
        return Err(error(
            format!("{said} is older than {MIN_VERSION}, which mcp-edge asks for"),
            UPDATE,
        ));
    }
    let is_for_spin = here.is_for_spin();
    if found < MIN_VERSION_FOR_SPIN && (is_for_spin || !here.is_for_workers()) {
        let sentence = format!(
            "{said} is older than {MIN_VERSION_FOR_SPIN}, and nothing can be built for Spin with it"
        );
        return Err(here.lacking(is_for_spin, sentence, UPDATE));
    }
    Ok(said)
}

pub(super) fn cargo(here: &Project<'_>) -> CheckResult {
    program::version(here, "cargo", |why| error(why, INSTALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_for_spin_is_that_of_its_adapter() {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../adapters/spin/Cargo.toml");
        let manifest: toml::Table =
            toml::from_str(&std::fs::read_to_string(manifest).unwrap()).unwrap();
        let stated = manifest["package"]["rust-version"].as_str();
        assert_eq!(stated, Some(MIN_VERSION_FOR_SPIN.to_string().as_str()));
    }
}
