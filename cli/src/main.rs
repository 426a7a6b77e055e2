//! `mcp-edge`: what an administrator and a developer of a server do besides running it.

use std::process::ExitCode;

fn main() -> ExitCode {
    mcp_edge_cli::main()
}
