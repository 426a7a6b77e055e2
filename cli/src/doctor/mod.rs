//! `mcp-edge doctor`: what is wrong with this machine or with a live server, and how to fix it.

mod finding;
mod machine;
mod report;
pub(crate) mod server;

use std::path::PathBuf;
use std::time::Duration;

use mcp_edge_config::span;

use crate::access_token::AccessToken;
use crate::file::File;
use crate::output::{CommandOutput, Failure};
use crate::progress::Progress;

/// Says what is wrong with this machine or a live server, and how to fix it
///
/// Without a URL it looks for the programs that build and deploy a server and, in a server's folder, at its files. With a
/// URL it asks that server as clients of both eras do, and reads the documents that it is found by. Any MCP server will
/// do. What the standard leaves open is a warning at most. No tool that exists is called, and nothing is changed.
///
/// A server that asks to sign in is given the access token of --token-file or of the variable MCP_EDGE_TOKEN. It goes to that
/// server only, and is never shown.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The MCP endpoint of the server to look at [default: look at this machine]
    url: Option<String>,
    #[command(flatten)]
    file: File,
    /// The file with an access token; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "url")]
    token_file: Option<PathBuf>,
    /// How long one answer may take
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = timeout)]
    timeout: Duration,
    /// Let a warning fail too
    #[arg(long)]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge doctor
  $ mcp-edge doctor https://fraud.example.com/mcp
  $ mcp-edge doctor http://127.0.0.1:8787/mcp --json --strict
  $ mcp-edge token --scope fraud:read | mcp-edge doctor http://127.0.0.1:8787/mcp --token-file -";

const MAX_TIMEOUT: Duration = Duration::from_secs(300);

pub(crate) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    let report = match &arguments.url {
        None => machine::look(&arguments.file, arguments.timeout, progress),
        Some(url) => {
            let token = AccessToken::given(arguments.token_file.as_deref())?;
            server::look(url, token, &arguments.file, arguments.timeout, progress)?
        }
    };
    progress.clear();
    Ok(report.outcome(arguments.strict))
}

fn timeout(text: &str) -> Result<Duration, String> {
    span::parse(text)
        .filter(|time| *time > Duration::ZERO && *time <= MAX_TIMEOUT)
        .ok_or_else(|| "it must be a time up to 5m, as in `10s`".to_owned())
}
