//! `wrangler`, which runs and deploys a Worker.

use std::path::PathBuf;

use super::program;
use super::{CheckResult, Project};

const INSTALL: &str =
    "npm install --save-dev wrangler, and then `npx wrangler`; or npm install --global wrangler";

pub(super) fn check(here: &Project<'_>) -> CheckResult {
    let needs = here.is_for_workers();
    // `npx` takes the one that was installed for this folder before any other.
    if let Some(local) = local(here) {
        let said = program::version(here, &local, |why| here.lacking(needs, why, INSTALL))?;
        return Ok(format!("{said}, of this folder: `npx wrangler`"));
    }
    program::version(here, "wrangler", |why| {
        here.lacking(
            needs,
            format!(
                "{why} and in no node_modules, and nothing can be deployed to Workers without it"
            ),
            INSTALL,
        )
    })
}

fn local(here: &Project<'_>) -> Option<PathBuf> {
    let folder = std::path::absolute(&here.folder).ok()?;
    folder
        .ancestors()
        .map(|folder| folder.join("node_modules/.bin/wrangler"))
        .find(|path| path.is_file())
}
