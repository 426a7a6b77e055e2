//! Node, in a version that can run wrangler and the conformance suite.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::npm;
use crate::process;

/// What wrangler asks for.
const MIN_VERSION: (u32, u32) = (22, 12);

/// The folder of a `node` that is new enough, or `None` when the one in PATH is.
pub fn folder() -> Result<Option<PathBuf>> {
    let found = process::output(Command::new("node").arg("--version"));
    if found.as_deref().is_ok_and(is_new_enough) {
        return Ok(None);
    }
    if process::find("npm").is_none() {
        bail!(
            "Node is missing; install Node {}.{} or newer, with npm",
            MIN_VERSION.0,
            MIN_VERSION.1
        );
    }
    let packages = npm::install(npm::Group::Node)?;
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let cpu = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let folder = packages.join(format!("node-{os}-{cpu}")).join("bin");
    if !folder.join("node").is_file() {
        bail!(
            "Node {} is too old, and no newer one could be installed for {os} on {cpu}; install Node {}.{} or newer",
            found.unwrap_or_default(),
            MIN_VERSION.0,
            MIN_VERSION.1
        );
    }
    Ok(Some(folder))
}

/// A `node` command, in a version that is new enough.
pub fn command() -> Result<Command> {
    Ok(match folder()? {
        Some(folder) => Command::new(folder.join("node")),
        None => Command::new("node"),
    })
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return false;
    };
    (major, minor) >= MIN_VERSION
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(is_new_enough("v22.12.0"));
        assert!(is_new_enough("v100.1.0"));
        assert!(!is_new_enough("v22.9.0"));
        assert!(!is_new_enough("v20.20.2"));
        assert!(!is_new_enough("not a version"));
    }
}
