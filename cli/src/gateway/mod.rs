//! `mcp-edge gateway`: a server whose tools are operations of HTTP APIs, without code.

mod build;
mod changes;
mod folder;
mod new;
mod prebuilt;
mod try_tool;

use clap::{Args, Subcommand};

use crate::output::{CommandOutput, Failure};

/// Proposes, tries and builds a server whose tools are operations of internal HTTP APIs
///
/// A gateway has no code: mcp.toml names the APIs in [upstreams.NAME], their OpenAPI documents, and the operations that are
/// tools.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    step: Command,
}

#[derive(Subcommand)]
enum Command {
    Build(build::Arguments),
    New(new::Arguments),
    Try(try_tool::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge gateway new orders.yaml --name com.example/orders
  $ mcp-edge gateway try get_order '{\"id\": \"7\"}'
  $ mcp-edge gateway build --host workers
  $ mcp-edge gateway build --host native --out deploy";

/// `is_asking` is whether a person may be asked.
pub(crate) fn run(arguments: &Arguments, is_asking: bool) -> Result<CommandOutput, Failure> {
    match &arguments.step {
        Command::Build(arguments) => build::run(arguments),
        Command::New(arguments) => new::run(arguments, is_asking),
        Command::Try(arguments) => try_tool::run(arguments),
    }
}
