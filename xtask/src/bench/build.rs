//! The programs and Workers that are measured.

use std::process::Command;

use anyhow::Result;

use crate::{process, setup, workspace};

/// What is made of mcp-edge alone, all at once: cargo then builds what they share once.
pub(super) fn ours() -> Result<()> {
    release(&[
        "hello",
        "mcp-edge-bench-instructions",
        "mcp-edge-bench-one-algorithm",
        "mcp-edge-bench-one-sink",
        "mcp-edge-bench-tokens",
        "mcp-edge-cli",
    ])
}

/// What it is measured beside. Apart, since their features would get into ours.
pub(super) fn others() -> Result<()> {
    release(&["mcp-edge-bench-native"])
}

fn release(packages: &[&str]) -> Result<()> {
    let mut build = workspace::cargo(&["build", "--release", "--bins"]);
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
            .current_dir(workspace::root().join(folder)),
    )
}
