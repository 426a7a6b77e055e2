//! `mcp-edge dev` and the commands that call what it runs.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xtask::host::free_port;
use xtask::process::Group;
use xtask::scaffolded::{self, SERVER};
use xtask::{process, workspace};

/// Far beyond what a build takes, so that only what hangs meets it.
const LIMIT: Duration = Duration::from_secs(600);

/// Builds, serves, answers the client, keeps the server when a build fails, serves the next build, and ends with everything that
/// it started.
pub(crate) fn serve_and_reload() -> Result<()> {
    let folder = workspace::server(SERVER)?;
    let source = folder.join("src/lib.rs");
    let original = workspace::read(&source)?;
    let logs = workspace::target_folder("logs")?;
    let (requests, said) = (logs.join("dev.requests"), logs.join("dev.said"));
    let port = free_port()?;
    let mut program = scaffolded::program()?;
    program
        .args(["dev", "--port", &port.to_string()])
        .current_dir(&folder)
        .env_remove("MCP_EDGE_KEYS")
        .env_remove("MCP_EDGE_ENV")
        .stdout(Stdio::from(File::create(&requests)?))
        .stderr(Stdio::from(File::create(&said)?));
    let dev = Group::start(&mut program)?;
    let result = (|| {
        until(&said, "Claude Code")?;
        let call = |text: &str| -> Result<String> {
            let mut program = scaffolded::program()?;
            let arguments = format!("{{\"text\": {text:?}}}");
            program
                .current_dir(&folder)
                .args(["call", "count_words", &arguments]);
            process::output(&mut program)
        };
        ensure!(call("a b")?.contains("\"words\":2"), "{}", call("a b")?);
        until(&requests, "tools/call count_words")?;

        workspace::write(&source, &format!("{original}\nmistake"))?;
        until(&said, "The server from before the change keeps running")?;
        ensure!(
            call("a b c")?.contains("\"words\":3"),
            "the old server is gone"
        );

        let changed = original.replace(
            "split_whitespace().count()",
            "split_whitespace().count() + 40",
        );
        workspace::write(&source, &changed)?;
        until(&said, "Reloaded.")?;
        ensure!(
            call("a b")?.contains("\"words\":42"),
            "the new server is not there"
        );
        anyhow::Ok(())
    })();
    workspace::write(&source, &original)?;
    let status = dev.interrupt()?;
    result.with_context(|| workspace::read(&said).unwrap_or_default())?;
    ensure!(status.code() == Some(130), "{status}");
    ensure!(
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(),
        "the server outlives mcp-edge dev"
    );
    let left = folder.join(".mcp-edge/running.json");
    ensure!(!left.exists(), "{} is left", left.display());
    Ok(())
}

/// Waits until the file has the words.
fn until(path: &Path, words: &str) -> Result<()> {
    let end = Instant::now() + LIMIT;
    while !workspace::read(path)?.contains(words) {
        ensure!(Instant::now() < end, "{} has no {words:?}", path.display());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
