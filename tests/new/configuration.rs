//! Whether a build uses `mcp.toml` as it is, or fails.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use xtask::host::Host;
use xtask::setup::rust;
use xtask::workspace;

/// The server whose file changes.
pub(crate) const SERVER: &str = "reconfigured-server";

/// What the server gets in addition: it compiles as long as it has no policy.
const PROBE: &str = "
const _: () = assert!(
    mcp_edge::config!().base.policy.is_empty(),
    \"a policy is compiled in\"
);
";
const POLICY: &str = "[[policy]]\ntools = [\"count_words\"]\n";

/// What a build must come to.
enum Outcome {
    Passes,
    /// With this in what it prints.
    Fails(&'static str),
}

use Outcome::{Fails, Passes};

/// What happened to the file, how, and the result of the build after it.
type Change = (&'static str, fn(&Path) -> Result<()>, Outcome);

const CHANGES: [Change; 9] = [
    ("as it was made", |_| Ok(()), Passes),
    (
        "removed",
        |folder| Ok(fs::remove_file(folder.join("mcp.toml"))?),
        Fails("mcp.toml is missing: create it in the folder of Cargo.toml"),
    ),
    (
        "added",
        |folder| write(folder, POLICY),
        Fails("a policy is compiled in"),
    ),
    ("changed", |folder| write(folder, ""), Passes),
    (
        "changed to one with mistakes",
        |folder| write(folder, "[limit]\npage_size = 0\n[limits]\npage_size = 0\n"),
        Fails("mcp.toml, line 4: limits.page_size"),
    ),
    (
        "renamed",
        |folder| {
            Ok(fs::rename(
                folder.join("mcp.toml"),
                folder.join("other.toml"),
            )?)
        },
        Fails("mcp.toml is missing"),
    ),
    (
        "another one renamed to it",
        |folder| {
            fs::write(folder.join("policy.toml"), POLICY)?;
            Ok(fs::rename(
                folder.join("policy.toml"),
                folder.join("mcp.toml"),
            )?)
        },
        Fails("a policy is compiled in"),
    ),
    (
        "a folder in its place",
        |folder| {
            fs::remove_file(folder.join("mcp.toml"))?;
            Ok(fs::create_dir(folder.join("mcp.toml"))?)
        },
        Fails("mcp.toml cannot be read"),
    ),
    (
        "a file again",
        |folder| {
            fs::remove_dir(folder.join("mcp.toml"))?;
            write(folder, "")
        },
        Passes,
    ),
];

/// Changes the file in every way, and compiles the server for `host` after each.
pub(crate) fn change_between_builds(host: Host) -> Result<()> {
    let folder = workspace::server(SERVER)?;
    add_probe(&folder)?;
    let build = match host.target() {
        Some(target) => library(host, target)?,
        None => vec!["check", "--quiet", "--lib"],
    };
    for (change, make, expected) in &CHANGES {
        make(&folder).with_context(|| format!("the file is not {change}"))?;
        let (passed, said) = cargo(&build)?;
        match expected {
            Passes => ensure!(passed, "with the file {change}, the build fails:\n{said}"),
            Fails(_) if passed => ensure!(!passed, "with the file {change}, the build passes"),
            Fails(sentence) => ensure!(
                said.contains(sentence),
                "with the file {change}, the build does not say `{sentence}`:\n{said}"
            ),
        }
    }
    Ok(())
}

/// Compiles a server as `host` gets it, up to the link. Everything it depends on is compiled already, for the other servers;
/// `cargo check` would check it all once more.
pub(crate) fn library(host: Host, target: &'static str) -> Result<Vec<&'static str>> {
    rust::target(target, &format!("{host} runs it"))?;
    let library = ["rustc", "--quiet", "--lib", "--crate-type", "rlib"];
    Ok([&library[..], &["--release", "--target", target]].concat())
}

/// Cargo goes by the time of a file, so a build cannot notice that an older one is in its place. The server's own tests do.
pub(crate) fn replace_by_an_older_one() -> Result<()> {
    let folder = workspace::server(SERVER)?;
    write(&folder, "")?;
    let test = ["test", "--quiet", "--lib"];
    let (passed, said) = cargo(&test)?;
    ensure!(passed, "its tests fail:\n{said}");

    let older = folder.join("older.toml");
    fs::write(&older, "[limits]\npage_size = 7\n")?;
    let before = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(&older)?
        .set_modified(before)?;
    fs::rename(&older, folder.join("mcp.toml"))?;
    let (passed, said) = cargo(&test)?;
    ensure!(
        !passed && said.contains("mcp.toml is not the file that was compiled in"),
        "its tests do not notice the older file:\n{said}"
    );
    write(&folder, "")
}

fn add_probe(folder: &Path) -> Result<()> {
    let path = folder.join("src/lib.rs");
    let source = workspace::read(&path)?;
    if source.ends_with(PROBE) {
        return Ok(());
    }
    workspace::write(&path, &format!("{source}{PROBE}"))
}

fn write(folder: &Path, text: &str) -> Result<()> {
    workspace::write(&folder.join("mcp.toml"), text)
}

/// Whether the command passes, and what it prints.
fn cargo(arguments: &[&str]) -> Result<(bool, String)> {
    let output = workspace::cargo_for(SERVER, arguments)?.output()?;
    let said = [output.stdout, output.stderr].concat();
    Ok((
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    ))
}
