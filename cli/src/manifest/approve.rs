//! What is in `mcp.toml` once every tool has been read.

mod list;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use mcp_edge_runtime::discovery::manifest::digest;
use serde_json::{Map, json};

use crate::catalog::description::{description_in, is_gateway};
use crate::file::{self, File};
use crate::output::{CommandOutput, DONE, Failure};
use crate::progress::Progress;
use crate::secret_file;
use crate::server_description::ServerDescription;
use crate::style::{CAUTION, shown, styled};

/// Prints what mcp.toml says when every tool of the server is approved as it is now, or writes it there
///
/// Read the tools first, or `mcp-edge manifest diff` against the manifest that was approved before. From then on a tool
/// that is new or not the same any more is in quarantine until its digest is in the file as well. With --write the list in
/// mcp.toml is brought up to date, that of the environment if --env names one: digests that no tool has any more are taken out,
/// and everything else in the file stays as it is.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    file: File,
    /// What the server's `describe` prints; `-` is standard input [default: build the server and ask it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Write the list into the configuration instead of printing it
    #[arg(long)]
    write: bool,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest approve
  $ mcp-edge manifest approve --write
  $ ./fraud-rules describe | mcp-edge manifest approve --manifest -";

pub(super) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    let described =
        ServerDescription::of(arguments.manifest.as_deref(), &arguments.file, progress)?;
    let tools = tools(&described);
    if tools.is_empty() {
        return Err(Failure::usage("the server has no tools to approve"));
    }
    let approved: Map<_, _> = tools
        .iter()
        .map(|(name, digest)| (name.clone(), json!(digest)))
        .collect();
    if arguments.write {
        let written = write(arguments, &tools)?;
        let path = arguments.file.path().display();
        let mut text = match written {
            true => format!("Written into {path}.\n"),
            false => format!("{path} approves these tools already.\n"),
        };
        let warnings = elsewhere(arguments, &described)?;
        for warning in &warnings {
            text.push_str(&format!("{} {warning}\n", styled(CAUTION, "warning:")));
        }
        return Ok(CommandOutput {
            text,
            json: json!({
                "approved": approved,
                "file": path.to_string(),
                "written": written,
                "warnings": warnings,
            }),
            product: None,
            status: DONE,
        });
    }
    refuse_to_append(arguments)?;
    Ok(CommandOutput {
        text: String::new(),
        json: json!({ "approved": approved }),
        product: Some(list::table(&tools)),
        status: DONE,
    })
}

/// Whether the file had to be changed for `tools` to be approved.
fn write(arguments: &Arguments, tools: &[(String, String)]) -> Result<bool, Failure> {
    let path = arguments.file.path();
    let environment = arguments.file.env.as_deref();
    let old = arguments.file.text()?;
    // What is wrong with it already would be blamed on the list.
    let configuration = arguments.file.read()?;
    let settings = file::decoded(file::settings(&configuration, environment)?)?;
    if settings.live.enabled.is_some() {
        return Err(Failure::usage(
            "approvals are part of the live policy of this server; add what `mcp-edge manifest approve` prints to the file that `mcp-edge live sign` signs",
        ));
    }
    let new = list::edited(&old, environment, tools)
        .map_err(|why| Failure::check(format!("{}: {why}", path.display())))?;
    if new == old {
        return Ok(false);
    }
    let approved = mcp_edge_config::read(&new).ok().and_then(|configuration| {
        let settings = file::settings(&configuration, environment).ok()?;
        Some(file::decoded(settings).ok()?.approvals.tools)
    });
    let is_right = approved.is_some_and(|approved| {
        let approved: BTreeSet<_> = approved.iter().copied().collect();
        approved == tools.iter().map(|(_, digest)| digest.as_str()).collect()
    });
    if !is_right {
        return Err(Failure::check(format!(
            "{}: the list cannot be written there; replace approvals.tools by what `mcp-edge manifest approve` prints",
            path.display()
        )));
    }
    secret_file::replace(path, &new)?;
    Ok(true)
}

/// What other environments do not approve, of those that approve anything. The tools of a gateway differ between environments
/// whose upstreams do.
fn elsewhere(arguments: &Arguments, described: &ServerDescription) -> Result<Vec<String>, Failure> {
    let configuration = arguments.file.read()?;
    let folder = arguments.file.folder();
    let own = arguments.file.env.as_deref();
    let is_compiled = is_gateway(&configuration) && arguments.manifest.is_none();
    let names = configuration.environments.keys().map(String::as_str);
    let mut warnings = Vec::new();
    for name in std::iter::once(None).chain(names.map(Some)) {
        if name == own {
            continue;
        }
        let settings = file::decoded(file::settings(&configuration, name)?)?;
        let approved = settings.approvals.tools;
        let other = match is_compiled {
            false => described.unapproved(approved),
            true => match description_in(&configuration, folder, name) {
                Ok((description, _)) => ServerDescription(description).unapproved(approved),
                // The build of that environment tells what is wrong.
                Err(_) => continue,
            },
        };
        if other.is_empty() {
            continue;
        }
        let (place, option) = match name {
            Some(name) => (format!("environment {name}"), format!(" --env {name}")),
            None => ("without an environment".to_owned(), String::new()),
        };
        let tools: Vec<_> = other.iter().map(|tool| shown(tool)).collect();
        warnings.push(format!(
            "{place}, not approved: {}; approve there as well with `mcp-edge manifest approve --write{option}`",
            tools.join(", ")
        ));
    }
    Ok(warnings)
}

/// A second `>> mcp.toml` would leave two tables of one name in the file, and no server compiles with it.
#[cfg(unix)]
fn refuse_to_append(arguments: &Arguments) -> Result<(), Failure> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let output = std::io::stdout().as_fd().try_clone_to_owned();
    let output = output.and_then(|output| std::fs::File::from(output).metadata());
    let file = arguments.file.path().metadata();
    let (Ok(output), Ok(file)) = (output, file) else {
        return Ok(());
    };
    if (output.dev(), output.ino()) == (file.dev(), file.ino()) {
        return Err(Failure::usage(format!(
            "standard output is {}, and a table added to its end can be there already; use --write",
            arguments.file.path().display()
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_to_append(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}

/// Every tool with its digest.
fn tools(described: &ServerDescription) -> Vec<(String, String)> {
    let tools = described.tools();
    let named = tools.iter().filter_map(|tool| {
        let name = tool.get("name")?.as_str()?.to_owned();
        Some((name, digest(tool)))
    });
    named.collect()
}
