//! `mcp-edge live sign`: makes a signed live policy.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args;
use mcp_edge_config::span;
use mcp_edge_runtime::live::{LIVE_POLICY_TYPE, compose};

use super::content::of_file;
use super::document::{self, LiveServer};
use crate::file::File;
use crate::keys::live_policy_keys;
use crate::local_host::timestamp;
use crate::output::{CommandOutput, DONE, Failure};

/// Makes a signed live policy of a file with [[policy]], [approvals], [disabled] and [tokens.not_before]
///
/// The rules are checked against mcp.toml, as the build checks them. The document is for one server, the one with this public
/// URL. A server takes it if its version is at least that of the one before; without --set-version that is the number of seconds
/// since 1970.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file of the live policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The file with the keys, made with `mcp-edge keys generate --live`
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The file that gets the signed document [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The version
    #[arg(long, value_name = "NUMBER")]
    set_version: Option<u64>,
    /// How long the document holds, such as 30d; a server without a newer one refuses all requests then [default: without an end]
    #[arg(long, value_name = "TIME")]
    expires_in: Option<String>,
    /// The public URL of the server, or its name if it has none [default: server.url of the configuration]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge live sign live-policy.toml --key-file live.keys --output live-policy.jws
  $ mcp-edge live sign live-policy.toml --key-file live.keys --expires-in 30d --env production > live-policy.jws";

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let server = LiveServer::of(&arguments.file)?;
    let url = arguments.server.clone().or_else(|| server.url());
    let url = url.ok_or_else(|| {
        Failure::usage(
            "server.url is not in the configuration; give the public URL of the server, or its name, with --server",
        )
    })?;
    let content = of_file(&arguments.policy, &server.written)?;
    let now = timestamp(SystemTime::now());
    let expires = match &arguments.expires_in {
        None => None,
        Some(text) => Some(now.after(lifetime(text)?)),
    };
    let version = arguments.set_version.unwrap_or(now.as_secs());
    if version < server.min_version {
        return Err(Failure::usage(format!(
            "the version {version} is below live.min_version, {}",
            server.min_version
        )));
    }
    let payload = compose(&url, version, expires, content).map_err(Failure::check)?;
    let path = &arguments.key_file;
    let keys = live_policy_keys(path)?;
    let signed = keys.jws(LIVE_POLICY_TYPE, &payload);
    let document = server.verify(&signed).map_err(|why| {
        Failure::check(format!(
            "the server would not take it: {why}; put what `mcp-edge keys public --live --file {}` prints into [live] of {}",
            path.display(),
            arguments.file.path().display()
        ))
    })?;
    let mut text = format!("{}\n", document::heading(&document));
    let product = match &arguments.output {
        None => Some(signed),
        Some(output) => {
            std::fs::write(output, signed + "\n")
                .map_err(|error| Failure::usage(format!("{}: {error}", output.display())))?;
            text += &format!("Wrote {}\n", output.display());
            None
        }
    };
    Ok(CommandOutput {
        text,
        json: document::json(&document),
        product,
        status: DONE,
    })
}

fn lifetime(text: &str) -> Result<Duration, Failure> {
    span::parse(text)
        .filter(|span| !span.is_zero())
        .ok_or_else(|| {
            Failure::usage(format!(
                "--expires-in must be a number with a unit, as \"12h\" or \"30d\", and is {text:?}"
            ))
        })
}
