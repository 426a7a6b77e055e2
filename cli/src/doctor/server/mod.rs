//! A live server, looked at as clients of both eras do.

pub(crate) mod answer;
mod authorization_servers;
pub(crate) mod call;
mod callers;
mod card;
mod catalog;
pub(crate) mod challenge;
pub(crate) mod client;
mod clock;
pub(crate) mod discover;
mod errors;
mod get;
mod initialize;
mod jwks;
mod media_types;
mod origins;
mod reachable;
mod refusals;
mod resource_metadata;
mod target;
mod tools;
mod visit;

use std::time::Duration;

use super::finding::{CheckResult, Problem};
use super::report::Report;
use crate::access_token::AccessToken;
use crate::file::{self, File};
use crate::output::Failure;
use crate::progress::Progress;
use client::Client;
use target::Target;
use visit::Visit;

/// One thing to look at.
struct Check {
    /// Its name, which stays.
    id: &'static str,
    look: fn(&Visit) -> CheckResult,
}

const fn check(id: &'static str, look: fn(&Visit) -> CheckResult) -> Check {
    Check { id, look }
}

/// Everything but whether there is an endpoint at all.
const CHECKS: [Check; 31] = [
    check("modern", discover::check),
    check("modern-tools", tools::modern),
    check("legacy", initialize::check),
    check("legacy-initialized", initialize::initialized),
    check("legacy-tools", tools::legacy),
    check("method-header", refusals::other_method),
    check("method-header-missing", refusals::no_method),
    check("name-header", refusals::other_name),
    check("version-header", refusals::other_version),
    check("meta", refusals::no_meta),
    check("unknown-revision", refusals::unknown_revision),
    check("unknown-method", refusals::unknown_method),
    check("content-type", media_types::check),
    check("get-stream", get::stream),
    check("get-page", get::page),
    check("foreign-origin", origins::request),
    check("preflight", origins::preflight),
    check("challenge", challenge::check),
    check("unknown-token", challenge::unknown_token),
    check("callers", callers::check),
    check("resource-metadata", resource_metadata::check),
    check("resource", resource_metadata::resource),
    check("authorization-servers", authorization_servers::check),
    check("jwks", jwks::check),
    check("card", card::check),
    check("card-agrees", card::agreement),
    check("card-cors", card::cors),
    check("card-cache", card::cache),
    check("catalog", catalog::check),
    check("clock", clock::check),
    check("errors", errors::check),
];

/// Looks at the server at `url`; `file` is the configuration that it may have been made with.
pub(super) fn look(
    url: &str,
    token: Option<AccessToken>,
    file: &File,
    timeout: Duration,
    progress: &Progress,
) -> Result<Report, Failure> {
    let target = Target::parse(url)?;
    if token.is_some() && !target.is_private() {
        return Err(Failure::usage(
            "an access token is sent over https only, or to this machine; give the https URL, or take away --token-file and \
             MCP_EDGE_TOKEN",
        ));
    }
    let visit = Visit::new(target, Client::new(timeout, token), leeway(file)?);
    let mut report = Report::new(&visit.target.url);
    progress.show("reachable");
    report.add("reachable", reachable::check(&visit));
    let is_there = reachable::is_endpoint(&visit);
    for check in CHECKS {
        progress.show(check.id);
        let found = match is_there {
            true => (check.look)(&visit),
            false => Err(Problem::Skipped),
        };
        report.add(check.id, found);
    }
    Ok(report)
}

/// `auth.leeway` of the configuration, where there is one.
fn leeway(file: &File) -> Result<Option<Duration>, Failure> {
    if !file.path().is_file() {
        return Ok(None);
    }
    // What is wrong with the file is not wrong with that server; `mcp-edge check` says it.
    let Ok(configuration) = file.read() else {
        return Ok(None);
    };
    let settings = file::settings(&configuration, file.env.as_deref())?;
    Ok(Some(file::decoded(settings)?.auth.leeway))
}
