//! `mcp-edge card`: what registries and clients learn of a server without connecting to it.

mod remote;
mod rules;

pub(crate) use remote::{Card, Catalogue, Listed, MAX_CARD_BYTES, Remote, place_of};
pub(crate) use rules::faults;

use std::collections::BTreeSet;
use std::path::PathBuf;

use mcp_edge_runtime::auth::Caller;
use mcp_edge_runtime::config::{Settings, TextSetting};
use mcp_edge_runtime::discovery::card::{ServerCard, catalog};
use mcp_edge_runtime::discovery::manifest::{MANIFEST, Manifest};
use mcp_edge_runtime::policy::{self, Policy};
use serde_json::{Map, Value, json};

use crate::check::manifest::Manifest as Offered;
use crate::fetch;
use crate::file::{self, File};
use crate::output::{CommandOutput, DONE, Failure, status};
use crate::progress::Progress;
use crate::server_description::ServerDescription;
use crate::style::{BAD, GOOD, styled};

/// Prints the Server Card of a server, or compares it with the one that the server publishes
///
/// The card is what a deployed server has at `server-card` below its endpoint: it is made by the same code, from mcp.toml
/// and from what the server's native build says of itself.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    file: File,
    /// What the server's `describe` prints; `-` is standard input [default: build the server and ask it]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The public URL of the MCP endpoint, where mcp.toml leaves it to a variable of the host
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Print the AI catalog that leads to the card
    #[arg(long, conflicts_with_all = ["server_json", "compare"])]
    catalog: bool,
    /// Print the `server.json` with which the server is published in the MCP Registry
    #[arg(long, conflicts_with = "compare")]
    server_json: bool,
    /// Compare with the card that the server publishes at its public URL, or at another URL that it has
    #[arg(long, value_name = "URL", num_args = 0..=1)]
    compare: Option<Option<String>>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge card --env production
  $ mcp-edge card --env production --server-json > server.json
  $ mcp-edge card --env production --compare
  $ mcp-edge card --env production --compare https://preview.example.com/mcp";

/// The schema that a `server.json` of the registry names.
const SERVER_JSON: &str =
    "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";

pub(crate) fn run(arguments: &Arguments, progress: &Progress) -> Result<CommandOutput, Failure> {
    let configuration = arguments.file.read()?;
    let written = file::settings(&configuration, arguments.file.env.as_deref())?;
    let settings = file::decoded(written)?;
    let url = url(arguments, settings)?;
    let described =
        ServerDescription::of(arguments.manifest.as_deref(), &arguments.file, progress)?;
    let server = described.implementation().ok_or_else(|| {
        Failure::usage("what `describe` printed does not say the server's name and version; build the server with this version of mcp-edge")
    })?;
    if settings.card.publish.is_none() {
        return Err(Failure::check(
            "the server has no card, since mcp.toml says publish = false in [card]",
        ));
    }
    let card = ServerCard::new(&server, &settings.card, &url).map_err(Failure::check)?;
    let base = url.strip_suffix('/').unwrap_or(&url);
    let place = place_of(&url);
    let manifest = json!({
        "digest": public(&described, settings)?.digest,
        "url": format!("{base}/manifest"),
    });
    let card = json!(card.with_meta(MANIFEST, manifest));
    let faults = faults(&card);
    if !faults.is_empty() {
        return Err(Failure::check(format!(
            "the Server Card is not valid: {faults}"
        )));
    }
    if let Some(elsewhere) = &arguments.compare {
        return compared(&card, &elsewhere.as_deref().map_or(place, place_of));
    }
    let (text, document) = if arguments.catalog {
        let text = "It stands at /.well-known/ai-catalog.json of the server's host.\n".to_owned();
        (text, catalog(&server, &place))
    } else if arguments.server_json {
        let text = "Publish it with the registry's own program: mcp-publisher publish\n".to_owned();
        (text, server_json(&card))
    } else {
        (format!("It stands at {place}\n"), card)
    };
    Ok(CommandOutput {
        text,
        product: Some(format!("{document:#}")),
        json: document,
        status: DONE,
    })
}

/// The server's public URL: where nothing says another, the one to compare with.
fn url(arguments: &Arguments, settings: &Settings) -> Result<String, Failure> {
    let compared = arguments.compare.as_ref().and_then(Option::as_ref);
    let unknown = |why: String| compared.cloned().ok_or_else(|| Failure::usage(why));
    match (&arguments.url, settings.server.url) {
        (Some(url), _) => Ok(url.clone()),
        (None, Some(TextSetting::Literal(url))) => Ok(url.to_owned()),
        (None, Some(TextSetting::Variable(name))) => std::env::var(name).or_else(|_| {
            unknown(format!(
                "server.url is in the host's variable {name}, which is not set here; give the URL with --url"
            ))
        }),
        (None, None) => unknown(
            "a card needs server.url, the public URL of the endpoint; set it in mcp.toml, or hand it over with --url".to_owned(),
        ),
    }
}

/// What an anonymous caller may see.
fn public(described: &ServerDescription, settings: &'static Settings) -> Result<Manifest, Failure> {
    let offered = Offered::of(described)?;
    let policy = Policy::new(settings).map_err(Failure::check)?;
    let policy = policy.quarantine(described.unapproved(settings.approvals.tools));
    let shown = offered.only(described, |target| {
        policy
            .decide(&Caller::Anonymous, target, policy::Arguments::Any)
            .shows()
    });
    Ok(Manifest::of_description(&shown))
}

/// The same for the registry, whose remotes say nothing of revisions.
fn server_json(card: &Value) -> Value {
    let mut members = card.as_object().cloned().unwrap_or_default();
    members.insert("$schema".to_owned(), SERVER_JSON.into());
    members.remove("_meta");
    let remotes = members.get_mut("remotes").and_then(Value::as_array_mut);
    for remote in remotes.into_iter().flatten() {
        if let Some(remote) = remote.as_object_mut() {
            remote.remove("supportedProtocolVersions");
        }
    }
    Value::Object(members)
}

fn compared(card: &Value, place: &str) -> Result<CommandOutput, Failure> {
    let published = published(place)?;
    let members = |card: &Value| card.as_object().cloned().unwrap_or_default();
    let (ours, theirs) = (members(card), members(&published));
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differences: Map<String, Value> = names
        .into_iter()
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .map(|name| {
            let both = json!({ "here": ours.get(name), "published": theirs.get(name) });
            (name.clone(), both)
        })
        .collect();
    let passed = differences.is_empty();
    let text = if passed {
        format!("{}\n", styled(GOOD, "The server publishes this card."))
    } else {
        let lines = differences.iter().map(|(name, both)| {
            let shown = |side: &str| both.get(side).map(Value::to_string).unwrap_or_default();
            let name = styled(BAD, name);
            format!(
                "{name}: here {}, published {}\n",
                shown("here"),
                shown("published")
            )
        });
        lines.collect()
    };
    Ok(CommandOutput {
        text,
        json: json!({ "url": place, "differences": differences }),
        product: None,
        status: status(passed),
    })
}

fn published(place: &str) -> Result<Value, Failure> {
    let found = fetch::at(place, MAX_CARD_BYTES).map_err(Failure::check)?;
    let text = found.ok_or_else(|| {
        Failure::check(format!(
            "there is no Server Card at {place}; deploy the server as it is here, with server.url set"
        ))
    })?;
    serde_json::from_slice(&text)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| {
            Failure::check(format!(
                "what stands at {place} is no Server Card: it is no JSON object"
            ))
        })
}
