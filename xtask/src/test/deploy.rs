//! What `wrangler deploy` would upload, without uploading it. It builds what it uploads, and the stages after this one talk to
//! that.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::served::{EXAMPLES, SERVERS};
use super::{Session, Tally};
use crate::host::Host;
use crate::{process, setup, workspace};

pub(super) fn dry_run(session: &mut Session) -> Result<Tally> {
    // All that this host will need, since with fewer of them dependencies may be compiled otherwise.
    Host::Workers.compile(&SERVERS)?;
    let mut tally = attempt("root", workspace::root().to_path_buf());
    for name in EXAMPLES {
        let attempted = attempt(name, workspace::root().join("examples").join(name));
        if attempted == Tally::PASSED {
            session.built.insert((Host::Workers, name));
        }
        tally += attempted;
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
