//! Workers, bundled as `wrangler deploy` would upload them, and configured for workerd.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

use super::aim::figure;
use super::build;
use super::report::table;
use crate::host::open;
use crate::setup::npm;
use crate::{keys, process, setup, workspace};

/// What a Worker is made of.
pub(super) struct Source {
    /// Its name in the results.
    pub(super) name: &'static str,
    pub(super) main: Main,
    /// workerd's compatibility flags.
    pub(super) flags: &'static [&'static str],
}

/// Where a Worker begins.
#[derive(Clone, Copy)]
pub(super) enum Main {
    /// A file in `benches/workers`, which is minified.
    JavaScript(&'static str),
    /// What worker-build has left of the package in this folder of the workspace.
    Built(&'static str),
}

/// A variable of a Worker, and its value.
pub(super) type Variable<'a> = (&'a str, String);

/// A Worker that workerd can run.
pub(super) struct Bundle {
    pub(super) name: &'static str,
    /// How much is uploaded, compressed, in KiB.
    pub(super) upload: f64,
    /// The file that workerd is given.
    pub(super) config: PathBuf,
}

/// What each of them uploads, beside the first, which is called `least` in the heads.
pub(super) fn uploads(bundles: &[Bundle], least: &str) -> String {
    let first = bundles.first().map_or(0.0, |bundle| bundle.upload);
    let rows = bundles.iter().map(|bundle| {
        vec![
            bundle.name.to_owned(),
            figure(bundle.upload, "KiB"),
            figure(bundle.upload - first, "KiB"),
            figure(bundle.upload / first, ""),
        ]
    });
    let heads = [
        String::new(),
        "upload".to_owned(),
        format!("over {least}"),
        format!("of {least}"),
    ];
    table(&heads, rows)
}

/// Builds the Workers of `sources` that are packages of the workspace, and bundles all of them.
pub(super) fn built(sources: &[Source]) -> Result<Vec<Bundle>> {
    for source in sources {
        if let Main::Built(folder) = source.main {
            build::worker(folder)?;
        }
    }
    all(sources)
}

/// Bundles all `sources`.
pub(super) fn all(sources: &[Source]) -> Result<Vec<Bundle>> {
    let scripts = scripts()?;
    sources
        .iter()
        .map(|source| bundle(source, &scripts, &[]))
        .collect()
}

/// Bundles a script that has these variables.
pub(super) fn script(source: &Source, variables: &[Variable<'_>]) -> Result<Bundle> {
    bundle(source, &scripts()?, variables)
}

/// Bundles a folder that `mcp-edge gateway build` has written for Workers.
pub(super) fn deployment(
    name: &'static str,
    folder: &Path,
    variables: &[Variable<'_>],
) -> Result<Bundle> {
    let manifest = workspace::table(&folder.join("wrangler.toml"))?;
    let output = folder.join("upload");
    let _ = fs::remove_dir_all(&output);
    Ok(Bundle {
        name,
        upload: dry_run(folder, &output, false)?,
        config: configure(&output, &manifest, variables)?,
    })
}

/// A folder with the scripts of `benches/workers`, which finds their packages.
fn scripts() -> Result<PathBuf> {
    let packages = npm::install(npm::Group::Bench)?;
    let folder = workspace::target_folder("bench/workers")?;
    // Their imports are looked up from where the files are.
    let modules = folder.join("node_modules");
    if fs::read_link(&modules).ok().as_deref() != Some(&packages) {
        let _ = fs::remove_file(&modules);
        std::os::unix::fs::symlink(&packages, &modules).context("cannot link node_modules")?;
    }
    let scripts = workspace::root().join("benches/workers");
    for script in fs::read_dir(&scripts).context("cannot list benches/workers")? {
        let script = script?;
        fs::copy(script.path(), folder.join(script.file_name()))?;
    }
    Ok(folder)
}

fn bundle(source: &Source, scripts: &Path, variables: &[Variable<'_>]) -> Result<Bundle> {
    let root = workspace::root();
    // All of them run on the workerd of the date that ours asks for.
    let mut manifest = workspace::table(&root.join("examples/hello/wrangler.toml"))?;
    let built = |folder| root.join(folder).join("build/index.js");
    let (main, folder, server) = match source.main {
        // One of them calls `hello`.
        Main::JavaScript(script) => (scripts.join(script), script, "examples/hello"),
        Main::Built(folder) => (built(folder), folder, folder),
    };
    let folder = scripts.join("bundles").join(folder);
    let hello = built("examples/hello").display().to_string();
    fs::create_dir_all(&folder).context("cannot make a folder for a bundle")?;

    let flags = source
        .flags
        .iter()
        .map(|flag| Value::from(*flag))
        .collect::<Vec<_>>();
    manifest.remove("build");
    manifest.insert("main".to_owned(), Value::from(main.display().to_string()));
    manifest.insert(
        "alias".to_owned(),
        Table::from_iter([("hello".to_owned(), Value::from(hello))]).into(),
    );
    manifest.insert("compatibility_flags".to_owned(), flags.into());
    workspace::write(&folder.join("wrangler.toml"), &manifest.to_string())?;

    // What ours is has been settled by worker-build.
    let minify = matches!(source.main, Main::JavaScript(_));
    let output = folder.join("upload");
    let _ = fs::remove_dir_all(&output);
    let mut all = open::variables(&root.join(server))?;
    all.extend(variables.iter().cloned());
    Ok(Bundle {
        name: source.name,
        upload: dry_run(&folder, &output, minify)?,
        config: configure(&output, &manifest, &all)?,
    })
}

/// Writes to `output` what would be uploaded, and returns how much it is, compressed, in KiB.
fn dry_run(folder: &Path, output: &Path, minify: bool) -> Result<f64> {
    let mut wrangler = Command::new("wrangler");
    setup::workers(&mut wrangler)?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(output)
        .current_dir(folder);
    if minify {
        wrangler.arg("--minify");
    }
    let said = process::output(&mut wrangler)?;
    said.split_once("gzip: ")
        .and_then(|(_, rest)| rest.split_once(" KiB"))
        .and_then(|(size, _)| size.parse().ok())
        .with_context(|| format!("wrangler names no size:\n{said}"))
}

/// Writes workerd's configuration beside what would be uploaded.
fn configure(upload: &Path, manifest: &Table, variables: &[Variable<'_>]) -> Result<PathBuf> {
    let mut scripts = Vec::new();
    let mut modules = Vec::new();
    for file in fs::read_dir(upload)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".js") {
            scripts.push(format!("(name = \"{name}\", esModule = embed \"{name}\")"));
        } else if name.ends_with(".wasm") {
            modules.push(format!("(name = \"{name}\", wasm = embed \"{name}\")"));
        } else if name.ends_with(".bin") {
            modules.push(format!("(name = \"{name}\", data = embed \"{name}\")"));
        }
    }
    ensure!(scripts.len() == 1, "{} scripts in an upload", scripts.len());
    // The first is where it begins.
    scripts.extend(modules);
    let own = [(keys::SETTING, keys::fresh("bench")?)];
    let bindings: Vec<_> = own
        .iter()
        .chain(variables)
        .map(|(name, value)| format!("(name = \"{name}\", text = \"{value}\")"))
        .collect();
    let text = |name: &str| manifest.get(name).map(Value::to_string).unwrap_or_default();
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # Sinks and upstreams are on this machine.
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [{}],
  compatibilityDate = {},
  compatibilityFlags = {},
  bindings = [{}],
);
"#,
        scripts.join(", "),
        text("compatibility_date"),
        text("compatibility_flags"),
        bindings.join(", "),
    );
    let path = upload.join("config.capnp");
    workspace::write(&path, &config)?;
    Ok(path)
}
