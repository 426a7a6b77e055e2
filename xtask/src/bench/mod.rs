//! `cargo xtask bench`: measures beside what a reader knows, in one run, and writes `benches/RESULTS.md`.

mod access;
mod aim;
mod build;
mod bundle;
mod card;
mod event;
mod first_tokens;
mod gateway;
mod identity;
mod instructions;
mod load;
mod median;
mod native;
mod report;
mod request;
mod server;
mod sinks;
mod starts;
mod tokens;
mod upload;
mod versions;
mod workerd;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use self::report::Section;
use crate::say;
use crate::tally::Tally;

const HELP: &str = "\
Measures mcp-edge beside what a reader knows, all in one run, and writes benches/RESULTS.md.

Usage: cargo xtask bench [OPTIONS]

Options:
  --only PART[,PART]  Only workerd, native, card, tokens, identity, access, upload, sinks, gateway or
                      instructions; the other parts of the page are left as they are
  --quick             Short rounds, to see that everything works; printed, not written
";

/// How much is measured.
struct Effort {
    /// How often every server has its turn.
    rounds: usize,
    /// How many seconds a turn lasts.
    seconds: u32,
    /// How often every server is started.
    starts: usize,
    /// For how many milliseconds at least each operation on tokens is measured in a round.
    milliseconds: u32,
    /// How many requests are counted under callgrind.
    requests: u32,
}

const FULL: Effort = Effort {
    rounds: 7,
    seconds: 1,
    starts: 15,
    milliseconds: 25,
    requests: 500,
};

const QUICK: Effort = Effort {
    rounds: 1,
    seconds: 1,
    starts: 3,
    milliseconds: 2,
    requests: 50,
};

type Measure = fn(&Effort) -> Result<Section>;

const PARTS: [(&str, Measure); 10] = [
    ("workerd", workerd::measure),
    ("native", native::measure),
    ("card", card::measure),
    ("tokens", tokens::measure),
    ("identity", identity::measure),
    ("access", first_tokens::measure),
    ("upload", upload::measure),
    ("sinks", sinks::measure),
    ("gateway", gateway::measure),
    ("instructions", instructions::measure),
];

/// Measures what is asked for.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut only: Option<Vec<String>> = None;
    let mut effort = FULL;
    let mut is_written = true;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("only") => {
                only = Some(known_parts(&arguments.value()?.string()?)?);
            }
            Long("quick") => {
                effort = QUICK;
                is_written = false;
            }
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }

    let mut sections = Vec::new();
    for (name, measure) in PARTS {
        if only
            .as_ref()
            .is_none_or(|names| names.iter().any(|only| only == name))
        {
            eprintln!("measuring: {name}");
            sections.push((name, measure(&effort)?));
        }
    }
    print!("{}", report::figures(&sections));
    if is_written {
        report::write(&sections, only.is_none())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures everything once in short rounds, to see that it can be measured; each part counts as a check.
pub fn try_out() -> Result<Tally> {
    let mut tally = Tally::default();
    for (name, measure) in PARTS {
        tally += match measure(&QUICK) {
            Ok(section) => {
                say!("{}", report::figures(&[(name, section)]));
                Tally::PASSED
            }
            Err(error) => {
                say!("error: {name}: {error:#}");
                Tally::FAILED
            }
        };
    }
    Ok(tally)
}

fn known_parts(text: &str) -> Result<Vec<String>> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    for name in &names {
        if !PARTS.iter().any(|(part, _)| part == name) {
            bail!("there is no part `{name}`; `cargo xtask bench --help` lists them");
        }
    }
    Ok(names)
}
