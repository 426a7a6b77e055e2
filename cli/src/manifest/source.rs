//! Where a manifest is taken from.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use mcp_edge_runtime::discovery::manifest::Manifest;
use serde_json::{Map, Value, json};

use crate::access_token::AccessToken;
use crate::fetch::{self, FetchDocumentError};
use crate::file::File;
use crate::origin::origin;
use crate::output::{CommandOutput, DONE, Failure};
use crate::progress::Progress;
use crate::server_description::{MAX_DESCRIPTION_BYTES, ServerDescription, read};

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

pub(super) fn show(arguments: &Show, progress: &Progress) -> Result<CommandOutput, Failure> {
    let described =
        ServerDescription::of(arguments.manifest.as_deref(), &arguments.file, progress)?;
    let manifest = Manifest::of_description(&described.0);
    let document: Value = serde_json::from_slice(&manifest.bytes).map_err(Failure::usage)?;
    Ok(CommandOutput {
        text: format!("{}\n", manifest.digest),
        json: json!({ "digest": manifest.digest, "manifest": document }),
        product: Some(String::from_utf8_lossy(&manifest.bytes).into_owned()),
        status: DONE,
    })
}

/// The access token for a manifest that only some callers may see. It comes from a file or a variable: other users of the machine
/// can read a command line, and a shell keeps it.
#[derive(Args)]
pub(super) struct Token {
    /// The file with an access token for the server whose manifest is fetched; `-` is standard input [default: the variable
    /// MCP_EDGE_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Token {
    /// Whether the token is on standard input.
    pub(super) fn is_on_standard_input(&self) -> bool {
        self.token_file.as_deref() == Some(Path::new("-"))
    }

    /// The token for `places`. It is for one server, and no other may see it.
    pub(super) fn for_places(&self, places: &[&str]) -> Result<Option<AccessToken>, Failure> {
        let urls: Vec<_> = places.iter().filter(|place| is_url(place)).collect();
        if urls.is_empty() && self.token_file.is_none() {
            return Ok(None);
        }
        let token = AccessToken::given(self.token_file.as_deref())?;
        let mut origins = urls.iter().map(|url| origin(url));
        let first = origins.next();
        if token.is_some() && origins.any(|origin| Some(&origin) != first.as_ref()) {
            return Err(Failure::usage(
                "the access token is for one server, and the URLs are of two; save one of the manifests to a file first",
            ));
        }
        Ok(token)
    }
}

fn is_url(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}

/// The text at `place`: a file, `-` for standard input, or a URL, which is asked with the token.
pub(super) fn text(place: &str, token: Option<&AccessToken>) -> Result<Vec<u8>, Failure> {
    text_by(place, |url, limit| fetch::guarded(url, limit, token))
}

/// As [`text()`], of what is public.
pub(super) fn public_text(place: &str) -> Result<Vec<u8>, Failure> {
    text_by(place, fetch::at)
}

fn text_by(
    place: &str,
    fetch: impl FnOnce(&str, usize) -> Result<Option<Bytes>, FetchDocumentError>,
) -> Result<Vec<u8>, Failure> {
    if !is_url(place) {
        return read(Path::new(place));
    }
    let limit = usize::try_from(MAX_DESCRIPTION_BYTES).unwrap_or(usize::MAX);
    let found = fetch(place, limit).map_err(Failure::usage)?;
    let text = found.ok_or_else(|| {
        Failure::usage(format!(
            "there is nothing at {place}; a manifest stands at `manifest` below the endpoint, and keys at `/.well-known/jwks.json`"
        ))
    })?;
    Ok(text.into())
}

/// The manifest at `place`, alone or in a JWS.
pub(super) fn manifest(
    place: &str,
    token: Option<&AccessToken>,
) -> Result<Map<String, Value>, Failure> {
    let text = text(place, token)?;
    let parsed = match super::verify::payload(&text) {
        Some(payload) => serde_json::from_slice(&payload),
        None => serde_json::from_slice(&text),
    };
    parsed.map_err(|error| Failure::usage(format!("{place}: this is no manifest: {error}")))
}
