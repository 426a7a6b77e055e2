//! `mcp-edge audit verify`

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mcp_edge_audit::Timestamp;
use mcp_edge_audit::evidence::Receipt;
use mcp_edge_config::span;
use mcp_edge_verify::{ChainEnds, Log, LogVerdict, Options, PublicKeys, find_receipts};
use serde_json::json;

use super::table;
use crate::fetch;
use crate::output::{CommandOutput, DONE, FAILED, Failure, UNPROVEN};

/// Verifies that events of a log were not removed, changed or added
///
/// Reads lines of JSON in any order, with duplicates, from any number of files: as a server writes them, or as they come back
/// from OTLP, Splunk, Elasticsearch, Datadog or Kafka, as CloudEvents or as OCSF.
///
/// A log does not show that its end was cut off behind a signature, or that a whole chain was removed. State the end that you
/// expect: --expect-chains for what an earlier run had, --until for a time. A chain that ends with an `mcp.end` is complete
/// without either.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Files of the log; `-` or none is standard input
    files: Vec<PathBuf>,
    /// The server's public keys, as a JSON Web Key Set: a file, or a URL; keys in the log are never trusted
    #[arg(
        long,
        value_name = "FILE|URL",
        required_unless_present = "no_keys",
        conflicts_with = "no_keys"
    )]
    keys: Vec<String>,
    /// Check no signature; anyone who can write the log can then have written all of it, so that the status is never 0
    #[arg(long)]
    no_keys: bool,
    /// Everything that was recorded before this time (RFC 3339) must be there and signed
    #[arg(long, value_name = "TIME", value_parser = point)]
    until: Option<Timestamp>,
    /// What --write-chains of an earlier run wrote: every event that was signed then must still be there
    #[arg(long, value_name = "FILE")]
    expect_chains: Option<PathBuf>,
    /// How much later than --until the newest signature in --expect-chains must be. A chain without an event since --until then
    /// ends where that file has its end: its events had this long to arrive
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        default_value = "5m",
        requires_all = ["until", "expect_chains"]
    )]
    settled: Duration,
    /// Write where each chain ends, for --expect-chains or --after of a later run, unless the log is contradicted
    #[arg(long, value_name = "FILE", conflicts_with = "no_keys")]
    write_chains: Option<PathBuf>,
    /// What --write-chains wrote of the log before this one: chains may continue from there
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// Receipts that callers got: JSON, or anything that has `_meta["mcp-edge/receipt"]` in it
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
    /// Every event is of this tenant, or of no principal
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The sink that the log comes from, as mcp.toml names it: only its losses explain a gap
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,
    /// Every event was signed within this time
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "no_keys")]
    signed_within: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge audit verify --keys https://mcp.example.com/.well-known/jwks.json events.ndjson
  $ zcat 2026-11-*.gz | mcp-edge audit verify --keys jwks.json --signed-within 5m --tenant acme
  $ mcp-edge audit verify --keys jwks.json --until 2026-12-01T00:00:00Z events.ndjson
  $ mcp-edge audit verify --keys jwks.json --write-chains monday.json events.ndjson
  $ mcp-edge audit verify --keys jwks.json --expect-chains monday.json --write-chains tuesday.json events.ndjson
  $ mcp-edge audit verify --keys jwks.json --expect-chains tuesday.json --until 2026-11-24T00:00:00Z events.ndjson
  $ mcp-edge audit verify --keys jwks.json --after monday.json tuesday.ndjson
  $ mcp-edge audit verify --keys jwks.json --receipt result.json events.ndjson

Exit status:
  0  proven: every event is there and signed, up to --until, to the ends in --expect-chains, or to the closing event of every
     chain
  1  contradicted: something is missing, changed, added, damaged, signed by another key, or too late
  2  the command could not be carried out as it was given
  3  consistent: nothing contradicts the log, and something is not signed, is lost as the log declares, or its end is not
     provable";

/// The longest set of keys or list of receipts.
const MAX_FILE_BYTES: usize = 16 << 20;

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let keys = match arguments.no_keys {
        true => None,
        false => Some(keys(&arguments.keys)?),
    };
    let receipts = receipts_in(&arguments.receipt)?;
    let earlier = |path: &Option<PathBuf>| path.as_deref().map(ends_in).transpose();
    let options = Options {
        tenant: arguments.tenant.clone(),
        sink: arguments.sink.clone(),
        within: arguments.signed_within,
        until: arguments.until,
        expected: earlier(&arguments.expect_chains)?,
        settled: arguments.settled,
        before: earlier(&arguments.after)?,
    };
    let before = options.before.clone();
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
    if report.events == 0
        && report.damaged_lines == 0
        && report.receipts.is_empty()
        && report.missing_chains.is_empty()
    {
        return Err(Failure::usage(format!(
            "there is no event in {} lines; give files that have one event in each line, as a sink wrote them",
            report.other_lines
        )));
    }
    let status = match report.verdict {
        LogVerdict::Contradicted => FAILED,
        LogVerdict::Consistent => UNPROVEN,
        LogVerdict::Proven => DONE,
    };
    let mut text = table::text(&report);
    if let Some(path) = &arguments.write_chains {
        if report.verdict == LogVerdict::Contradicted {
            text.push_str(&format!(
                "{} is not written, because the log is contradicted.\n",
                path.display()
            ));
        } else {
            write(path, &ChainEnds::of(&report, before.as_ref()).to_text())?;
        }
    }
    Ok(CommandOutput {
        text,
        json: json!(report),
        product: None,
        status,
    })
}

/// Adds the lines of one file.
fn add(path: &Path, log: &mut Log) -> io::Result<()> {
    if path == Path::new("-") {
        mcp_edge_verify::read(io::stdin(), log)
    } else {
        mcp_edge_verify::read(File::open(path)?, log)
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
            .map_err(|error| Failure::usage(format!("{source}: {error}")))?;
        keys.join(found);
    }
    Ok(keys)
}

fn fetched(url: &str) -> Result<String, Failure> {
    let found = fetch::at(url, MAX_FILE_BYTES).map_err(Failure::usage)?;
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
        let here = find_receipts(&text_of(path)?).ok_or_else(|| {
            Failure::usage(format!(
                "{} holds no receipt; one is in a result's `_meta` as `mcp-edge/receipt`",
                path.display()
            ))
        })?;
        found.extend(here);
    }
    Ok(found)
}

fn ends_in(path: &Path) -> Result<ChainEnds, Failure> {
    ChainEnds::parse(&unbounded(path)?).map_err(|error| {
        Failure::usage(format!(
            "{} is not a file of `mcp-edge audit verify --write-chains`: {error}",
            path.display()
        ))
    })
}

/// Replaces a file as a whole, so that an interruption leaves the old one.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut other = path.as_os_str().to_owned();
    other.push(".new");
    let written = fs::write(&other, text).and_then(|()| fs::rename(&other, path));
    written.map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let text = read(path, u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX))?;
    if text.len() >= MAX_FILE_BYTES {
        return Err(Failure::usage(format!(
            "{} is longer than {MAX_FILE_BYTES} bytes",
            path.display()
        )));
    }
    Ok(text)
}

/// The file has a part for each chain, and a log may have any number of them.
fn unbounded(path: &Path) -> Result<String, Failure> {
    read(path, u64::MAX)
}

fn read(path: &Path, limit: u64) -> Result<String, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(limit).read_to_string(&mut text));
    read.map_err(|error| unreadable(path, &error))?;
    Ok(text)
}

fn duration(text: &str) -> Result<Duration, String> {
    span::parse(text).ok_or_else(|| "write a duration, as 90s, 5m or 2h".to_owned())
}

fn point(text: &str) -> Result<Timestamp, String> {
    let point = Timestamp::from_rfc3339(text);
    point.ok_or_else(|| "write a time of RFC 3339, as 2026-12-01T00:00:00Z".to_owned())
}
