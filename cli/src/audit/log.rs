//! The log that a command reads, and what is to be verified of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use mcp_edge_audit::Timestamp;
use mcp_edge_config::span;
use mcp_edge_verify::{ChainEnds, Log, LogVerdict, Options, PublicKeys, Report};

use crate::fetch;
use crate::output::{DONE, FAILED, Failure, UNPROVEN};

/// The files of a log, and what its reader knows of it.
#[derive(Args)]
pub(super) struct LogArguments {
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
    pub(super) until: Option<Timestamp>,
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
    /// What --write-chains wrote of the log before this one: chains may continue from there
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
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

/// The longest set of keys or list of receipts.
const MAX_FILE_BYTES: usize = 16 << 20;

impl LogArguments {
    /// The server's public keys; `None` if no signature is to be checked.
    pub(super) fn keys(&self) -> Result<Option<PublicKeys>, Failure> {
        match self.no_keys {
            true => Ok(None),
            false => keys(&self.keys).map(Some),
        }
    }

    /// What the reader knows of the log, from the files that it names.
    pub(super) fn options(&self) -> Result<Options, Failure> {
        let earlier = |path: &Option<PathBuf>| path.as_deref().map(ends_in).transpose();
        Ok(Options {
            tenant: self.tenant.clone(),
            sink: self.sink.clone(),
            within: self.signed_within,
            until: self.until,
            expected: earlier(&self.expect_chains)?,
            settled: self.settled,
            before: earlier(&self.after)?,
        })
    }

    /// Reads every file into `log`; `of` and `take` are those of [`mcp_edge_verify::read_with`].
    pub(super) fn read<T: Send>(
        &self,
        log: &mut Log,
        of: impl Fn(&str) -> T + Sync,
        mut take: impl FnMut(T),
    ) -> Result<(), Failure> {
        let input = [PathBuf::from("-")];
        let files = match self.files.as_slice() {
            [] => &input,
            files => files,
        };
        for path in files {
            let read = if path == Path::new("-") {
                mcp_edge_verify::read_with(io::stdin(), log, &of, &mut take)
            } else {
                File::open(path)
                    .and_then(|file| mcp_edge_verify::read_with(file, log, &of, &mut take))
            };
            read.map_err(|error| unreadable(path, &error))?;
        }
        Ok(())
    }
}

/// The exit status of a command about a log.
pub(super) fn status(verdict: LogVerdict) -> u8 {
    match verdict {
        LogVerdict::Contradicted => FAILED,
        LogVerdict::Consistent => UNPROVEN,
        LogVerdict::Proven => DONE,
    }
}

/// Input without any event is no log.
pub(super) fn refuse_empty(report: &Report) -> Result<(), Failure> {
    if report.events > 0 || report.damaged_lines > 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "there is no event in {} lines; give files that have one event in each line, as a sink wrote them",
        report.other_lines
    )))
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

fn ends_in(path: &Path) -> Result<ChainEnds, Failure> {
    ChainEnds::parse(&unbounded(path)?).map_err(|error| {
        Failure::usage(format!(
            "{} is not a file of `mcp-edge audit verify --write-chains`: {error}",
            path.display()
        ))
    })
}

pub(super) fn text_of(path: &Path) -> Result<String, Failure> {
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

pub(super) fn point(text: &str) -> Result<Timestamp, String> {
    let point = Timestamp::from_rfc3339(text);
    point.ok_or_else(|| "write a time of RFC 3339, as 2026-12-01T00:00:00Z".to_owned())
}
