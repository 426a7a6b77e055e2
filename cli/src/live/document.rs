//! Signed documents, and the server that they are for.

use std::path::Path;
use std::time::Duration;

use futures_executor::block_on;
use mcp_edge_config::{Settings, Text, Value};
use mcp_edge_runtime::live::{VerifiedDocument, verify};
use serde_json::{Value as Json, json};

use super::content::sentences;
use crate::file::{self, File};
use crate::local_host::LocalHost;
use crate::output::Failure;
use crate::secret_file::{self, FileError};

/// More than a server reads, so that it is the server's limit that a longer document is refused for.
const MAX_BYTES: u64 = 2 << 20;

/// A server that has a live policy.
pub(super) struct LiveServer {
    /// What its file says.
    pub(super) written: Settings,
    pub(super) source: String,
    pub(super) min_version: u64,
    keys: &'static [&'static str],
}

impl LiveServer {
    pub(super) fn of(file: &File) -> Result<Self, Failure> {
        let configuration = file.read()?;
        let written = file::settings(&configuration, file.env.as_deref())?;
        let settings = file::decoded(written)?;
        if settings.live.enabled.is_none() {
            return Err(Failure::check(format!(
                "the server has no live policy; set enabled, source and keys in [live] of {}",
                file.path().display()
            )));
        }
        Ok(Self {
            written: written.clone(),
            source: text(written, "live.source").unwrap_or_default(),
            min_version: settings.live.min_version,
            keys: settings.live.keys,
        })
    }

    /// The public URL, if the file has it.
    pub(super) fn url(&self) -> Option<String> {
        text(&self.written, "server.url")
    }

    /// A document that one of the server's keys signed.
    pub(super) fn verify(&self, document: &str) -> Result<VerifiedDocument, String> {
        let host = LocalHost::new(Duration::from_secs(30), Vec::new());
        block_on(verify(document.trim().as_bytes(), self.keys, &host))
    }

    /// The document in the file `path`, with its text.
    pub(super) fn verify_file(&self, path: &Path) -> Result<(VerifiedDocument, String), Failure> {
        let text = existing(path)?.trim().to_owned();
        let document = self
            .verify(&text)
            .map_err(|why| Failure::check(format!("{}: {why}", path.display())))?;
        Ok((document, text))
    }
}

/// The text of the file `path`, which may be as long as a live policy.
pub(super) fn text_of(path: &Path) -> Result<Option<String>, FileError> {
    secret_file::open_and_read(path, MAX_BYTES)
}

/// The text of a file that must be there.
pub(super) fn existing(path: &Path) -> Result<String, Failure> {
    text_of(path)?.ok_or_else(|| Failure::usage(format!("there is no file {}", path.display())))
}

/// The text of a setting that is not in a variable.
fn text(settings: &Settings, path: &str) -> Option<String> {
    match &settings.get(path)?.value {
        Value::Text(Text::Literal(text)) => Some(text.clone()),
        _ => None,
    }
}

/// What there is to know of a document, in a line.
pub(super) fn heading(document: &VerifiedDocument) -> String {
    let expires = match document.expires {
        Some(time) => format!("until {}", time.to_rfc3339()),
        None => "without an end".to_owned(),
    };
    format!(
        "Version {} for {}, signed with {}, {expires}",
        document.version, document.server, document.key
    )
}

/// The same for programs, with what the document says in sentences.
pub(super) fn json(document: &VerifiedDocument) -> Json {
    json!({
        "server": document.server,
        "version": document.version,
        "expires": document.expires.map(|time| time.to_rfc3339()),
        "key": document.key,
        "digest": document.digest,
        "content": document.content,
        "sentences": sentences(&document.content),
    })
}
