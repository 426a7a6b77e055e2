//! `mcp-edge live`: signs, shows, compares and publishes live policies.

mod content;
mod decisions;
mod diff;
mod document;
mod publish;
mod show;
mod sign;

use clap::{Args, Subcommand};

use crate::output::{CommandOutput, Failure};
use crate::progress::Progress;

/// Signs, shows, compares and publishes live policies
///
/// A live policy has the rules, approvals and revocations of a server and what is switched off, as a signed document that the
/// server reads while it runs. It is written as the same parts of mcp.toml, in a file of its own.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge keys generate --live --file live.keys
  $ mcp-edge live sign live-policy.toml --key-file live.keys --output live-policy.jws
  $ mcp-edge live publish live-policy.jws";

#[derive(Subcommand)]
enum Command {
    Sign(sign::Arguments),
    Show(show::Arguments),
    Diff(diff::Arguments),
    Publish(publish::Arguments),
}

pub(crate) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    match &arguments.command {
        Command::Sign(arguments) => sign::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Diff(arguments) => diff::run(arguments, progress),
        Command::Publish(arguments) => publish::run(arguments),
    }
}
