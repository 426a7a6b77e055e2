//! Which server is called, and with which token.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use mcp_edge_config::span;
use serde_json::error::Category;
use serde_json::{Map, Value as Json};

use crate::access_token::AccessToken;
use crate::dev::Running;
use crate::fetch;
use crate::file::File;
use crate::output::Failure;

/// Where a server listens that is not configured otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8787/mcp";

/// Which server is called, and with which token.
#[derive(Args)]
pub(super) struct Connect {
    /// The endpoint [default: that of the `mcp-edge dev` that runs in this folder, or http://127.0.0.1:8787/mcp]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The file with an access token; - is standard input [default: the variable MCP_EDGE_TOKEN, or the token of `mcp-edge dev`]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How long one answer may take
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = timeout)]
    pub(super) timeout: Duration,
    #[command(flatten)]
    file: File,
}

impl Connect {
    /// The endpoint, and the token for it.
    pub(super) fn target(&self) -> Result<(String, Option<AccessToken>), Failure> {
        let given = AccessToken::given(self.token_file.as_deref())?;
        let running = match &self.url {
            Some(_) => None,
            None => Running::find(self.file.folder())?,
        };
        let (url, own) = match (&self.url, running) {
            (Some(url), _) => (url.clone(), None),
            (None, Some(running)) => (running.url, running.token),
            (None, None) => (DEFAULT_URL.to_owned(), None),
        };
        // A token goes over https only, or to this machine.
        fetch::permitted(&url, None).map_err(Failure::usage)?;
        let token = match (given, own) {
            (Some(token), _) => Some(token),
            (None, Some(token)) => Some(AccessToken::new(&token)?),
            (None, None) => None,
        };
        Ok((url, token))
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = span::parse(text).filter(|timeout| !timeout.is_zero());
    timeout.ok_or_else(|| "write a time, as 90s or 2m".to_owned())
}

/// The arguments in `text`.
pub(super) fn object(text: &str) -> Result<Map<String, Json>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let why = match error.classify() {
            Category::Eof => "it ends too early".to_owned(),
            Category::Data => "it is another JSON value".to_owned(),
            Category::Syntax | Category::Io => format!(
                "it is not JSON near line {}, column {}",
                error.line(),
                error.column()
            ),
        };
        Failure::usage(format!(
            "the arguments must be a JSON object, as '{{\"id\": \"7\"}}': {why}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_are_no_object_are_explained_without_the_terms_of_a_parser() {
        for (text, why) in [
            ("nope", "it is not JSON near line 1, column 2"),
            ("{id: 7}", "it is not JSON near line 1, column 2"),
            ("{\"id\": ", "it ends too early"),
            ("[7]", "it is another JSON value"),
        ] {
            let sentence = object(text).unwrap_err().sentence;
            assert!(sentence.ends_with(&format!(": {why}")), "{sentence}");
        }
    }
}
