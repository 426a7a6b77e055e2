//! The programs that are measured natively.

use anyhow::Result;

use crate::{process, workspace};

/// What is made of mcp-edge alone, all at once: cargo then builds what they share once.
pub(super) fn ours() -> Result<()> {
    release(&[
        "hello",
        "mcp-edge-bench-instructions",
        "mcp-edge-bench-tokens",
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
