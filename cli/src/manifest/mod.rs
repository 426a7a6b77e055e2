//! `mcp-edge manifest`: what a server offers as one document, what changed in it, and what is approved.

mod approve;
mod diff;
mod source;
mod verify;

use clap::{Args, Subcommand};

use crate::output::{CommandOutput, Failure};
use crate::progress::Progress;

/// Prints what a server offers as one document, compares two of them, and approves tools
///
/// A manifest is canonical JSON, so that its SHA-256 digest says whether two are the same. The server publishes what each
/// caller may see at `manifest` below its endpoint, names its digest in every list, and keeps in quarantine what
/// approvals.tools of mcp.toml does not name.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    step: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(source::Show),
    Diff(diff::Arguments),
    Approve(approve::Arguments),
    Verify(verify::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest show > manifest.json
  $ mcp-edge manifest diff manifest.json https://mcp.example.com/mcp/manifest
  $ mcp-edge manifest approve";

pub(crate) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    match &arguments.step {
        Command::Show(arguments) => source::show(arguments, progress),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Approve(arguments) => approve::run(arguments, progress),
        Command::Verify(arguments) => verify::run(arguments),
    }
}
