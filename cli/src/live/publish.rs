//! `mcp-edge live publish`: puts a signed live policy where the server reads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Args;
use http::{Request, StatusCode, header};
use mcp_edge_runtime::host::DocumentPlace;
use mcp_edge_runtime::live::{LivePolicyPlace, VerifiedDocument};
use serde_json::json;

use super::document::{self, LiveServer, text_of};
use crate::file::File;
use crate::http_error::RequestFailure;
use crate::local_host::{agent, timestamp, whole};
use crate::output::{CommandOutput, DONE, Failure};
use crate::secret_file;

/// The maximum time of one request.
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_BYTES: usize = 1 << 20;

/// Puts a signed live policy at live.source, if the server would take it
///
/// The document is verified with live.keys, must be for this server, and must not be older than what is there. A file is replaced
/// as a whole; to a URL the document is sent with PUT, and with the token of --token-file. What is at a place of a platform is
/// put there with the platform's own tool: the command is printed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The signed document
    #[arg(value_name = "DOCUMENT")]
    document: PathBuf,
    /// A file with a bearer token that may write to the URL
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge live publish live-policy.jws
  $ mcp-edge live publish live-policy.jws --env production --token-file policy-writer.token";

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let server = LiveServer::of(&arguments.file)?;
    let (new, text) = server.verify_file(&arguments.document)?;
    check(&new, &server)?;
    let place = LivePolicyPlace::parse(&server.source).ok_or_else(|| {
        Failure::usage(
            "live.source is in a variable of the host; set it in the environment of mcp.toml to publish with this command",
        )
    })?;
    let file = arguments.document.display();
    let done = match place {
        LivePolicyPlace::Url(url) => {
            let writer = Writer::new(url, arguments.token_file.as_deref())?;
            let old = writer.get()?;
            not_older(&new, old.as_deref(), &server)?;
            writer.put(&text)?;
            format!("Sent to {url}")
        }
        LivePolicyPlace::Host(DocumentPlace::File { path }) => {
            let target = Path::new(path);
            let old = text_of(target)?;
            not_older(&new, old.as_deref(), &server)?;
            replace(target, &text)?;
            format!("Wrote {path}")
        }
        // What no program but the platform's own can write.
        LivePolicyPlace::Host(DocumentPlace::KeyValue { store, key }) => format!(
            "On Workers: wrangler kv key put {key} --binding {store} --path {file} --remote\nOn Spin, put the file into the store {store} under the key {key}"
        ),
        LivePolicyPlace::Host(DocumentPlace::Object { bucket, key }) => format!(
            "wrangler r2 object put BUCKET/{key} --file {file} --remote, with the bucket of the binding {bucket} for BUCKET"
        ),
    };
    Ok(CommandOutput {
        text: format!("{}\n{done}\n", document::heading(&new)),
        json: json!({ "document": document::json(&new), "done": done }),
        product: None,
        status: DONE,
    })
}

fn check(new: &VerifiedDocument, server: &LiveServer) -> Result<(), Failure> {
    if let Some(url) = server.url()
        && url != new.server
    {
        return Err(Failure::check(format!(
            "the document is for {}, and this server is {url}",
            new.server
        )));
    }
    if new.version < server.min_version {
        return Err(Failure::check(format!(
            "its version is {}, and live.min_version is {}",
            new.version, server.min_version
        )));
    }
    if new
        .expires
        .is_some_and(|end| end <= timestamp(SystemTime::now()))
    {
        return Err(Failure::check("the document has expired; sign a new one"));
    }
    Ok(())
}

/// What is there and cannot be verified does not count: no server takes it.
fn not_older(
    new: &VerifiedDocument,
    old: Option<&str>,
    server: &LiveServer,
) -> Result<(), Failure> {
    let old = old.and_then(|old| server.verify(old).ok());
    match old {
        Some(old) if old.version > new.version => Err(Failure::check(format!(
            "version {} is there already, and this is {}",
            old.version, new.version
        ))),
        _ => Ok(()),
    }
}

/// Readers see the file before or the file after.
fn replace(target: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::usage(format!("{}: {error}", target.display()));
    let mut beside = target.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, format!("{text}\n")).map_err(failed)?;
    fs::rename(&beside, target).map_err(failed)
}

struct Writer<'a> {
    url: &'a str,
    token: Option<String>,
    agent: ureq::Agent,
}

impl<'a> Writer<'a> {
    fn new(url: &'a str, token: Option<&Path>) -> Result<Self, Failure> {
        let token =
            match token {
                None => None,
                Some(path) => {
                    let token = secret_file::read(path)?;
                    let token = token.map(|token| token.trim().to_owned());
                    Some(token.filter(|token| !token.is_empty()).ok_or_else(|| {
                        Failure::usage(format!("{} has no token", path.display()))
                    })?)
                }
            };
        Ok(Self {
            url,
            token,
            agent: agent(TIMEOUT),
        })
    }

    fn send(&self, method: http::Method, body: &str) -> Result<(StatusCode, Vec<u8>), Failure> {
        let mut request = Request::builder().method(method).uri(self.url);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let failed = |error: RequestFailure| Failure::usage(format!("{}: {error}", self.url));
        let request = request
            .body(body.to_owned())
            .map_err(|_| Failure::usage("the token is not a text for a header"))?;
        let answer = match body {
            "" => self.agent.run(request.map(drop)),
            _ => self.agent.run(request),
        };
        let answer = answer.map_err(|error| failed(RequestFailure::because_of(&error)))?;
        let status = answer.status();
        let body = whole(answer.into_body(), MAX_BYTES).map_err(failed)?;
        Ok((status, body.unwrap_or_default()))
    }

    fn get(&self) -> Result<Option<String>, Failure> {
        match self.send(http::Method::GET, "")? {
            (StatusCode::NOT_FOUND, _) => Ok(None),
            (status, body) if status.is_success() => Ok(String::from_utf8(body).ok()),
            (status, _) => Err(self.refused(status)),
        }
    }

    fn put(&self, text: &str) -> Result<(), Failure> {
        let (status, _) = self.send(http::Method::PUT, text)?;
        if status.is_success() {
            return Ok(());
        }
        Err(self.refused(status))
    }

    fn refused(&self, status: StatusCode) -> Failure {
        Failure::usage(format!("{} answered with status {status}", self.url))
    }
}
