//! `mcp-edge live diff`: what changes from one live policy to another.

use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_clients::visible::visible;
use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use mcp_edge_runtime::live::compose;

use super::content::{of_file, sentences};
use super::decisions::{Differences, Offered};
use super::document::LiveServer;
use crate::catalog::description::is_gateway;
use crate::file::{self, File};
use crate::output::{CommandOutput, Failure, status};
use crate::progress::Progress;
use crate::server_description::ServerDescription;
use crate::style::{BAD, GOOD, Table, styled};

/// Says what changes from one live policy to another
///
/// Each is a signed document, or the file that one is signed from (*.toml). The first rule that fits decides, so that a rule
/// which only moves is a change. The table has the callers that the rules of either ask for, and what each may do before and
/// after, where that differs. Ends with status 1 where anything changes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The live policy before
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The live policy after
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// What the server's `describe` prints; `-` is standard input [default: a gateway's tools, or else the names and patterns of
    /// the rules]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge live diff live-policy.jws live-policy.toml
  $ mcp-edge live diff yesterday.jws live-policy.jws --env production
  $ ./fraud-rules describe | mcp-edge live diff live-policy.jws live-policy.toml --manifest -";

pub(super) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    let server = LiveServer::of(&arguments.file)?;
    let paths = [&arguments.old, &arguments.new];
    let is_file = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    };
    let read = |path: &Path| match is_file(path) {
        true => as_signed(path, &server),
        false => server
            .verify_file(path)
            .map(|(document, _)| document.content),
    };
    let contents = [read(&arguments.old)?, read(&arguments.new)?];
    // A file says nothing of it: `live sign` is told.
    let have_ends = !paths.iter().any(|path| is_file(path));
    let [old_text, new_text] = contents.each_ref().map(|content| {
        let mut all = sentences(content);
        all.extend(have_ends.then(|| end(content)));
        all.join("\n") + "\n"
    });
    let changes = TextDiff::from_lines(&old_text, &new_text);
    let mut table = Table::new(["", "who may do what"]);
    let mut json = Vec::new();
    for change in changes.iter_all_changes() {
        let (mark, word, style) = match change.tag() {
            ChangeTag::Equal => (" ", None, anstyle::Style::new()),
            ChangeTag::Delete => ("-", Some("gone"), BAD),
            ChangeTag::Insert => ("+", Some("new"), GOOD),
        };
        let sentence = change.value().trim_end();
        table.row(vec![(mark.to_owned(), style), (sentence.to_owned(), style)]);
        json.extend(word.map(|word| json!({ "change": word, "sentence": sentence })));
    }
    if json.is_empty() {
        return Ok(CommandOutput {
            text: format!("{}\n", styled(GOOD, "Nothing changes.")),
            json: json!({ "sentences": [], "decisions": [], "left_out": [] }),
            product: None,
            status: status(true),
        });
    }
    let offered = offered(arguments, &contents, progress)?;
    let settings = file::decoded(&server.written)?;
    let differences = Differences::between(&contents, &offered, settings)?;
    Ok(CommandOutput {
        text: format!("{}\n{}", table.text(), differences.text()),
        json: json!({
            "sentences": json,
            "decisions": differences.json(),
            "left_out": differences.left_out(),
        }),
        product: None,
        status: status(false),
    })
}

/// Until when a document holds.
fn end(content: &Json) -> String {
    match content["expires"].as_str() {
        Some(time) => format!("Holds until {}.", visible(time)),
        None => "Holds without an end.".to_owned(),
    }
}

/// What is signed of the file `path`.
fn as_signed(path: &Path, server: &LiveServer) -> Result<Json, Failure> {
    let content = of_file(path, &server.written)?;
    let payload = compose(
        &server.url().unwrap_or_default(),
        server.min_version,
        None,
        content,
    );
    let payload = payload.map_err(Failure::check)?;
    serde_json::from_slice(&payload).map_err(Failure::check)
}

fn offered(
    arguments: &Arguments,
    contents: &[Json; 2],
    progress: &Progress,
) -> Result<Offered, Failure> {
    let manifest = arguments.manifest.as_deref();
    if manifest.is_none() && !is_gateway(&arguments.file.read()?) {
        return Ok(Offered::named(contents));
    }
    let described = ServerDescription::of(manifest, &arguments.file, progress)?;
    Ok(Offered::Described(described))
}
