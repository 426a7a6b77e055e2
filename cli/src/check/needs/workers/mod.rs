//! Wrangler's file: what a Worker finds there, and what is missing.

mod local;
mod names;
mod routes;
mod section;

use std::path::Path;

use mcp_edge_runtime::config::{ENVIRONMENT_VARIABLE, RateLimit};
use toml_edit::{InlineTable, Item, Table, Value};

use super::edit::{self, ShapeMismatch};
use super::finding::{Finding, State};
use super::need::{Need, NeedKind};
use super::{Asked, FileReport};
use crate::check::host::Host;
use crate::output::Failure;
use local::Local;
use section::Section;

pub(super) use section::Notation;

/// The list of flags of the platform, and the one with which it tells a Worker that the caller has left.
const FLAGS: &str = "compatibility_flags";
const REQUEST_SIGNAL: &str = "enable_request_signal";

/// The binding of the outbox, as the adapter knows it.
const OUTBOX: &str = "MCP_EDGE_OUTBOX";
/// As often as a queue can be asked to hand a message out again.
const MAX_RETRIES: i64 = 100;

/// Looks for everything that is needed, and adds to `file` what is not there.
pub(super) fn inspect(
    file: &mut Table,
    folder: &Path,
    notation: Notation,
    asked: &Asked<'_>,
) -> Result<FileReport, Failure> {
    let section = Section::of(file, asked.environment, notation);
    let local = Local::of(folder, &section)?;
    // Wrangler deploys nothing without a name.
    let worker = section.worker(file).unwrap_or_else(|| "server".to_owned());
    let mut looked = FileReport::new(match section.path(&[]).is_empty() {
        true => String::new(),
        false => section.heading(&[]),
    });
    looked.warnings.extend(routes::warnings(
        &asked.path,
        file,
        &section,
        asked.settings,
    ));
    looked
        .warnings
        .extend(other_environment(file, &section, asked));
    let mut worker = Worker {
        path: &asked.path,
        file,
        section,
        local,
        worker,
        only_here: asked
            .settings
            .issuers
            .iter()
            .any(|issuer| issuer.development),
        looked,
    };
    for need in &asked.needs {
        worker.need(need).map_err(|shape| asked.misshapen(&shape))?;
    }
    worker
        .request_signal()
        .map_err(|shape| asked.misshapen(&shape))?;
    Ok(worker.looked)
}

/// The top of the file says which environment it runs, and none was asked for.
fn other_environment(file: &Table, section: &Section, asked: &Asked<'_>) -> Option<String> {
    let runs = section.variable(file, ENVIRONMENT_VARIABLE)?;
    (asked.environment.is_none() && !runs.is_empty()).then(|| {
        let path = &asked.path;
        format!("{path} runs the environment {runs}: check it with --env {runs}")
    })
}

struct Worker<'a> {
    /// The file, as it was named.
    path: &'a str,
    file: &'a mut Table,
    section: Section,
    local: Local,
    /// The name that it is deployed under.
    worker: String,
    /// The server does not start but on a developer's machine.
    only_here: bool,
    looked: FileReport,
}

impl Worker<'_> {
    fn need(&mut self, need: &Need) -> Result<(), ShapeMismatch> {
        match &need.what {
            NeedKind::Environment(name) => self.environment(need, name),
            NeedKind::Secret(name) => {
                self.secret(need, name);
                Ok(())
            }
            NeedKind::Variable(name) => self.variable(need, name),
            NeedKind::Rate(rate) => match (Host::Workers.guarantee(rate), rate.binding) {
                (Ok(_), Some(binding)) => self.rate(need, rate, binding),
                // The check of rates says why.
                _ => Ok(()),
            },
            NeedKind::Queue(binding) => self.producer(need, binding, binding).map(drop),
            NeedKind::Bucket(binding) => self.bucket(need, binding),
            NeedKind::KeyValue(binding) => self.namespace(need, binding),
            NeedKind::Service(binding) => self.service(need, binding),
            NeedKind::Outbox => self.outbox(need),
            // A Worker may send requests to any host, and every location has a cache.
            NeedKind::Origin(_) | NeedKind::Cache => Ok(()),
        }
    }

    fn environment(&mut self, need: &Need, name: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["vars", ENVIRONMENT_VARIABLE]);
        let mut place = self.section.heading(&["vars"]);
        let state = match edit::get(self.file, &path) {
            None if self.only_here && self.local.has(ENVIRONMENT_VARIABLE) => {
                place.clone_from(&self.local.file);
                State::There
            }
            None => {
                edit::set(self.file, &path, name)?;
                State::Missing
            }
            Some(item) if item.as_str() == Some(name) => State::There,
            Some(_) => State::Wrong,
        };
        self.add(
            need,
            format!("variable {ENVIRONMENT_VARIABLE} = {name:?}"),
            place,
            state,
        );
        Ok(())
    }

    fn secret(&mut self, need: &Need, name: &str) {
        let vars = self.section.heading(&["vars"]);
        let in_the_open = self.section.variable(self.file, name);
        if in_the_open.is_some_and(|value| !value.is_empty()) {
            self.looked.warnings.push(format!(
                "{vars} of {} has {name}, which is a secret: every reader of the file knows it. Remove it, make a \
                 new one, and store that with `wrangler secret put`",
                self.path
            ));
        }
        let (place, state) = match (self.only_here, self.local.has(name)) {
            (true, true) => (self.local.file.clone(), State::There),
            (true, false) => (self.local.file.clone(), State::ToSet),
            (false, _) => {
                let command = format!("wrangler secret put {name}{}", self.section.option());
                self.looked.commands.push(command);
                ("wrangler secret".to_owned(), State::ToSet)
            }
        };
        self.add(need, format!("secret {name}"), place, state);
    }

    fn variable(&mut self, need: &Need, name: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["vars", name]);
        let required = self.section.path(&["secrets", "required"]);
        let mut place = self.section.heading(&["vars"]);
        let state = match edit::get(self.file, &path) {
            Some(item) if item.as_str() == Some("") => State::Empty,
            Some(_) => State::There,
            None if self.only_here && self.local.has(name) => {
                place.clone_from(&self.local.file);
                State::There
            }
            None if edit::texts(self.file, &required).contains(&name) => {
                "wrangler secret".clone_into(&mut place);
                State::ToSet
            }
            None => {
                edit::set(self.file, &path, "")?;
                self.looked.notes.push(format!(
                    "{name} is empty, since only you know its value; the server does not start before it has one"
                ));
                State::Missing
            }
        };
        if state == State::Empty {
            self.looked.warnings.push(format!(
                "{name} in {place} of {} is empty, and the server does not start without it ({})",
                self.path,
                need.why.join(", ")
            ));
        }
        self.add(need, format!("variable {name}"), place, state);
        Ok(())
    }

    fn rate(&mut self, need: &Need, rate: &RateLimit, binding: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["ratelimits"]);
        let (calls, period) = (
            i64::from(rate.calls.unwrap_or_default()),
            rate.period.as_secs(),
        );
        let period = i64::try_from(period).unwrap_or(i64::MAX);
        let limits = edit::entries(self.file, &path);
        let there = limits
            .iter()
            .find(|limit| edit::text_in(**limit, "name") == Some(binding));
        let numbers = there.and_then(|limit| {
            let simple = limit.get("simple")?.as_table_like()?;
            let number = |key| simple.get(key)?.as_integer();
            Some((number("limit")?, number("period")?))
        });
        let unsafe_bindings = edit::entries(self.file, &self.section.path(&["unsafe", "bindings"]));
        let is_there = there.is_some()
            || unsafe_bindings.iter().any(|other| {
                edit::text_in(*other, "name") == Some(binding)
                    && edit::text_in(*other, "type") == Some("ratelimit")
            });
        if let Some((limit, seconds)) = numbers.filter(|numbers| *numbers != (calls, period)) {
            self.looked.warnings.push(format!(
                "rate `{}` allows {calls} calls in {period}s, and {binding} in {} {limit} in {seconds}s, which is \
                 what holds; make them equal",
                rate.name, self.path
            ));
        }
        if !is_there {
            let mut simple = InlineTable::new();
            simple.insert("limit", calls.into());
            simple.insert("period", period.into());
            let mut entry = Table::new();
            entry.insert("name", text(binding));
            entry.insert(
                "namespace_id",
                text(&names::namespace(&self.worker, binding)),
            );
            entry.insert("simple", Item::Value(Value::InlineTable(simple)));
            let comment = format!("What the rate `{}` of mcp.toml counts with.", rate.name);
            edit::push_entry(self.file, &path, entry, &comment)?;
            self.looked.notes.push(format!(
                "the namespace_id of {binding} is made from the Worker's name; any number will do that no other Worker of the account has"
            ));
        }
        let place = self.section.entry(&["ratelimits"]);
        self.add(
            need,
            format!("rate limiter {binding}"),
            place,
            there_if(is_there),
        );
        Ok(())
    }

    /// The queue that `binding` writes to; one that is not there is called after `purpose`.
    fn producer(
        &mut self,
        need: &Need,
        binding: &str,
        purpose: &str,
    ) -> Result<String, ShapeMismatch> {
        let path = self.section.path(&["queues", "producers"]);
        let producers = edit::entries(self.file, &path);
        let there = producers
            .iter()
            .find(|producer| edit::text_in(**producer, "binding") == Some(binding));
        let queue = there.map(|producer| {
            edit::text_in(*producer, "queue")
                .unwrap_or_default()
                .to_owned()
        });
        let is_there = queue.is_some();
        let queue = queue.unwrap_or_else(|| names::derived(&self.worker, purpose));
        if !is_there {
            let mut entry = Table::new();
            entry.insert("binding", text(binding));
            entry.insert("queue", text(&queue));
            edit::push_entry(self.file, &path, entry, &asked_by(need))?;
            self.made_up("queue", &queue);
            self.looked
                .commands
                .push(format!("wrangler queues create {queue}"));
        }
        let place = self.section.entry(&["queues", "producers"]);
        self.add(need, format!("queue {binding}"), place, there_if(is_there));
        Ok(queue)
    }

    /// Whether an entry of the list at `path` has this binding.
    fn is_bound(&self, path: &[&str], binding: &str) -> bool {
        let entries = edit::entries(self.file, path);
        (entries.iter()).any(|entry| edit::text_in(*entry, "binding") == Some(binding))
    }

    fn bucket(&mut self, need: &Need, binding: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["r2_buckets"]);
        let is_there = self.is_bound(&path, binding);
        if !is_there {
            let name = names::derived(&self.worker, binding);
            let mut entry = Table::new();
            entry.insert("binding", text(binding));
            entry.insert("bucket_name", text(&name));
            edit::push_entry(self.file, &path, entry, &asked_by(need))?;
            self.made_up("bucket", &name);
            self.looked
                .commands
                .push(format!("wrangler r2 bucket create {name}"));
        }
        let place = self.section.entry(&["r2_buckets"]);
        self.add(need, format!("bucket {binding}"), place, there_if(is_there));
        Ok(())
    }

    fn namespace(&mut self, need: &Need, binding: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["kv_namespaces"]);
        let is_there = self.is_bound(&path, binding);
        if !is_there {
            let mut entry = Table::new();
            entry.insert("binding", text(binding));
            edit::push_entry(self.file, &path, entry, &asked_by(need))?;
            self.looked.notes.push(format!(
                "the namespace of {binding} has no id: `wrangler deploy` creates one, or write the id of one that is there"
            ));
        }
        let place = self.section.entry(&["kv_namespaces"]);
        self.add(
            need,
            format!("KV namespace {binding}"),
            place,
            there_if(is_there),
        );
        Ok(())
    }

    fn service(&mut self, need: &Need, binding: &str) -> Result<(), ShapeMismatch> {
        let path = self.section.path(&["services"]);
        let is_there = self.is_bound(&path, binding);
        if !is_there {
            let name = binding.to_ascii_lowercase().replace('_', "-");
            let mut entry = Table::new();
            entry.insert("binding", text(binding));
            entry.insert("service", text(&name));
            edit::push_entry(self.file, &path, entry, &asked_by(need))?;
            self.looked.notes.push(format!(
                "the service of {binding} is called {name} after its binding; write the name of the Worker that has the API"
            ));
        }
        let place = self.section.entry(&["services"]);
        self.add(
            need,
            format!("service {binding}"),
            place,
            there_if(is_there),
        );
        Ok(())
    }

    /// One queue that the Worker both writes to and reads from.
    fn outbox(&mut self, need: &Need) -> Result<(), ShapeMismatch> {
        let queue = self.producer(need, OUTBOX, "outbox")?;
        let path = self.section.path(&["queues", "consumers"]);
        let consumers = edit::entries(self.file, &path);
        let there = consumers
            .iter()
            .find(|consumer| edit::text_in(**consumer, "queue") == Some(queue.as_str()));
        let is_there = there.is_some();
        let retries = there.map(|consumer| consumer.get("max_retries").and_then(Item::as_integer));
        if retries.is_some_and(|retries| retries.is_none_or(|retries| retries < MAX_RETRIES)) {
            self.looked.warnings.push(format!(
                "the consumer of {queue} in {} gives events up before a queue would; let it say max_retries = {MAX_RETRIES}",
                self.path
            ));
        }
        if !is_there {
            let undelivered = names::derived(&self.worker, "undelivered");
            let mut entry = Table::new();
            entry.insert("queue", text(&queue));
            entry.insert("max_retries", Item::Value(MAX_RETRIES.into()));
            entry.insert("dead_letter_queue", text(&undelivered));
            edit::push_entry(self.file, &path, entry, "The Worker takes them out again.")?;
            self.made_up("queue", &undelivered);
            self.looked
                .commands
                .push(format!("wrangler queues create {undelivered}"));
        }
        let place = self.section.entry(&["queues", "consumers"]);
        self.add(
            need,
            format!("consumer of {queue}"),
            place,
            there_if(is_there),
        );
        Ok(())
    }

    /// Whether a request says that its caller has left, which Workers notice by a flag only.
    fn request_signal(&mut self) -> Result<(), ShapeMismatch> {
        let own = self.section.path(&[FLAGS]);
        // An environment inherits the list of the file, and has its own in place of it.
        let path = match edit::get(self.file, &own) {
            Some(_) => own,
            None => vec![FLAGS],
        };
        let state = match edit::texts(self.file, &path).contains(&REQUEST_SIGNAL) {
            true => State::There,
            false => {
                edit::push_text(self.file, &path, REQUEST_SIGNAL)?;
                State::Advised("a request whose caller leaves has no event")
            }
        };
        let place = path.join(".");
        self.looked.found.push(Finding {
            what: format!("compatibility flag {REQUEST_SIGNAL}"),
            why: vec!["events of requests whose caller leaves".to_owned()],
            place,
            state,
        });
        Ok(())
    }

    fn made_up(&mut self, kind: &str, name: &str) {
        self.looked.notes.push(format!(
            "the {kind} {name} is called after the Worker; another name will do as well"
        ));
    }

    fn add(&mut self, need: &Need, what: String, place: String, state: State) {
        self.looked.found.push(Finding {
            what,
            why: need.why.clone(),
            place,
            state,
        });
    }
}

fn there_if(is_there: bool) -> State {
    match is_there {
        true => State::There,
        false => State::Missing,
    }
}

fn text(text: &str) -> Item {
    Item::Value(text.into())
}

fn asked_by(need: &Need) -> String {
    format!("What {} of mcp.toml asks for.", need.why.join(" and "))
}
