//! What the host must have for a configuration, whether its own file has it, and the lines that it lacks.

mod difference;
mod edit;
mod finding;
mod jsonc;
mod native;
mod need;
mod spin;
mod workers;

use std::path::Path;

use mcp_edge_catalog::DEPLOYMENT;
use mcp_edge_config::Configuration;
use mcp_edge_runtime::config::Settings;
use serde_json::{Value as Json, json};
use toml_edit::{DocumentMut, Table, TomlError};

use super::host::Host;
use crate::byte_order_mark::split_marks;
use crate::catalog::DATA;
use crate::jsonc::{is_json, parsed as parsed_json};
use crate::output::Failure;
use crate::secret_file;
use crate::wrangler;
use edit::ShapeMismatch;
use finding::{Finding, State};
use need::Need;
use workers::Notation;

/// Where the file of the host is, and what is to be done with it.
pub(super) struct Place<'a> {
    /// The folder of `mcp.toml`.
    pub(super) folder: &'a Path,
    /// Another file than the host's usual one in that folder.
    pub(super) file: Option<&'a Path>,
    /// Whether to write what is missing.
    pub(super) fix: bool,
}

/// What was asked for.
struct Asked<'a> {
    needs: Vec<Need>,
    settings: &'static Settings,
    environment: Option<&'a str>,
    /// The file, as it was named.
    path: String,
}

impl Asked<'_> {
    /// The file cannot be added to.
    fn misshapen(&self, shape: &ShapeMismatch) -> Failure {
        Failure::check(format!("{}: {}; correct it", self.path, shape.0))
    }
}

/// What a look into a host's file came to.
struct FileReport {
    /// Which part of the file it was, if it has parts.
    part: String,
    found: Vec<Finding>,
    errors: Vec<String>,
    warnings: Vec<String>,
    /// What was made up for lack of better knowledge, and what else to know.
    notes: Vec<String>,
    /// What only a person with the secrets and the account can do.
    commands: Vec<String>,
}

impl FileReport {
    fn new(part: String) -> Self {
        Self {
            part,
            found: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            notes: Vec::new(),
            commands: Vec::new(),
        }
    }
}

/// What a host must have, and what of it is there.
pub(super) struct Needs {
    host: Host,
    /// The file that was looked into, if the host has one.
    path: Option<String>,
    looked: FileReport,
    /// By which lines the file differs from one in which nothing is missing.
    lines: Vec<String>,
    written: bool,
}

impl Needs {
    /// Looks into the file of `host`, and writes into it what is missing if that is asked for.
    pub(super) fn inspect(
        host: Host,
        place: &Place<'_>,
        configuration: &Configuration,
        environment: Option<&str>,
        settings: &'static Settings,
    ) -> Result<Self, Failure> {
        let path = match (place.file, host) {
            (Some(path), _) => path.to_owned(),
            (None, Host::Workers) => wrangler::file(place.folder),
            (None, _) => place.folder.join(spin::FILE),
        };
        let asked = Asked {
            needs: need::needs(configuration, environment, settings)?,
            settings,
            environment,
            path: path.display().to_string(),
        };
        if host == Host::Native {
            return Self::of_process(place, &asked);
        }
        match secret_file::read(&path)? {
            Some(old) => Self::of_file(host, place, &path, &old, &asked),
            None => Self::without_file(host, place, &asked),
        }
    }

    fn of_file(
        host: Host,
        place: &Place<'_>,
        path: &Path,
        old: &str,
        asked: &Asked<'_>,
    ) -> Result<Self, Failure> {
        let (looked, new) = if host == Host::Workers && is_json(path) {
            let before = parsed_json(&asked.path, old)?;
            let mut after = before.clone();
            let looked = workers::inspect(&mut after, folder(path), Notation::Json, asked)?;
            let new = jsonc::with_additions(&asked.path, old, &before, &after)?;
            (looked, new)
        } else {
            let (mark, toml) = split_marks(old);
            let mut document = parsed(&asked.path, toml)?;
            let printed = document.to_string();
            let looked = match host {
                Host::Spin => spin::inspect(document.as_table_mut(), asked)?,
                _ => {
                    let file = document.as_table_mut();
                    workers::inspect(file, folder(path), Notation::Toml, asked)?
                }
            };
            // What is printed ends its lines in one way, whatever the file does.
            let new = match document.to_string() {
                same if same == printed => old.to_owned(),
                new if old.contains("\r\n") => {
                    mark.to_owned() + &new.replace("\r\n", "\n").replace('\n', "\r\n")
                }
                new => mark.to_owned() + &new,
            };
            (looked, new)
        };
        let mut needs = Self {
            host,
            path: Some(asked.path.clone()),
            looked,
            lines: difference::lines(old, &new),
            written: false,
        };
        if place.fix && !needs.lines.is_empty() {
            secret_file::replace(path, &new)?;
            needs.written = true;
        }
        needs.judge(&asked.path);
        Ok(needs)
    }

    /// What is listed when there is nothing to look into.
    fn listed(host: Host, asked: &Asked<'_>) -> Result<FileReport, Failure> {
        let mut looked = match host {
            Host::Spin => spin::inspect(parsed(spin::FILE, spin::NOTHING)?.as_table_mut(), asked)?,
            _ => {
                let mut nothing = Table::new();
                workers::inspect(&mut nothing, Path::new(""), Notation::Toml, asked)?
            }
        };
        looked.notes.clear();
        looked.commands.clear();
        Ok(looked)
    }

    fn without_file(host: Host, place: &Place<'_>, asked: &Asked<'_>) -> Result<Self, Failure> {
        let sentence = format!("there is no {}; {}", asked.path, remedy(host, place, asked));
        if place.fix {
            return Err(Failure::usage(sentence));
        }
        let mut looked = Self::listed(host, asked)?;
        looked.errors.push(sentence);
        Ok(Self {
            host,
            path: Some(asked.path.clone()),
            looked,
            lines: Vec::new(),
            written: false,
        })
    }

    fn of_process(place: &Place<'_>, asked: &Asked<'_>) -> Result<Self, Failure> {
        if place.fix {
            return Err(Failure::usage(
                "a process has no file to write into; set the variables that `mcp-edge check --host native` lists",
            ));
        }
        Ok(Self {
            host: Host::Native,
            path: None,
            looked: native::inspect(asked, native::is_set),
            lines: Vec::new(),
            written: false,
        })
    }

    /// Says what is missing as errors, unless it has just been written.
    fn judge(&mut self, path: &str) {
        let FileReport {
            found,
            errors,
            warnings,
            ..
        } = &mut self.looked;
        for found in found {
            let (what, place) = (&found.what, &found.place);
            let why = found.why.join(" and ");
            match found.state {
                State::Missing | State::Advised(_) if self.written => found.state = State::Written,
                State::Missing => errors.push(format!(
                    "{path} lacks {what} in {place}, asked for by {why}; --fix writes it"
                )),
                State::Advised(without) => warnings.push(format!(
                    "{path} lacks {what} in {place}: the server works without it, and {without}; --fix writes it"
                )),
                State::Wrong => errors.push(format!(
                    "{path} has something else than {what} in {place}, asked for by {why}; correct it"
                )),
                _ => {}
            }
        }
    }

    pub(super) fn heading(&self) -> String {
        let place = [self.path.as_deref(), Some(self.looked.part.as_str())];
        let place: Vec<_> = place
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        match place.as_slice() {
            [] => format!("What {} needs", self.host.name()),
            place => format!("What {} needs ({})", self.host.name(), place.join(", ")),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = finding::text(&self.looked.found);
        let path = self.path.as_deref().unwrap_or_default();
        let written = match self.written {
            true => format!("Written into {path}:"),
            false => format!("--fix writes into {path}:"),
        };
        let lists = [
            (written, "", &self.lines),
            ("Of this:".to_owned(), "- ", &self.looked.notes),
            ("For you to do:".to_owned(), "$ ", &self.looked.commands),
        ];
        for (heading, mark, lines) in lists {
            if lines.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{heading}\n"));
            for line in lines {
                let line = format!("  {mark}{line}");
                text.push_str(&format!("{}\n", line.trim_end()));
            }
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "host": self.host.name(),
            "file": self.path,
            "part": self.looked.part,
            "needs": finding::json(&self.looked.found),
            "lines": self.lines,
            "written": self.written,
            "notes": self.looked.notes,
            "commands": self.looked.commands,
        })
    }

    pub(super) fn errors(&self) -> &[String] {
        &self.looked.errors
    }

    pub(super) fn warnings(&self) -> &[String] {
        &self.looked.warnings
    }
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// What `text` says. An error does not repeat the line, which may hold a secret.
/// What to do about a host's file that is not there. That of a gateway is in a folder of its own.
fn remedy(host: Host, place: &Place<'_>, asked: &Asked<'_>) -> String {
    if asked.settings.gateway.name.is_empty() {
        let page = host.name();
        return format!(
            "make one as docs/guide/{page}.md shows, or say with --host-file where it is"
        );
    }
    let file = |folder: &Path| match host {
        Host::Workers => wrangler::file(folder),
        _ => folder.join(spin::FILE),
    };
    let folder = match place.folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => place.folder,
    };
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut built: Vec<_> = folders
        .map(|entry| place.folder.join(entry.file_name()))
        .filter(|folder| folder.join(DATA).join(DEPLOYMENT).is_file() && file(folder).is_file())
        .collect();
    built.sort();
    match built.first() {
        Some(folder) => format!(
            "say --host-file {}, which `mcp-edge gateway build` has written",
            file(folder).display()
        ),
        None => format!(
            "write it with `mcp-edge gateway build --host {}`, and say with --host-file where it is",
            host.name()
        ),
    }
}

fn parsed(path: &str, text: &str) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|error: TomlError| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        Failure::check(format!("{path}, line {line}: {}", error.message()))
    })
}
