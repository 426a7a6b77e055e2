//! `mcp-edge live diff`: what changes from one live policy to another.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value as Json, json};
use similar::{ChangeTag, TextDiff};

use super::content::{of_file, sentences};
use super::document::LiveServer;
use crate::file::File;
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, GOOD, Table, styled};

/// Says what changes from one live policy to another
///
/// Each is a signed document, or the file that one is signed from (*.toml). The first rule that fits decides, so that a rule
/// which only moves is a change. Ends with status 1 where anything changes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The live policy before
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The live policy after
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge live diff live-policy.jws live-policy.toml
  $ mcp-edge live diff yesterday.jws live-policy.jws --env production";

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let server = LiveServer::of(&arguments.file)?;
    let read = |path: &Path| match path.extension() {
        Some(extension) if extension == "toml" => {
            of_file(path, &server.written).map(|content| sentences(&content.into()))
        }
        _ => server
            .verify_file(path)
            .map(|(document, _)| sentences(&document.content)),
    };
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let [old_text, new_text] = [&old, &new].map(|sentences| sentences.join("\n") + "\n");
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
    let is_same = json.is_empty();
    let text = match is_same {
        true => format!("{}\n", styled(GOOD, "Nothing changes.")),
        false => table.text(),
    };
    Ok(CommandOutput {
        text,
        json: Json::Array(json),
        product: None,
        status: status(is_same),
    })
}
