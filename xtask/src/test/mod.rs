//! `cargo xtask test`: every check, as much as possible side by side, with a summary at the end.

mod audit;
mod builds;
mod clients;
mod code;
mod corpus;
mod deploy;
mod gateway;
mod identity;
mod modules;
mod network;
mod no_imports;
mod oracle;
mod page;
mod served;
mod session;
mod stages;
mod style;
mod summary;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use self::session::Session;
use self::stages::{STAGES, Scope, Stage};
use crate::host::{self, Host};
use crate::tally::Tally;

fn help() -> String {
    let mut help = "\
Runs every check, on every host. Independent stages run in parallel.

Usage: cargo xtask test [OPTIONS]

Options:
  --only STAGE[,STAGE]  Only these stages
  --host HOST[,HOST]    Only on native, workers or spin [default: all three]
  --fast                Only style, formatting, import circles, lints, unit tests, and the HTTP suite natively
  --full                Also what takes too long for every run: a new server on every host, every benchmark once,
                        10,000 requests of ordinary clients, every document of the corpus, and thousands of
                        requests validated by Prism

Logs and times of the last run: target/logs/test, target/logs/test/times.tsv

Stages:
"
    .to_owned();
    for Stage { name, about, .. } in STAGES {
        help.push_str(&format!("  {name:<23} {about}\n"));
    }
    help
}

/// Runs the stages that are asked for; fails when one of them does.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut only = None;
    let mut hosts = None;
    let mut scope = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => only = Some(known_stages(&arguments.value()?.string()?)?),
            Long("host") => {
                let names = arguments.value()?.string()?;
                let named = list(&names).map(str::parse).collect::<Result<_>>()?;
                hosts = Some(named);
            }
            Long("fast") if scope.is_none() => scope = Some(Scope::Fast),
            Long("full") if scope.is_none() => scope = Some(Scope::Full),
            Long("fast" | "full") => bail!("`--fast` and `--full` exclude each other"),
            Long("help") | Short('h') => {
                print!("{}", help());
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    let scope = scope.unwrap_or(Scope::Usual);
    let hosts = hosts.unwrap_or_else(|| match scope {
        Scope::Fast => vec![Host::Native],
        Scope::Usual | Scope::Full => host::ALL.to_vec(),
    });
    let mut session = Session::new(hosts, scope)?;
    session.run(|stage| match &only {
        Some(names) => names.contains(stage.name),
        None => stage.scope <= scope,
    });
    Ok(session.finish())
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn known_stages(text: &str) -> Result<BTreeSet<String>> {
    for name in list(text) {
        if !STAGES.iter().any(|stage| stage.name == name) {
            bail!("there is no stage `{name}`; `cargo xtask test --help` lists them");
        }
    }
    Ok(list(text).map(str::to_owned).collect())
}
