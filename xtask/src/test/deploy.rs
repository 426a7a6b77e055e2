//! What `wrangler deploy` would upload, without uploading it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::Tally;
use super::served::EXAMPLES;
use crate::{process, setup, workspace};

pub(super) fn dry_run() -> Result<Tally> {
    let mut tally = Tally::default();
    let examples = EXAMPLES.map(|name| (name, workspace::root().join("examples").join(name)));
    let root = ("root", workspace::root().to_path_buf());
    for (name, folder) in std::iter::once(root).chain(examples) {
        tally += attempt(name, folder).unwrap_or_else(|error| {
            println!("error: {name}: {error:#}");
            Tally::FAILED
        });
    }
    Ok(tally)
}

fn attempt(name: &str, folder: PathBuf) -> Result<Tally> {
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
