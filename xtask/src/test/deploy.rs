//! What `wrangler deploy` would upload, without uploading it. It builds what it uploads, and the stages after this one talk to
//! that.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::served::{EXAMPLES, SERVERS};
use super::{Session, Tally};
use crate::host::Host;
use crate::{parallel, process, setup, workspace};

/// What the manifest at the root deploys.
const AT_THE_ROOT: &str = "fraud-rules";

pub(super) fn dry_run(session: &mut Session) -> Result<Tally> {
    // All that this host will need, since with fewer of them dependencies may be compiled otherwise.
    Host::Workers.compile(&SERVERS)?;
    // Two that build the same server must not do so at once.
    let attempts = parallel::each(&EXAMPLES, |&name| {
        let own = attempt(name, workspace::root().join("examples").join(name));
        let root = (name == AT_THE_ROOT).then(|| attempt("root", workspace::root().to_path_buf()));
        (name, own, root)
    });
    let mut tally = Tally::default();
    for (name, own, root) in attempts {
        if own == Tally::PASSED {
            session.built.insert((Host::Workers, name));
        }
        tally += own;
        tally += root.unwrap_or_default();
    }
    Ok(tally)
}

fn attempt(name: &str, folder: PathBuf) -> Tally {
    upload(name, folder).unwrap_or_else(|error| {
        println!("error: {name}: {error:#}");
        Tally::FAILED
    })
}

fn upload(name: &str, folder: PathBuf) -> Result<Tally> {
    let mut wrangler = Command::new("wrangler");
    setup::workers(&mut wrangler)?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(workspace::target_folder("deploy")?.join(name))
        .current_dir(folder);

    let mut log = String::new();
    let status = process::run_lines(&mut wrangler, |line| {
        log.push_str(line);
        log.push('\n');
    })?;
    // The line that says how large the upload is; without it nothing was bundled.
    let size = log.lines().find(|line| line.contains("Total Upload"));
    if !status.success() || size.is_none() {
        print!("{log}");
    }
    println!("{name}: {}", size.context("nothing to upload")?);
    anyhow::ensure!(status.success(), "`wrangler deploy` failed ({status})");
    Ok(Tally::PASSED)
}
