//! Spin, which runs and deploys components.

use super::program;
use super::version::Version;
use super::{Found, Here};

/// The first that runs components which export `wasi:http/handler@0.3.0`.
const OLDEST: Version = Version(4, 1);

pub(super) fn check(here: &Here<'_>) -> Found {
    let needs = here.is_for_spin();
    let install = format!("install Spin {OLDEST} or newer, as https://spinframework.dev says");
    let said = program::version(here, "spin", |why| {
        here.lacking(
            needs,
            format!("{why}, and nothing can be deployed to Spin without it"),
            &install,
        )
    })?;
    match Version::first_in(&said) {
        Some(found) if found < OLDEST => Err(here.lacking(
            needs,
            format!(
                "{said} refuses components of this kind; {OLDEST} is the first that takes them"
            ),
            &install,
        )),
        _ => Ok(said),
    }
}
