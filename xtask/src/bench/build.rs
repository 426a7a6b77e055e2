//! The programs and Workers that are measured.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup, workspace};

/// What is made of mcp-edge alone, all at once: cargo then builds what they share once.
pub(super) fn ours() -> Result<()> {
    let build = ["build", "--release", "--bins"];
    let packages = ["--package", "hello", "--package", "mcp-edge-cli"];
    process::run(workspace::cargo(&build).args(packages))?;
    release(&[
        "mcp-edge-bench-all-algorithms",
        "mcp-edge-bench-instructions",
        "mcp-edge-bench-one-algorithm",
        "mcp-edge-bench-one-sink",
        "mcp-edge-bench-tokens",
    ])
}

/// What the gateway is measured with, besides its own programs. What only writes its folder is not measured, and not optimised.
pub(super) fn for_gateway() -> Result<()> {
    let build = ["build", "--package", "mcp-edge-cli", "--bin", "mcp-edge"];
    process::run(&mut workspace::cargo(&build))?;
    release(&["mcp-edge-bench-tokens"])
}

/// What it is measured beside. Apart, since their features would get into ours.
pub(super) fn others() -> Result<()> {
    release(&["mcp-edge-bench-native"])
}

fn release(packages: &[&str]) -> Result<()> {
    let mut build = workspace::cargo_for_benches(&["build", "--release", "--bins"]);
    for package in packages {
        build.args(["--package", package]);
    }
    process::run(&mut build)
}

/// The Worker of the package in `folder` of the workspace.
pub(super) fn worker(folder: &str) -> Result<()> {
    let mut build = Command::new("worker-build");
    setup::workers(&mut build)?;
    process::run(
        build
            .arg("--release")
            .env("CARGO_TARGET_DIR", workspace::target())
            .current_dir(workspace::root().join(folder)),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use anyhow::{Context, Result};
    use toml::{Table, Value};

    use crate::workspace;

    fn table(path: &str) -> Result<Table> {
        workspace::table(&workspace::root().join(path))
    }

    #[test]
    fn what_is_measured_is_compiled_as_what_is_deployed() -> Result<()> {
        let (mut ours, benches) = (table("Cargo.toml")?, table("benches/Cargo.toml")?);
        // Servers that are never deployed are not measured.
        let release = ours["profile"]["release"].as_table_mut();
        release.and_then(|release| release.remove("package"));
        assert_eq!(ours["profile"], benches["profile"]);
        assert_eq!(ours["workspace"]["lints"], benches["workspace"]["lints"]);
        Ok(())
    }

    #[test]
    fn what_is_measured_has_the_dependencies_of_what_is_deployed() -> Result<()> {
        let (ours, benches) = (locked("Cargo.lock")?, locked("benches/Cargo.lock")?);
        for (package, versions) in &benches {
            if let Some(known) = ours.get(package) {
                // One of the two may have another version besides, for something that the other does not compile.
                assert!(
                    versions.is_subset(known) || known.is_subset(versions),
                    "benches/Cargo.lock has {package} {versions:?}, Cargo.lock has {known:?}"
                );
            }
        }
        Ok(())
    }

    fn locked(path: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let lock = table(path)?;
        let packages = lock["package"].as_array().context("no packages")?;
        let mut locked: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for package in packages {
            let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
            let versions = locked.entry(text("name").to_owned()).or_default();
            versions.insert(text("version").to_owned());
        }
        Ok(locked)
    }
}
