//! `mcp-edge dev` and the commands that call what it runs.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xtask::host::free_port;
use xtask::process::Group;
use xtask::scaffolded::{self, SERVER};
use xtask::{clients, process, workspace};

/// Far beyond what a build takes, so that only what hangs meets it.
const LIMIT: Duration = Duration::from_secs(600);

/// The issuer for development, in place of an environment that is open.
const SIGN_IN: &str = r#"
[tokens]
keys = { secret = "MCP_EDGE_KEYS" }

[environments.dev.server]
url = { variable = "MCP_EDGE_URL" }

[environments.dev.auth]
scopes = ["words:read"]

[environments.dev.issuers.local]
preset = "development"

[[environments.dev.policy]]
groups = ["engineering", "support"]
scopes = ["words:read", "words:count"]
tools = ["count_words"]
"#;

/// `mcp-edge dev`, and what it prints.
struct Dev {
    group: Group,
    port: u16,
    requests: PathBuf,
    said: PathBuf,
}

impl Dev {
    fn start(folder: &Path) -> Result<Self> {
        let logs = workspace::target_folder("logs")?;
        let (requests, said) = (logs.join("dev.requests"), logs.join("dev.said"));
        let port = free_port()?;
        let mut program = scaffolded::program()?;
        program
            .args(["dev", "--port", &port.to_string()])
            .current_dir(folder)
            .env_remove("MCP_EDGE_KEYS")
            .env_remove("MCP_EDGE_ENV")
            .stdout(Stdio::from(File::create(&requests)?))
            .stderr(Stdio::from(File::create(&said)?));
        Ok(Self {
            group: Group::start(&mut program)?,
            port,
            requests,
            said,
        })
    }
}

/// An official client finds the sign-in, signs in two users, and is asked for more scopes.
pub(crate) fn sign_in() -> Result<()> {
    let folder = workspace::server(SERVER)?;
    let configuration = folder.join("mcp.toml");
    let original = workspace::read(&configuration)?;
    workspace::write(&configuration, SIGN_IN)?;
    let result = Dev::start(&folder).and_then(|dev| {
        let called = until(&dev.said, "Claude Code").and_then(|()| {
            let url = format!("http://127.0.0.1:{}/mcp", dev.port);
            process::output(clients::typescript("dev.mjs")?.arg(url))?;
            for user in ["ada", "grace"] {
                let call = format!("{:<32}  {user:<12}  ok", "tools/call count_words");
                until(&dev.requests, &call)?;
            }
            anyhow::Ok(())
        });
        let called = called.with_context(|| workspace::read(&dev.said).unwrap_or_default());
        dev.group.interrupt().and(called)
    });
    workspace::write(&configuration, &original)?;
    result
}

/// Builds, serves, answers the client, keeps the server when a build fails, serves the next build, and ends with everything that
/// it started.
pub(crate) fn serve_and_reload() -> Result<()> {
    let folder = workspace::server(SERVER)?;
    let source = folder.join("src/lib.rs");
    let original = workspace::read(&source)?;
    let Dev {
        group: dev,
        port,
        requests,
        said,
    } = Dev::start(&folder)?;
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
