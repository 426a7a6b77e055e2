//! What a server is compiled for.

use std::path::Path;

use super::program;
use super::{Found, Here, Instead};

pub(super) fn workers(here: &Here<'_>) -> Found {
    target(
        here,
        "wasm32-unknown-unknown",
        "Workers",
        here.is_for_workers(),
    )
}

pub(super) fn spin(here: &Here<'_>) -> Found {
    target(here, "wasm32-wasip2", "Spin", here.is_for_spin())
}

fn target(here: &Here<'_>, triple: &str, host: &str, needs: bool) -> Found {
    // Also right where Rust did not come with rustup.
    let arguments = ["--print", "target-libdir", "--target", triple];
    let folder = program::ask(here, "rustc", &arguments).map_err(|_| Instead::NotLookedAt)?;
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
