//! `mcp-edge dev`: runs the server of a folder while it is worked on.

mod developer;
mod group;
mod invitation;
mod project;
mod requests;
mod running;
mod server;
mod sign_in;
mod watch;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;

use mcp_edge_config::Configuration;
use mcp_edge_runtime::config::SIGN_IN_VARIABLE;

use crate::catalog::documents;
use crate::check::host::Host;
use crate::development::{self, FOLDER};
use crate::file::{self, File};
use crate::output::Failure;
use crate::style::{BAD, say, styled};
use developer::{Developer, Issued};
use invitation::Invitation;
use project::{Build, Project};
pub(crate) use running::Running;
use server::{Launch, Server};
use sign_in::{Resource, SignIn};
use watch::Snapshot;

/// Builds the server in this folder, runs it on this machine, and restarts it when a file changes
///
/// The folder has a package of Rust, or an mcp.toml with [gateway]. The server runs in the environment `dev` where mcp.toml has
/// it. Keys are made for the run. Where the environment trusts the issuer for development, a token for the server is printed,
/// and clients can sign in on this machine as one of several users.
/// Each request is one line on standard output, and all else goes to standard error. If a build fails, the server from before
/// keeps running. Ctrl-C ends the server and everything that it started.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    file: File,
    /// What runs the server; workers needs Wrangler, spin needs Spin
    #[arg(long, value_name = "HOST", default_value = "native")]
    host: Host,
    /// The port on 127.0.0.1 [default: that of server.url, or 8787]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The folder `gateway` of a release archive, for a gateway [default: that of the archive which this program is in]
    #[arg(long, value_name = "DIR")]
    prebuilt: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge dev
  $ mcp-edge dev --host workers --port 9000
  $ mcp-edge dev --env staging --json | tee dev.log";

const DEFAULT_PORT: u16 = 8787;
/// As shells report Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Runs until it is interrupted, and returns the exit status. `is_raw`: requests are printed as their events.
pub(crate) fn run(arguments: &Arguments, is_raw: bool) -> Result<u8, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let signal = Arc::clone(&stop);
    ctrlc::set_handler(move || signal.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::usage(format!("cannot listen for Ctrl-C: {error}")))?;
    let session = Session {
        arguments,
        project: Project::find(&arguments.file, arguments.prebuilt.as_deref())?,
        keys: development::keyring("dev")?,
        sign_in: OnceCell::new(),
        is_raw,
        stop: &stop,
    };
    let mut running = None;
    let mut sources = BTreeSet::new();
    let (mut before, mut issued) = (None, None);
    while !session.is_stopped() {
        let seen = Snapshot::take(session.project.folder(), &sources);
        match session.reload(&mut running, &mut sources, issued.clone()) {
            Ok(Reloaded {
                invitation,
                issued: token,
            }) => {
                let text = match before.as_ref() == Some(&invitation) {
                    true => "Reloaded.\n".to_owned(),
                    false => invitation.text(),
                };
                say(&text);
                (before, issued) = (Some(invitation), token);
            }
            Err(_) if session.is_stopped() => break,
            Err(failure) => {
                say(&format!(
                    "{} {}\n{}\n",
                    styled(BAD, "error:"),
                    failure.sentence,
                    waiting(running.is_some())
                ));
            }
        }
        session.wait_for_change(&seen, &sources, &mut running);
    }
    drop(running);
    Ok(INTERRUPTED)
}

/// A server that was built and started.
struct Reloaded {
    invitation: Invitation,
    issued: Option<Issued>,
}

/// What all builds of one run have in common.
struct Session<'a> {
    arguments: &'a Arguments,
    project: Project<'a>,
    /// The keyring of the run, so that what the server signed outlives a reload.
    keys: String,
    /// Where clients sign in, once a server trusts the issuer for development.
    sign_in: OnceCell<SignIn>,
    is_raw: bool,
    stop: &'a AtomicBool,
}

impl Session<'_> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Builds first, so that a build that fails leaves the old server running. `sources` are the files outside of the folder that
    /// it is made of, as far as they are known.
    fn reload(
        &self,
        running: &mut Option<Server>,
        sources: &mut BTreeSet<PathBuf>,
        before: Option<Issued>,
    ) -> Result<Reloaded, Failure> {
        let (arguments, project) = (self.arguments, &self.project);
        let configuration = match arguments.file.path().is_file() {
            true => arguments.file.read()?,
            false => Configuration::default(),
        };
        let environment = developer::environment(&configuration, arguments.file.env.as_deref())?;
        let environment = environment.as_deref();
        let settings = file::settings(&configuration, environment)?;
        let port = arguments.port.or_else(|| developer::port(settings));
        let port = port.unwrap_or(DEFAULT_PORT);
        let documents = documents::named(settings, project.folder());
        sources.extend(documents.iter().cloned());
        let Build {
            place,
            sources: built_of,
        } = project.build(arguments.host, environment, self.stop)?;
        *sources = &built_of | &documents;
        let described = project.describe(arguments.host, &place, &configuration);
        let url = format!("http://127.0.0.1:{port}{}", developer::path(settings));
        let Developer {
            mut variables,
            token: issued,
        } = Developer::of(
            settings,
            environment,
            project.folder(),
            &url,
            &self.keys,
            described.scopes,
            before,
        )?;
        let token = issued.as_ref().map(|issued| issued.token.clone());
        let sign_in = match &issued {
            Some(_) if server::passes(arguments.host, &place, SIGN_IN_VARIABLE) => {
                Some(self.sign_in(port)?)
            }
            _ => None,
        };
        if let Some(sign_in) = sign_in {
            variables.insert(SIGN_IN_VARIABLE.to_owned(), sign_in.url().to_owned());
        }
        // The port must be free before the next server listens on it.
        *running = None;
        let server = Server::start(
            &Launch {
                host: arguments.host,
                place: &place,
                folder: project.folder(),
                port,
                variables: &variables,
                is_raw: self.is_raw,
            },
            self.stop,
        )?;
        let server = server.announced(project.folder(), &url, token.as_deref())?;
        *running = Some(server);
        let name = described.name.as_deref();
        let name = name.or_else(|| project.folder().file_name()?.to_str());
        let name = name.unwrap_or_default();
        if let Some(sign_in) = self.sign_in.get() {
            sign_in.serve(issued.as_ref().map(|issued| Resource {
                name: name.to_owned(),
                url: url.clone(),
                audience: issued.grant.audience.clone(),
                scopes: issued.grant.scopes.clone(),
                folder: project.folder().join(FOLDER),
            }));
        }
        let invitation = Invitation::new(
            name,
            &url,
            arguments.host,
            environment,
            token,
            sign_in.map(|sign_in| sign_in.url().to_owned()),
        )?;
        Ok(Reloaded { invitation, issued })
    }

    /// Listens next to the server, whose port is `port`.
    fn sign_in(&self, port: u16) -> Result<&SignIn, Failure> {
        if let Some(started) = self.sign_in.get() {
            return Ok(started);
        }
        let started = SignIn::start(port.wrapping_add(1))?;
        Ok(self.sign_in.get_or_init(|| started))
    }

    /// Returns when a file has changed and then stayed the same for a moment, or when the run is interrupted. A server that ends
    /// by itself is reported.
    fn wait_for_change(
        &self,
        seen: &Snapshot,
        sources: &BTreeSet<PathBuf>,
        running: &mut Option<Server>,
    ) {
        let folder: &Path = self.project.folder();
        let mut before = Snapshot::default();
        while !self.is_stopped() {
            sleep(watch::INTERVAL);
            if running.as_mut().is_some_and(|server| server.has_ended()) {
                *running = None;
                say(&format!(
                    "{} the server has ended. {}\n",
                    styled(BAD, "error:"),
                    waiting(false)
                ));
            }
            let is_watched = running.is_some() && self.project.is_watched_by(self.arguments.host);
            let now = Snapshot::take(folder, sources);
            if !is_watched && now != *seen && now == before {
                return;
            }
            before = now;
        }
    }
}

const fn waiting(is_served: bool) -> &'static str {
    match is_served {
        true => "The server from before the change keeps running. Waiting for the next change.",
        false => "No server runs. Waiting for a change.",
    }
}
