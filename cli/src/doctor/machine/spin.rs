//! Spin, which runs and deploys components.

use super::program;
use super::version::Version;
use super::{CheckResult, Project};

/// The first that runs components which export `wasi:http/handler@0.3.0`.
const MIN_VERSION: Version = Version(4, 1);

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    let needs = here.is_for_spin();
    let install = format!("install Spin {MIN_VERSION} or newer, as https://spinframework.dev says");
    let said = program::version(here, "spin", |why| {
        here.lacking(
            needs,
            format!("{why}, and nothing can be deployed to Spin without it"),
            &install,
        )
    })?;
    match Version::first_in(&said) {
        Some(found) if found < MIN_VERSION => Err(here.lacking(
            needs,
            format!(
                "{said} refuses components of this kind; {MIN_VERSION} is the first that takes them"
            ),
            &install,
        )),
        _ => Ok(said),
    }
}
