//! `mcp-edge audit verify`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_audit::evidence::Receipt;
use mcp_edge_verify::{ChainEnds, Log, LogVerdict, find_receipts};
use serde_json::json;

use super::log::{LogArguments, refuse_empty, status, text_of};
use super::table;
use crate::output::{CommandOutput, Failure};

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
    #[command(flatten)]
    log: LogArguments,
    /// Write where each chain ends, for --expect-chains or --after of a later run, unless the log is contradicted
    #[arg(long, value_name = "FILE", conflicts_with = "no_keys")]
    write_chains: Option<PathBuf>,
    /// Receipts that callers got: JSON, or anything that has `_meta["mcp-edge/receipt"]` in it
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
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

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let receipts = receipts_in(&arguments.receipt)?;
    let options = arguments.log.options()?;
    let before = options.before.clone();
    let mut log = Log::new(arguments.log.keys()?, options);
    arguments.log.read(&mut log, |_| (), |()| ())?;
    let report = log.judge(&receipts);
    if report.receipts.is_empty() && report.missing_chains.is_empty() {
        refuse_empty(&report)?;
    }
    let status = status(report.verdict);
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

/// Replaces a file as a whole, so that an interruption leaves the old one.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut other = path.as_os_str().to_owned();
    other.push(".new");
    let written = fs::write(&other, text).and_then(|()| fs::rename(&other, path));
    written.map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))
}
