//! `mcp-edge audit verify`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mcp_edge_config::span;
use mcp_edge_runtime::audit::evidence::Receipt;
use serde_json::json;

use super::log::{Log, Options};
use super::public_keys::PublicKeys;
use super::report::{Report, Standing};
use super::{input, receipts, table};
use crate::document;
use crate::outcome::{DONE, FAILED, Failure, Outcome, UNPROVEN};

/// Says whether events of a log are missing, changed or added
///
/// Reads lines of JSON in any order, with duplicates, from any number of files: as a server writes them, or as they come back
/// from OTLP, Splunk, Elasticsearch, Datadog, as CloudEvents or as OCSF. What comes after the last signature of a chain could be
/// cut off, and a whole chain taken away, and nothing in the log would tell; receipts and an earlier report (--known) can.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Files of the log; `-` or none is standard input
    files: Vec<PathBuf>,
    /// The server's public keys, as a JSON Web Key Set: a file, or a URL; keys that stand in the log are never trusted
    #[arg(
        long,
        value_name = "FILE|URL",
        required_unless_present = "no_keys",
        conflicts_with = "no_keys"
    )]
    keys: Vec<String>,
    /// Look at no signature: whoever can write the log can then have written all of it
    #[arg(long)]
    no_keys: bool,
    /// Receipts that callers got: JSON, or anything that has `_meta["mcp-edge/receipt"]` in it
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
    /// What an earlier run said with --json: all that it had must still be there
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// What an earlier run said with --json of the log before this one: chains may go on from there
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// Every event is of this tenant, or of nobody in particular
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The sink that the log comes from, as mcp.toml names it: only its losses explain a gap
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,
    /// Every event was signed within this time
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "no_keys")]
    within: Option<Duration>,
    /// Unsigned tails and losses that the log itself declares have status 3 too
    #[arg(long)]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge audit verify --keys https://mcp.example.com/.well-known/jwks.json events.ndjson
  $ zcat 2026-11-*.gz | mcp-edge audit verify --keys jwks.json --within 5m --tenant acme
  $ mcp-edge audit verify --keys jwks.json --json monday.ndjson > monday.json
  $ mcp-edge audit verify --keys jwks.json --after monday.json tuesday.ndjson
  $ mcp-edge audit verify --keys jwks.json --receipt result.json events.ndjson

Exit status:
  0  the log is whole; unsigned tails and losses that it declares itself are allowed without --strict
  1  something is missing, changed, added, not its key's, or too late
  2  the command could not be carried out as it was given
  3  nothing contradicts the log, and not all of it is proven: a chain has no signature at all, or, with --strict, events are
     not signed or lost as the log itself declares";

/// The longest set of keys or list of receipts.
const LONGEST: usize = 16 << 20;

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let keys = match arguments.no_keys {
        true => None,
        false => Some(keys(&arguments.keys)?),
    };
    let receipts = receipts_in(&arguments.receipt)?;
    let earlier = |path: &Option<PathBuf>| path.as_deref().map(report_in).transpose();
    let options = Options {
        tenant: arguments.tenant.clone(),
        sink: arguments.sink.clone(),
        within: arguments.within,
        known: earlier(&arguments.known)?,
        before: earlier(&arguments.after)?,
    };
    let mut log = Log::new(keys, options);
    let input = [PathBuf::from("-")];
    let files = match arguments.files.as_slice() {
        [] => &input,
        files => files,
    };
    for path in files {
        add(path, &mut log).map_err(|error| unreadable(path, &error))?;
    }
    let report = log.judge(&receipts);
    if report.events == 0 && report.receipts.is_empty() && report.missing_chains.is_empty() {
        return Err(Failure::usage(format!(
            "there is no event in {} lines; give files that have one event in each line, as a sink wrote them",
            report.other_lines
        )));
    }
    let status = match report.verdict {
        Standing::Tampered => FAILED,
        Standing::Unproven => UNPROVEN,
        Standing::Explained if arguments.strict => UNPROVEN,
        Standing::Explained | Standing::Complete => DONE,
    };
    Ok(Outcome {
        text: table::text(&report),
        json: json!(report),
        product: None,
        status,
    })
}

/// Adds the lines of one file.
fn add(path: &Path, log: &mut Log) -> io::Result<()> {
    if path == Path::new("-") {
        input::read(io::stdin(), log)
    } else {
        input::read(File::open(path)?, log)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot read {}: {error}", path.display()))
}

fn keys(sources: &[String]) -> Result<PublicKeys, Failure> {
    let mut keys = PublicKeys::default();
    for source in sources {
        let text = if source.contains("://") {
            fetched(source)?
        } else {
            text_of(Path::new(source))?
        };
        let found = PublicKeys::parse(&text)
            .map_err(|error| Failure::check(format!("{source}: {error}")))?;
        keys.join(found);
    }
    Ok(keys)
}

fn fetched(url: &str) -> Result<String, Failure> {
    let found = document::at(url, LONGEST).map_err(Failure::usage)?;
    let text = found.ok_or_else(|| {
        Failure::usage(format!(
            "there is nothing at {url}; a server has its keys at `/.well-known/jwks.json`"
        ))
    })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn receipts_in(paths: &[PathBuf]) -> Result<Vec<Receipt>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let here = receipts::find(&text_of(path)?).ok_or_else(|| {
            Failure::check(format!(
                "{} holds no receipt; one stands in a result's `_meta` as `mcp-edge/receipt`",
                path.display()
            ))
        })?;
        found.extend(here);
    }
    Ok(found)
}

fn report_in(path: &Path) -> Result<Report, Failure> {
    serde_json::from_str(&unbounded(path)?).map_err(|error| {
        Failure::check(format!(
            "{} is not what `mcp-edge audit verify --json` printed: {error}",
            path.display()
        ))
    })
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let text = read(path, u64::try_from(LONGEST).unwrap_or(u64::MAX))?;
    if text.len() >= LONGEST {
        return Err(Failure::usage(format!(
            "{} is longer than {LONGEST} bytes",
            path.display()
        )));
    }
    Ok(text)
}

/// A report has a part for each chain, and a log may have any number of them.
fn unbounded(path: &Path) -> Result<String, Failure> {
    read(path, u64::MAX)
}

fn read(path: &Path, limit: u64) -> Result<String, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text));
    read.map_err(|error| unreadable(path, &error))?;
    Ok(text)
}

fn time(text: &str) -> Result<Duration, String> {
    span::parse(text).ok_or_else(|| "write a time, as 90s, 5m or 2h".to_owned())
}
