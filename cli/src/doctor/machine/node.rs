//! Node, which wrangler runs on.

use super::program;
use super::version::Version;
use super::{CheckResult, Project};

/// What wrangler asks for.
const MIN_VERSION: Version = Version(22, 12);

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    let needs = here.is_for_workers();
    let install =
        format!("install Node {MIN_VERSION} or newer, with npm, as https://nodejs.org says");
    let said = program::version(here, "node", |why| {
        here.lacking(needs, format!("{why}, and wrangler runs on it"), &install)
    })?;
    match Version::first_in(&said) {
        Some(found) if found < MIN_VERSION => Err(here.lacking(
            needs,
            format!("{said} is older than {MIN_VERSION}, which wrangler asks for"),
            &install,
        )),
        _ => Ok(said),
    }
}
