//! Where a manifest is taken from.

use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_runtime::manifest::Manifest;
use serde_json::{Map, Value, json};

use crate::described::{Described, LONGEST, read};
use crate::document;
use crate::file::File;
use crate::outcome::{DONE, Failure, Outcome};
use crate::progress::Progress;

/// Prints the manifest of everything that the server offers
///
/// Standard output gets the canonical JSON and nothing else: its SHA-256 digest, which standard error gets, is that of the
/// printed bytes without the line end.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    #[command(flatten)]
    file: File,
    /// What the server's `describe` prints; `-` is standard input [default: build the server and ask it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest show > manifest.json
  $ ./fraud-rules describe | mcp-edge manifest show --manifest -";

pub(super) fn show(arguments: &Show, progress: &Progress) -> Result<Outcome, Failure> {
    let described = Described::of(
        arguments.manifest.as_deref(),
        arguments.file.folder(),
        progress,
    )?;
    let manifest = Manifest::of_description(&described.0);
    let document: Value = serde_json::from_slice(&manifest.bytes).map_err(Failure::usage)?;
    Ok(Outcome {
        text: format!("{}\n", manifest.digest),
        json: json!({ "digest": manifest.digest, "manifest": document }),
        product: Some(String::from_utf8_lossy(&manifest.bytes).into_owned()),
        status: DONE,
    })
}

/// The text at `place`: a file, `-` for standard input, or a URL.
pub(super) fn text(place: &str) -> Result<Vec<u8>, Failure> {
    if !place.starts_with("https://") && !place.starts_with("http://") {
        return read(Path::new(place));
    }
    let limit = usize::try_from(LONGEST).unwrap_or(usize::MAX);
    let found = document::at(place, limit).map_err(Failure::usage)?;
    let text = found.ok_or_else(|| {
        Failure::usage(format!(
            "there is nothing at {place}; a manifest stands at `manifest` below the endpoint, and keys at `/.well-known/jwks.json`"
        ))
    })?;
    Ok(text.into())
}

/// The manifest at `place`, alone or in a JWS.
pub(super) fn manifest(place: &str) -> Result<Map<String, Value>, Failure> {
    let text = text(place)?;
    let parsed = match super::verify::payload(&text) {
        Some(payload) => serde_json::from_slice(&payload),
        None => serde_json::from_slice(&text),
    };
    parsed.map_err(|error| Failure::usage(format!("{place}: this is no manifest: {error}")))
}
