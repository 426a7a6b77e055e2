//! `worker-build`, which makes a Worker of a crate.

use super::program;
use super::{Found, Here, Instead, doubtful, must};

/// The version that goes with the `worker` of mcp-edge.
const VERSION: &str = "0.8.7";

pub(super) fn check(here: &Here<'_>) -> Found {
    must(here.is_for_workers() || !here.is_for_spin(), || {
        Instead::NotLookedAt
    })?;
    program::version(here, "worker-build", |why| {
        doubtful(
            format!("{why}; the first build for Workers installs it, which takes minutes"),
            format!("cargo install worker-build@{VERSION}"),
        )
    })
}
