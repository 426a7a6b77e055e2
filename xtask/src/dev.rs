//! `cargo xtask dev`: builds and serves an example, and reloads it when something changes.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use crate::dev_token::Developer;
use crate::host::{Host, Launch, Output, Running};
use crate::watch::Snapshot;
use crate::{host, keys, workspace};

const HELP: &str = "\
Builds and serves an example on 127.0.0.1, and reloads it when a source or data file changes.

Usage: cargo xtask dev [OPTIONS]

Where the example's mcp.toml trusts the local issuer in [environments.dev], the server runs in that environment, and a
token for it is printed. Otherwise it runs in the environment that sets access.public.

Options:
  --host HOST     native, workers (on workerd, through `wrangler dev`) or spin (through `spin up`) [default: native]
  --example NAME  A folder in examples/ [default: fraud-rules]
  --port PORT     [default: 8787]
";

struct Options {
    host: Host,
    example: String,
    port: u16,
}

/// Runs until it is interrupted.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut options = Options {
        host: Host::Native,
        example: "fraud-rules".to_owned(),
        port: 8787,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("host") => options.host = arguments.value()?.parse()?,
            Long("example") => options.example = arguments.value()?.string()?,
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    serve(&options)
}

fn serve(options: &Options) -> Result<ExitCode> {
    let folder = workspace::server(&options.example)?;
    host::check_for_dev(options.host)?;
    let keys = keys::kept("keys")?;

    let mut running = None;
    let mut invited = false;
    loop {
        let seen = Snapshot::take(&folder);
        match reload(options, &keys, &mut running) {
            Ok(_) if invited => println!("Reloaded."),
            Ok((url, developer)) => {
                println!("{}", invitation(options, &url, developer.as_ref()));
                invited = true;
            }
            Err(error) => {
                eprintln!("error: {error:#}");
                eprintln!("{}", waiting(running.is_some()));
            }
        }
        wait_for_change(&seen, &folder, &mut running);
    }
}

/// Builds first, so that a build that fails leaves the old server running; returns the endpoint, and who may call it.
fn reload(
    options: &Options,
    keys: &str,
    running: &mut Option<Running>,
) -> Result<(String, Option<Developer>)> {
    options.host.build(&options.example)?;
    let developer = Developer::of(&options.example, &host::endpoint(options.port))?;
    let variables = match &developer {
        Some(developer) => developer.variables(),
        None => host::open::variables(&workspace::server(&options.example)?)?,
    };
    // The port must be free before the next server takes it.
    *running = None;
    let server = options.host.start(&Launch {
        example: &options.example,
        port: options.port,
        keys,
        variables,
        output: Output::Terminal,
        descriptors: None,
        key_values: &[],
        deployment: None,
    })?;
    let url = server.url().to_owned();
    *running = Some(server);
    Ok((url, developer))
}

fn wait_for_change(seen: &Snapshot, folder: &Path, running: &mut Option<Running>) {
    let mut ended = false;
    seen.wait_for_change(folder, || {
        ended = running
            .as_mut()
            .is_some_and(|server| server.has_ended().unwrap_or(true));
        ended
    });
    if ended {
        *running = None;
        eprintln!("{}", waiting(false));
        seen.wait_for_change(folder, || false);
    }
}

fn waiting(served: bool) -> &'static str {
    if served {
        "The server from before the change goes on. Waiting for the next change."
    } else {
        "No server runs. Waiting for a change."
    }
}

fn invitation(options: &Options, url: &str, developer: Option<&Developer>) -> String {
    let Options { host, example, .. } = options;
    let (token, header) = match developer {
        Some(developer) => (
            format!(
                "A token of the local issuer, for a day (`mcp-edge token` makes others):\n\n  TOKEN={}\n\n",
                developer.token()
            ),
            " -H \"Authorization: Bearer $TOKEN\"",
        ),
        None => (String::new(), ""),
    };
    format!(
        r#"
{example} on {host}: {url}
{token}Try:

  curl -s {url}{header} \
    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
    -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' \
    -d '{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}'

It reloads when a file changes; Ctrl-C ends it."#
    )
}
