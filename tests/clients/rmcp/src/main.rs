//! The Rust client `rmcp` 3: `cargo run -p mcp-edge-client-rmcp -- URL REVISION CROWD_URL`
//!
//! It ends with a sentence at the first thing that is not as in `conversation.json`.

mod conversation;
mod expect;
mod person;
mod talk;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use rmcp::model::ProtocolVersion;
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::expect::same;
use crate::person::Person;

type Failure = Box<dyn Error>;
type Client = RunningService<RoleClient, Person>;

const TIMEOUT: Duration = Duration::from_secs(60);

// One thread, so that notifications are seen in the order in which they arrive.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, revision, crowd_url] = arguments.as_slice() else {
        return Err("usage: mcp-edge-client-rmcp URL REVISION CROWD_URL".into());
    };
    let revision = serde_json::from_value(Value::from(revision.as_str()))?;
    tokio::time::timeout(TIMEOUT, converse(url, &revision, crowd_url)).await?
}

async fn converse(url: &str, revision: &ProtocolVersion, crowd_url: &str) -> Result<(), Failure> {
    let conversation = Conversation::read()?;
    let crowd = connect(crowd_url, revision, &conversation).await?;
    talk::pages(&crowd, &conversation).await?;
    crowd.cancel().await?;
    let client = connect(url, revision, &conversation).await?;
    talk::talk(&client, &conversation).await?;
    client.cancel().await?;
    Ok(())
}

async fn connect(
    url: &str,
    revision: &ProtocolVersion,
    conversation: &Conversation,
) -> Result<Client, Failure> {
    let lifecycle = if revision.has_initialize() {
        ClientLifecycleMode::Initialize
    } else {
        ClientLifecycleMode::Auto {
            preferred_versions: vec![revision.clone()],
            legacy_version: None,
        }
    };
    let client = Person::new(conversation, revision.clone())
        .serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), lifecycle)
        .await?;
    let negotiated = client.peer_info().map(|peer| peer.protocol_version.clone());
    same(
        "the negotiated revision",
        &negotiated,
        &Some(revision.clone()),
    )?;
    Ok(client)
}
