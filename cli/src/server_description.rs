//! What a server says of itself and offers, as its native build describes it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use mcp_edge_runtime::discovery::manifest::{NOT_FOR_CLIENTS, unapproved};
use mcp_edge_runtime::server::Implementation;
use serde::Deserialize as _;
use serde_json::{Map, Value as Json};

use crate::catalog::description::{description, is_gateway};
use crate::file::File;
use crate::output::Failure;
use crate::progress::Progress;
use crate::standard_input;

/// A server with thousands of tools stays below.
pub(crate) const MAX_DESCRIPTION_BYTES: u64 = 16 << 20;

/// What `describe` prints.
pub(crate) struct ServerDescription(pub(crate) Map<String, Json>);

impl ServerDescription {
    /// What `path` holds, where it is given; or else what the server beside the configuration `file` says. A gateway is compiled
    /// for it from its documents, a server in Rust is built.
    pub(crate) fn of(
        path: Option<&Path>,
        file: &File,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        if let Some(path) = path {
            return Self::in_file(path);
        }
        match file.read() {
            Ok(configuration) if is_gateway(&configuration) => {
                description(&configuration, file).map(|(description, _)| Self(description))
            }
            _ => Self::of_server(file.folder(), progress),
        }
    }

    /// Who the server says it is, unless the description leaves it out.
    pub(crate) fn implementation(&self) -> Option<Implementation> {
        Implementation::deserialize(&self.0).ok()
    }

    /// Every tool as clients see it: what only `describe` says of it is left out.
    pub(crate) fn tools(&self) -> Vec<Json> {
        let tools = self.0.get("tools").and_then(Json::as_array);
        let mut tools = tools.cloned().unwrap_or_default();
        for tool in &mut tools {
            if let Some(members) = tool.as_object_mut() {
                for member in NOT_FOR_CLIENTS {
                    members.remove(member);
                }
            }
        }
        tools
    }

    /// The names of the tools that are not approved.
    pub(crate) fn unapproved(&self, approved: &[&str]) -> BTreeSet<String> {
        unapproved(&self.tools(), approved)
    }

    fn of_server(folder: &Path, progress: &Progress) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .arg("run")
            // Otherwise cargo shows by itself how far it is.
            .args((!progress.is_shown()).then_some("--quiet"))
            .args(["--", "describe"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        if !folder.as_os_str().is_empty() {
            command.current_dir(folder);
        }
        let unknown = |why: String| {
            Failure::usage(format!(
                "it is not known what the server offers: {why}. Go to the server's folder, or hand over with --manifest what \
                 its `describe` prints"
            ))
        };
        let output = command
            .output()
            .map_err(|error| unknown(format!("`cargo` cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(unknown(format!(
                "`cargo run -- describe` failed ({})",
                output.status
            )));
        }
        Self::parse(&output.stdout).map_err(unknown)
    }

    fn in_file(path: &Path) -> Result<Self, Failure> {
        let text = read(path)?;
        Self::parse(&text).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text)
            .map(Self)
            .map_err(|error| format!("this is not what `describe` prints: {error}"))
    }
}

/// Reads a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(failed)?)
    };
    let mut text = Vec::new();
    let most = MAX_DESCRIPTION_BYTES.saturating_add(1);
    source.take(most).read_to_end(&mut text).map_err(failed)?;
    if path == Path::new("-") && text.trim_ascii().is_empty() {
        return Err(standard_input::empty("the document"));
    }
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_DESCRIPTION_BYTES {
        return Err(Failure::usage(format!(
            "{} is longer than {MAX_DESCRIPTION_BYTES} bytes",
            path.display()
        )));
    }
    Ok(text)
}
