//! Git, with which servers are kept, and crates fetched that are in no registry.

use super::program;
use super::{Found, Here, doubtful};

pub(super) fn check(here: &Here<'_>) -> Found {
    program::version(here, "git", |why| {
        doubtful(why, "install git, as https://git-scm.com says")
    })
}
