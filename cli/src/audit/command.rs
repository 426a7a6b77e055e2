//! The command line of `mcp-edge audit`.

use clap::{Args, Subcommand};

use super::{append, report, verify};
use crate::output::{CommandOutput, Failure};

/// Verifies an audit log, reports who called what, or appends it to a sealed log
///
/// A server links its events into chains and signs them, so that a verifier with the log and the server's public keys can tell
/// whether something is missing or was changed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    step: Command,
}

#[derive(Subcommand)]
enum Command {
    Verify(verify::Arguments),
    Report(report::Arguments),
    #[command(name = "generate-key")]
    Key(append::MakeKey),
    Append(append::Append),
    Prove(append::Prove),
    Check(append::Check),
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge audit verify --keys https://mcp.example.com/.well-known/jwks.json events.ndjson
  $ mcp-edge audit report --keys jwks.json --by principal --csv events.ndjson > report.csv
  $ mcp-edge audit append --log sealed --key log.key events.ndjson";

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    match &arguments.step {
        Command::Verify(arguments) => verify::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Key(arguments) => append::make_key(arguments),
        Command::Append(arguments) => append::append_events(arguments),
        Command::Prove(arguments) => append::prove(arguments),
        Command::Check(arguments) => append::check(arguments),
    }
}
