//! The page for people, in a real browser.

use anyhow::Result;

use super::{Session, Tally};
use crate::host::Host;
use crate::identity::{self, Provider};
use crate::setup::{self, npm, system};
use crate::{keys, say, workspace};

/// Debian's; it is called so on other systems as well.
const BROWSER: &str = "chromium";

pub(super) fn check(session: &Session, host: Host) -> Result<Tally> {
    session.builds.servers(host)?;
    let browser = system::program(
        BROWSER,
        &[BROWSER, "fonts-liberation"],
        "shows the page for people to its test",
    )?;
    let provider = Provider::start()?;
    let guarded = identity::start_server(host, &keys::fresh("test")?, provider.url())?;
    let folder = workspace::target_folder(format!("page/{host}"))?;
    say!("screenshots go to {}", folder.display());
    let mut command = setup::node::command()?;
    command
        .arg(workspace::root().join("tests/page/page.mjs"))
        .arg(browser)
        .arg(folder)
        .arg(format!("guarded={}", guarded.url()))
        .env("NODE_PATH", npm::install(npm::Group::Browser)?);
    Tally::of_tests(&mut command)
}
