//! Sends generated calls to Prism, which validates each request against the document that its tool was compiled from.

mod credentials;
mod faults;
mod http;
mod pattern;
mod random;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use mcp_edge_catalog::request::{BaseUrl, build};
use mcp_edge_catalog::{BodyContent, BodyForm, Encoding, Location, Operation, Source};
use mcp_edge_openapi::{Document, Request};
use mcp_edge_schema::Schema;
use serde_json::{Map, Value};

use self::credentials::Credentials;
use self::http::Response;
use self::random::Random;
use self::values::Choice;
use crate::parallel;

/// How often arguments are generated until they fit the schema and a request can carry them.
const MAX_TRIES: usize = 30;
/// The maximum number of refused requests that are shown.
const MAX_SHOWN: usize = 50;

/// A document, and the port of the Prism that serves it.
struct Served {
    path: PathBuf,
    port: u16,
}

#[derive(Default)]
struct Total {
    documents: usize,
    passed: usize,
    requests: usize,
    refused: usize,
    /// Generated values that were left out, by the fault of Prism that makes it misjudge them.
    left_out: BTreeMap<&'static str, usize>,
    problems: Vec<String>,
}

/// `TOOLS SETS PORT=DOCUMENT…`
pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let Some((tools, sets, documents)) = read(arguments) else {
        eprintln!("usage: mcp-edge-corpus oracle TOOLS SETS PORT=DOCUMENT...");
        return ExitCode::FAILURE;
    };
    let total = Mutex::new(Total::default());
    parallel::for_each(&documents, |served| {
        let of_one = one(served, tools, sets);
        let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
        total.add(of_one);
    });
    let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    total.print()
}

fn read(arguments: &[String]) -> Option<(usize, usize, Vec<Served>)> {
    let [tools, sets, documents @ ..] = arguments else {
        return None;
    };
    let documents = documents
        .iter()
        .map(|text| {
            let (port, path) = text.split_once('=')?;
            Some(Served {
                path: PathBuf::from(path),
                port: port.parse().ok()?,
            })
        })
        .collect::<Option<_>>()?;
    Some((tools.parse().ok()?, sets.parse().ok()?, documents))
}

/// What the requests of one document came to.
#[derive(Default)]
struct Outcome {
    name: String,
    tools: usize,
    requests: usize,
    refused: usize,
    /// Sets of arguments that no try has made valid.
    without_arguments: usize,
    /// Requests with a value of the wrong type, and those of them that Prism refuses as it should.
    wrong: usize,
    wrong_refused: usize,
    /// Generated values that were left out, by the fault of Prism that makes it misjudge them.
    left_out: BTreeMap<&'static str, usize>,
    problems: Vec<String>,
}

/// Calls the tools of one document.
fn one(served: &Served, tools: usize, sets: usize) -> Outcome {
    let mut outcome = Outcome {
        name: name(&served.path),
        ..Outcome::default()
    };
    if let Err(problem) = call_all(served, tools, sets, &mut outcome) {
        outcome.problems.push(problem);
    }
    if outcome.requests == 0 {
        outcome.problems.push("no request was sent".to_owned());
    }
    outcome
}

/// The file and the folders that tell it from others of its name.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().rev().take(3).collect();
    let parts: PathBuf = parts.into_iter().rev().collect();
    parts.display().to_string()
}

fn call_all(
    served: &Served,
    tools: usize,
    sets: usize,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let text = std::fs::read_to_string(&served.path).map_err(|error| error.to_string())?;
    let document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let credentials = Credentials::of(&document);
    let mut request = Request::new(
        "api",
        vec![Document {
            name: outcome.name.clone(),
            text,
        }],
    );
    request.rules.allow = vec!["*".to_owned()];
    let compilation = crate::unique(&mut request).map_err(|mistakes| {
        let first = mistakes.first().map(ToString::to_string);
        first.unwrap_or_default()
    })?;
    let base = format!("http://127.0.0.1:{}", served.port);
    let base = BaseUrl::parse(&base).map_err(|error| error.to_string())?;
    let labels = compilation.report.tools.iter().map(|tool| &tool.operation);
    let mut chosen: Vec<(&Operation, &String)> =
        compilation.operations.iter().zip(labels).collect();
    let mut random = Random::new(crate::SEED, &outcome.name);
    while chosen.len() > tools {
        chosen.swap_remove(random.below(chosen.len()));
    }
    outcome.tools = chosen.len();
    for (operation, label) in chosen {
        let mut tool = Tool {
            credentials: &credentials,
            operation,
            label,
            schema: Schema::compile(operation.strict_input.as_ref().unwrap_or(&operation.input))
                .map_err(|error| format!("{label}: {error}"))?,
            base: &base,
            port: served.port,
            random: Random::new(crate::SEED, label),
        };
        for set in 0..sets {
            let choice = match set {
                0 => Choice::Required,
                1 => Choice::All,
                _ => Choice::Some,
            };
            tool.call(choice, outcome)?;
        }
        tool.call_wrongly(outcome)?;
    }
    Ok(())
}

/// A tool, and what its calls need.
struct Tool<'a> {
    credentials: &'a Credentials,
    operation: &'a Operation,
    label: &'a str,
    schema: Schema,
    base: &'a BaseUrl,
    port: u16,
    random: Random,
}

impl Tool<'_> {
    /// Sends one call that is valid.
    fn call(&mut self, choice: Choice, outcome: &mut Outcome) -> Result<(), String> {
        let Some((arguments, request)) = self.request(choice, outcome) else {
            outcome.without_arguments += 1;
            return Ok(());
        };
        let response =
            http::send(self.port, &request).map_err(|error| format!("{}: {error}", self.label))?;
        outcome.requests += 1;
        if let Verdict::Refused(violation) = judge(&response) {
            let shown: String = String::from_utf8_lossy(&request)
                .chars()
                .take(900)
                .collect();
            outcome.refused += 1;
            outcome.problems.push(format!(
                "{}: {violation}\n    arguments: {}\n    request: {shown:?}",
                self.label,
                Value::Object(arguments),
            ));
        }
        Ok(())
    }

    /// Arguments that fit the schema, and their request.
    fn request(
        &mut self,
        choice: Choice,
        outcome: &mut Outcome,
    ) -> Option<(Map<String, Value>, Vec<u8>)> {
        for _ in 0..MAX_TRIES {
            let value = values::value(&self.operation.input, choice, &mut self.random);
            let Value::Object(mut arguments) = value else {
                continue;
            };
            let misjudged = faults::misjudged(self.operation, &arguments);
            for fault in misjudged.values().copied() {
                *outcome.left_out.entry(fault).or_default() += 1;
            }
            arguments.retain(|name, _| !misjudged.contains_key(name));
            let is_complete = self.schema.fits(&Value::Object(arguments.clone()));
            if !is_complete.unwrap_or(false) {
                continue;
            }
            let Some((head, request)) = self.written(&arguments) else {
                continue;
            };
            if let Some(fault) = faults::fatal(self.operation, &head) {
                *outcome.left_out.entry(fault).or_default() += 1;
                continue;
            }
            return Some((arguments, request));
        }
        None
    }

    /// The head of the request of a call, and the whole of it.
    fn written(&self, arguments: &Map<String, Value>) -> Option<(String, Vec<u8>)> {
        let request = build(self.operation, self.base, arguments, [7; 16]).ok()?;
        let target = request.uri().path_and_query()?.as_str();
        let target = self.credentials.target(target);
        let mut head = format!("{} {target} HTTP/1.1\r\n", request.method());
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        add("host", "127.0.0.1");
        add("connection", "close");
        add("content-length", &request.body().len().to_string());
        for name in &self.credentials.headers {
            add(name, "secret");
        }
        for (name, value) in request.headers() {
            add(name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?);
        }
        let mut bytes = head.clone().into_bytes();
        bytes.extend(b"\r\n");
        bytes.extend(request.body());
        Some((head, bytes))
    }

    /// Sends a value of the wrong type, so that a Prism that validates nothing is noticed.
    fn call_wrongly(&mut self, outcome: &mut Outcome) -> Result<(), String> {
        let wrong: Vec<String> = typed_arguments(self.operation);
        let (Some(name), Some((mut arguments, _))) = (
            self.random.pick(&wrong).cloned(),
            self.request(Choice::All, outcome),
        ) else {
            return Ok(());
        };
        arguments.insert(name, Value::from("neither-a-number-nor-a-boolean"));
        let Some((_, request)) = self.written(&arguments) else {
            return Ok(());
        };
        let response =
            http::send(self.port, &request).map_err(|error| format!("{}: {error}", self.label))?;
        outcome.wrong += 1;
        match judge(&response) {
            Verdict::Refused(_) => outcome.wrong_refused += 1,
            Verdict::Accepted => outcome.problems.push(format!(
                "{}: Prism accepts text for a number or a boolean: {:?}",
                self.label,
                String::from_utf8_lossy(&request).lines().next()
            )),
        }
        Ok(())
    }
}

/// The arguments that are a number or a boolean of the path, the query, a header or a JSON body.
fn typed_arguments(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter();
    let mut sources: Vec<&Source> = parameters
        // Prism validates no cookies, and no parameters with `content`.
        .filter(|parameter| {
            parameter.location != Location::Cookie && parameter.encoding != Encoding::Json
        })
        .map(|parameter| &parameter.source)
        .collect();
    if let Some(BodyContent::Members {
        members,
        form: BodyForm::Json,
    }) = operation.body.as_ref().map(|body| &body.content)
    {
        sources.extend(members.iter().map(|member| &member.source));
    }
    let names = sources.into_iter().filter_map(|source| match source {
        Source::Argument { name, .. } => Some(name),
        Source::Fixed(_) | Source::Absent => None,
    });
    names
        .filter(|name| {
            let kind = operation.input["properties"][*name]["type"].as_str();
            matches!(kind, Some("integer" | "number" | "boolean"))
        })
        .cloned()
        .collect()
}

/// What Prism finds of a request.
enum Verdict {
    Accepted,
    Refused(String),
}

/// Reads the verdict on a request from a response of Prism.
///
/// Each operation of Prism's document has one response, 200 without content: every other response is about the request.
fn judge(response: &Response) -> Verdict {
    if response.status == 200 {
        return Verdict::Accepted;
    }
    let problem: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let listed = problem["validation"].as_array();
    let found = violations(listed.into_iter().flatten());
    let title = problem["title"].as_str().unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or_default();
    let text = if found.is_empty() { detail } else { &found };
    Verdict::Refused(format!("{} {title}: {text}", response.status))
}

/// The violations that are errors, as text.
fn violations<'v>(listed: impl Iterator<Item = &'v Value>) -> String {
    let errors = listed.filter(|one| one["severity"] == "Error");
    let texts: Vec<String> = errors
        .map(|one| {
            format!(
                "{}: {}",
                one["location"],
                one["message"].as_str().unwrap_or_default()
            )
        })
        .collect();
    texts.join("; ")
}

impl Total {
    fn add(&mut self, outcome: Outcome) {
        self.documents += 1;
        self.requests += outcome.requests;
        self.refused += outcome.refused;
        self.passed += usize::from(outcome.problems.is_empty());
        println!(
            "{}: {} tools, {} requests, {} refused, {} sets without arguments, {} of {} wrong requests refused",
            outcome.name,
            outcome.tools,
            outcome.requests,
            outcome.refused,
            outcome.without_arguments,
            outcome.wrong_refused,
            outcome.wrong
        );
        for (fault, count) in outcome.left_out {
            *self.left_out.entry(fault).or_default() += count;
        }
        self.problems.extend(
            outcome
                .problems
                .into_iter()
                .map(|problem| format!("{}: {problem}", outcome.name)),
        );
    }

    fn print(&self) -> ExitCode {
        for (fault, count) in &self.left_out {
            println!("{count:>8} generated values left out: {fault}");
        }
        for problem in self.problems.iter().take(MAX_SHOWN) {
            println!("problem: {problem}");
        }
        println!(
            "{} passed, {} failed",
            self.passed,
            self.documents - self.passed
        );
        println!(
            "{} documents, {} requests: {} refused by Prism",
            self.documents, self.requests, self.refused
        );
        if self.problems.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
