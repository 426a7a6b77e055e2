//! `mcp-edge live show`: what a signed live policy says.

use std::path::PathBuf;

use super::content::sentences;
use super::document::{self, LiveServer};
use crate::file::File;
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{HEADING, styled};
use clap::Args;

/// Verifies a signed live policy, and says who may do what
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The signed document
    #[arg(value_name = "DOCUMENT")]
    document: PathBuf,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge live show live-policy.jws
  $ mcp-edge live show live-policy.jws --env production --json";

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let server = LiveServer::of(&arguments.file)?;
    let (document, _) = server.verify_file(&arguments.document)?;
    let sentences = sentences(&document.content);
    Ok(CommandOutput {
        text: format!(
            "{}\n{}\n",
            styled(HEADING, &document::heading(&document)),
            sentences.join("\n")
        ),
        json: document::json(&document),
        product: None,
        status: DONE,
    })
}
