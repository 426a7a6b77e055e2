//! Node, which wrangler runs on.

use super::program;
use super::version::Version;
use super::{Found, Here};

/// What wrangler asks for.
const OLDEST: Version = Version(22, 12);

pub(super) fn check(here: &Here<'_>) -> Found {
    let needs = here.is_for_workers();
    let install = format!("install Node {OLDEST} or newer, with npm, as https://nodejs.org says");
    let said = program::version(here, "node", |why| {
        here.lacking(needs, format!("{why}, and wrangler runs on it"), &install)
    })?;
    match Version::first_in(&said) {
        Some(found) if found < OLDEST => Err(here.lacking(
            needs,
            format!("{said} is older than {OLDEST}, which wrangler asks for"),
            &install,
        )),
        _ => Ok(said),
    }
}
