//! Git, with which servers are kept, and crates fetched that are in no registry.

use super::program;
use super::{CheckResult, Project, warning};

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    program::version(here, "git", |why| {
        warning(why, "install git, as https://git-scm.com says")
    })
}
