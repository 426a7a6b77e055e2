//! `cargo xtask`: sets up, builds, runs and tests mcp-edge.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask::compiler::Work;

const HELP: &str = "\
Sets up, builds, runs and tests mcp-edge. What a command needs is installed on first use, into target/tools.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  dev          Run `mcp-edge dev` for an example
  test         Run every check, on every host
  conformance  Run the official conformance suite against one host
  corpus       Compile public OpenAPI documents into tools
  bench        Measure it beside what a reader knows
  pages        Run the commands of the documentation, and check its links
  archive      Build a release archive: the program, and the gateway for every host
  soak         Put a native server under mixed load for minutes, and watch its memory

`cargo xtask <COMMAND> --help` says more.
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default();
    if let Some(work) = Work::of(&program) {
        return xtask::compiler::main(work, &arguments.collect::<Vec<_>>());
    }
    let command = arguments.next().unwrap_or_else(|| OsString::from("help"));
    let rest = lexopt::Parser::from_args(arguments);

    xtask::process::stop_children_on_signal()?;
    match command.to_str() {
        Some("dev") => xtask::dev::main(rest),
        Some("test") => xtask::test::main(rest),
        Some("conformance") => xtask::conformance::main(rest),
        Some("corpus") => xtask::corpus::main(rest),
        Some("bench") => xtask::bench::main(rest),
        Some("pages") => xtask::pages::main(rest),
        Some("archive") => xtask::gateway::archive(rest),
        Some("soak") => xtask::soak::main(rest),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!(
            "there is no command `{}`; `cargo xtask help` lists them",
            command.display()
        ),
    }
}
