//! `worker-build`, which makes a Worker of a crate.

use super::program;
use super::{CheckResult, Problem, Project, must, warning};

/// The version that goes with the `worker` of mcp-edge.
const VERSION: &str = "0.8.7";

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    must(here.is_for_workers() || !here.is_for_spin(), || {
        Problem::Skipped
    })?;
    program::version(here, "worker-build", |why| {
        warning(
            format!("{why}; the first build for Workers installs it, which takes minutes"),
            format!("cargo install worker-build@{VERSION}"),
        )
    })
}
