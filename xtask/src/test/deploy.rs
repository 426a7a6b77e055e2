//! What `wrangler deploy` would upload, without uploading it. It builds what it uploads, and the stages after this one talk to
//! that.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Session, Tally};
use crate::host::{self, Host};
use crate::{parallel, process, say, setup, workspace};

/// The name of the upload of the manifest at the root, which deploys the gateway.
const ROOT: &str = "root";

/// The dry run of one manifest.
pub(super) struct Upload {
    name: &'static str,
    /// Whose module it uploads.
    example: &'static str,
    outcome: Result<()>,
}

/// Where the module comes from that a manifest uploads.
#[derive(Clone, Copy)]
enum Module {
    /// The manifest's own command, as its user runs it: optimised by wasm-opt.
    Built,
    /// It was built before.
    Found,
}

/// The uploads of a run.
pub(super) struct Uploads(Vec<Upload>);

impl Uploads {
    /// Whether the module of `example` is there, as it would be uploaded.
    pub(super) fn has(&self, example: &str) -> bool {
        let mut uploads = self.0.iter();
        uploads.any(|upload| upload.example == example && upload.outcome.is_ok())
    }
}

pub(super) fn dry_run(session: &Session) -> Result<Tally> {
    let uploads = session.builds.uploads()?.0.iter();
    Ok(uploads
        .map(|upload| match &upload.outcome {
            Ok(()) => Tally::PASSED,
            Err(error) => {
                say!("error: {}: {error:#}", upload.name);
                Tally::FAILED
            }
        })
        .sum())
}

/// Tries the manifest at the root and that of each example. The root's command builds the gateway, as a user would; the examples
/// have one command among them, and are built without wasm-opt, which takes a minute for each. In a full run each manifest's own
/// command builds it.
pub(super) fn uploads(is_full: bool) -> Uploads {
    let again = if is_full {
        Module::Built
    } else {
        Module::Found
    };
    let groups: [&[(&str, &str, Module)]; 4] = [
        &[(ROOT, ROOT, Module::Built)],
        &[("fraud-rules", "fraud-rules", again)],
        &[("hello", "hello", again)],
        &[("conformance", "conformance", again)],
    ];
    let uploads = parallel::each(&groups, |group| {
        let uploads = group.iter().map(|&(name, example, module)| Upload {
            name,
            example,
            outcome: upload(name, example, module),
        });
        uploads.collect::<Vec<_>>()
    });
    Uploads(uploads.into_iter().flatten().collect())
}

fn folder(example: &str) -> PathBuf {
    workspace::root().join("examples").join(example)
}

/// What `wrangler` runs before it bundles.
fn command_of(manifest: &Path) -> Result<String> {
    let manifest = workspace::table(manifest)?;
    let command = manifest
        .get("build")
        .and_then(|build| build.get("command")?.as_str());
    command
        .map(str::to_owned)
        .context("a wrangler.toml has no `command` in `[build]`")
}

/// Whether the manifest that is not asked to build would have built what it finds.
fn check_command(example: &str) -> Result<()> {
    let own = command_of(&folder(example).join("wrangler.toml"))?;
    let expected = command_of(&folder("hello").join("wrangler.toml"))?;
    ensure!(
        own == expected,
        "the manifest of {example} builds with `{own}`, and that of hello with `{expected}`"
    );
    Ok(())
}

fn upload(name: &str, example: &str, module: Module) -> Result<()> {
    let mut wrangler = Command::new("wrangler");
    setup::workers(&mut wrangler)?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(workspace::target_folder("deploy")?.join(name));
    match module {
        Module::Built if name == ROOT => wrangler.current_dir(workspace::root()),
        Module::Built => wrangler.current_dir(folder(example)),
        Module::Found => {
            check_command(example)?;
            Host::Workers.build(example)?;
            let folder = workspace::target_folder(format!("deploy/{name}-manifest"))?;
            let manifest = folder.join("wrangler.toml");
            workspace::write(&manifest, &host::workers_manifest(example)?)?;
            wrangler.arg("--config").arg(manifest).current_dir(folder)
        }
    };

    let mut log = String::new();
    let status = process::run_lines(&mut wrangler, |line| {
        log.push_str(line);
        log.push('\n');
    })?;
    // The line that says how large the upload is; without it nothing was bundled.
    let size = log.lines().find(|line| line.contains("Total Upload"));
    if !status.success() || size.is_none() {
        say!("{log}");
    }
    say!("{name}: {}", size.context("nothing to upload")?);
    ensure!(status.success(), "`wrangler deploy` failed ({status})");
    Ok(())
}
