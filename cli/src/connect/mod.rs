//! `mcp-edge connect`: how a server is added to an MCP client.

mod edit;
mod folders;
mod live;
mod write;

use std::path::Path;

use anstyle::Style;
use clap::builder::PossibleValuesParser;
use mcp_edge_clients::{Authentication, CLIENTS, Client, Connection, Scope, ServerInfo};
use serde_json::{Value as Json, json};

use crate::file::{self, File};
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{HEADING, Table, styled};
use crate::trust;
use folders::Folders;
use live::{ServerIdentity, Source};
use write::{Change, WriteReport};

/// Adds a server to an MCP client, or says how that is done
///
/// Asks the server for its Server Card, or where it has none for what it says of itself, and whether it wants an access token,
/// and prints what goes into the client's file. With `--write` it goes there: everything else in the file stays as it is, and a
/// copy of the file from before is left next to it. Nothing secret is added, since a client signs in by itself. Without a client
/// it lists those there are.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The client
    #[arg(value_parser = PossibleValuesParser::new(CLIENTS.iter().map(|client| client.id)))]
    client: Option<String>,
    /// The server's MCP endpoint, or the site that has it [default: server.url of the configuration]
    #[arg(long, value_name = "URL", requires = "client")]
    url: Option<String>,
    /// Add the server to the client's file
    #[arg(long, requires = "client")]
    write: bool,
    /// For everybody who works in this folder, instead of for you everywhere
    #[arg(long, requires = "client")]
    project: bool,
    /// Replace a server that has the same name and another URL
    #[arg(long, requires = "write")]
    force: bool,
    #[command(flatten)]
    file: File,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge connect
  $ mcp-edge connect cursor --url https://fraud.example.com/mcp
  $ mcp-edge connect vscode --url https://fraud.example.com --project --write
  $ mcp-edge connect claude-code --env production --json";

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let client = arguments.client.as_deref().and_then(Client::find);
    let Some(client) = client else {
        return Ok(list());
    };
    let scope = scope(client, arguments)?;
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => configured(&arguments.file)?,
    };
    let ServerIdentity { server, source } = live::server(&url)?;
    let connection = client.connection(&server, scope);
    let file = match &connection.file {
        Some(file) => Some(Folders::of_this_machine().path(file)?),
        None => None,
    };
    let written = match &file {
        Some(file) if arguments.write => {
            Some(write::write(file, client, &connection, arguments.force)?)
        }
        _ => None,
    };
    let told = ConnectReport {
        client,
        scope,
        server: &server,
        source,
        connection: &connection,
        file: file.as_deref(),
    };
    Ok(match written {
        Some(written) => told.written(&written),
        None => told.shown(),
    })
}

/// For whom, where the client has that.
fn scope(client: &Client, arguments: &Arguments) -> Result<Scope, Failure> {
    let name = client.name;
    if arguments.project && !client.has_file(Scope::Project) {
        return Err(Failure::usage(format!(
            "{name} has no servers for a folder; leave out --project"
        )));
    }
    if arguments.write && !client.has_file(Scope::User) {
        return Err(Failure::usage(format!(
            "{name} keeps its servers in no file; `mcp-edge connect {}` without --write says how one is added",
            client.id
        )));
    }
    Ok(if arguments.project {
        Scope::Project
    } else {
        Scope::User
    })
}

/// Where `mcp.toml` says that the server is.
fn configured(file: &File) -> Result<String, Failure> {
    let configuration = file.read()?;
    let settings = file::settings(&configuration, file.env.as_deref())?;
    trust::server(settings).ok_or_else(|| {
        Failure::usage(match trust::url_variable(settings) {
            Some(name) => format!(
                "server.url is in the variable {name}, which is not set here; set it as the server has it, or name the \
                 URL with --url"
            ),
            None => "it is not known where the server is; set server.url in mcp.toml, or name it with --url".to_owned(),
        })
    })
}

fn list() -> CommandOutput {
    let system = folders::system();
    // Any, since only the file's own name may have to do with it.
    let any = ServerInfo::new(
        "name",
        None,
        "https://example.com/mcp",
        Authentication::Open,
    )
    .ok();
    let mut table = Table::new(["client", "name", "its servers", "checked"]);
    let mut rows = Vec::new();
    for client in CLIENTS {
        let file = any
            .as_ref()
            .and_then(|server| client.connection(server, Scope::User).file);
        let place = file.map(|file| file.on(system));
        let shown = place.clone().unwrap_or_else(|| "a dialog".to_owned());
        let checked = match client.as_of {
            Some(day) => format!("{} in a copy of {day}", client.checked),
            None => client.checked.to_owned(),
        };
        let cells = [client.id, client.name, &shown, &checked];
        table.row(cells.map(|cell| (cell.to_owned(), Style::new())).to_vec());
        rows.push(json!({
            "client": client.id,
            "name": client.name,
            "file": place,
            "project": client.has_file(Scope::Project),
            "documentation": client.documentation,
            "checked": client.checked,
            "as_of": client.as_of,
        }));
    }
    CommandOutput {
        text: table.text(),
        json: json!({ "clients": rows }),
        product: None,
        status: DONE,
    }
}

/// Everything there is to say of one server and one client.
struct ConnectReport<'a> {
    client: &'a Client,
    scope: Scope,
    server: &'a ServerInfo,
    source: Source,
    connection: &'a Connection,
    file: Option<&'a Path>,
}

impl ConnectReport<'_> {
    /// What goes into the file, and the other ways.
    fn shown(&self) -> CommandOutput {
        let connection = self.connection;
        let mut text = self.heading();
        let file = self.file.map(|file| file.display().to_string());
        let ways = [
            ("file", &file),
            ("command", &connection.command),
            ("link", &connection.link),
        ];
        for (name, way) in ways {
            if let Some(way) = way {
                text.push_str(&format!("  {name:<8} {way}\n"));
            }
        }
        text.push_str(&self.steps());
        text.push_str(&self.source());
        CommandOutput {
            text,
            json: self.json(None),
            product: connection.block.as_ref().map(|block| block.text.clone()),
            status: DONE,
        }
    }

    /// What was done to the file.
    fn written(&self, written: &WriteReport) -> CommandOutput {
        let file = self.file.map(|file| file.display().to_string());
        let file = file.unwrap_or_default();
        let done = match &written.change {
            Change::Created => format!("made {file} with this server in it"),
            Change::Added => format!("added this server to {file}"),
            Change::Replaced => format!("replaced the server of the same name in {file}"),
            Change::AlreadyThere(name) => format!("{file} has this server already, as {name}"),
        };
        let mut text = self.heading();
        text.push_str(&format!("  {done}\n"));
        if let Some(backup) = &written.backup {
            text.push_str(&format!("  as it was: {}\n", backup.display()));
        }
        text.push_str(&self.steps());
        CommandOutput {
            text,
            json: self.json(Some(written)),
            product: None,
            status: DONE,
        }
    }

    fn heading(&self) -> String {
        let auth = match self.server.access() {
            Authentication::SignIn => "with sign-in",
            Authentication::Token => {
                "which requires an access token and names no authorization server"
            }
            Authentication::Open => "open to callers without an access token",
        };
        let heading = format!("{} in {}", self.connection.name, self.client.name);
        let url = self.server.url();
        let mut text = format!("{}: {url}, {auth}\n", styled(HEADING, &heading));
        if let Some(sentence) = self.source.sentence() {
            text.push_str(&format!("  {sentence}\n"));
        }
        text
    }

    fn steps(&self) -> String {
        let steps = self.connection.steps.iter();
        steps.map(|step| format!("  - {step}\n")).collect()
    }

    fn source(&self) -> String {
        let Client {
            documentation,
            checked,
            as_of,
            ..
        } = self.client;
        let as_of = as_of.map(|day| format!(", in a copy of {day}"));
        let as_of = as_of.unwrap_or_default();
        format!("  (from {documentation}, checked on {checked}{as_of})\n")
    }

    fn json(&self, written: Option<&WriteReport>) -> Json {
        let connection = self.connection;
        let block = connection.block.as_ref();
        json!({
            "client": self.client.id,
            "name": connection.name,
            "scope": match self.scope {
                Scope::User => "user",
                Scope::Project => "project",
            },
            "server": {
                "title": self.server.title(),
                "url": self.server.url(),
                "access": match self.server.access() {
                    Authentication::Open => "open",
                    Authentication::SignIn => "sign-in",
                    Authentication::Token => "token",
                },
                "source": self.source.name(),
            },
            "file": self.file,
            "format": block.map(|block| block.format.name()),
            "block": block.map(|block| &block.text),
            "command": connection.command,
            "link": connection.link,
            "steps": connection.steps,
            "documentation": self.client.documentation,
            "checked": self.client.checked,
            "as_of": self.client.as_of,
            "written": written.map(|written| json!({
                "change": written.change.name(),
                "backup": written.backup,
            })),
        })
    }
}
