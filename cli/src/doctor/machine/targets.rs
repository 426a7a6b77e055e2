//! What a server is compiled for.

use std::path::Path;

use super::program;
use super::{CheckResult, Problem, Project};

pub(super) fn workers(here: &Project<'_>) -> CheckResult {
    target(
        here,
        "wasm32-unknown-unknown",
        "Workers",
        here.is_for_workers(),
    )
}

pub(super) fn spin(here: &Project<'_>) -> CheckResult {
    target(here, "wasm32-wasip2", "Spin", here.is_for_spin())
}

fn target(here: &Project<'_>, triple: &str, host: &str, needs: bool) -> CheckResult {
    // Also right where Rust did not come with rustup.
    let arguments = ["--print", "target-libdir", "--target", triple];
    let folder = program::ask(here, "rustc", &arguments).map_err(|_| Problem::Skipped)?;
    let library = std::fs::read_dir(Path::new(&folder));
    if library.is_ok_and(|mut files| files.next().is_some()) {
        return Ok(format!("is there, for {host}"));
    }
    Err(here.lacking(
        needs,
        format!("rustc cannot compile for it, so nothing can be built for {host}"),
        &format!("rustup target add {triple}"),
    ))
}
