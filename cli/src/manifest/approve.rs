//! What stands in `mcp.toml` once somebody has read every tool.

use std::path::PathBuf;

use clap::Args;
use mcp_edge_runtime::manifest::digest;
use serde_json::{Map, json};

use crate::described::Described;
use crate::file::File;
use crate::outcome::{DONE, Failure, Outcome};
use crate::progress::Progress;

/// Prints what mcp.toml says when every tool of the server is approved as it is now
///
/// Read the tools first, or `mcp-edge manifest diff` against the manifest that was approved before. From then on a tool
/// that is new or not the same any more is in quarantine until its digest stands here as well.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// What the server's `describe` prints; `-` is standard input [default: build the server and ask it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest approve >> mcp.toml
  $ ./fraud-rules describe | mcp-edge manifest approve --manifest -";

pub(super) fn run(arguments: &Arguments, progress: &Progress) -> Result<Outcome, Failure> {
    let described = Described::of(
        arguments.manifest.as_deref(),
        arguments.file.folder(),
        progress,
    )?;
    let tools = tools(&described);
    if tools.is_empty() {
        return Err(Failure::usage("the server has no tools to approve"));
    }
    let lines = tools
        .iter()
        .map(|(name, digest)| format!("  \"{digest}\", # {name}\n"));
    let toml = format!("[manifest]\napproved = [\n{}]\n", lines.collect::<String>());
    let tools = tools
        .iter()
        .map(|(name, digest)| (name.clone(), json!(digest)));
    Ok(Outcome {
        text: String::new(),
        json: json!({ "approved": tools.collect::<Map<_, _>>() }),
        product: Some(toml),
        status: DONE,
    })
}

/// Every tool with its digest.
fn tools(described: &Described) -> Vec<(String, String)> {
    let tools = described.tools();
    let named = tools.iter().filter_map(|tool| {
        let name = tool.get("name")?.as_str()?.to_owned();
        Some((name, digest(tool)))
    });
    named.collect()
}
