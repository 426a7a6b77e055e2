//! Compiles every OpenAPI document in a folder, and checks what holds for each compilation. `cargo xtask corpus` runs it.
//!
//! Usage: `mcp-edge-corpus FOLDER [SAMPLE]`, or `mcp-edge-corpus oracle TOOLS SETS PORT=DOCUMENT…`, which sends generated calls
//! to the Prism of each document, or `mcp-edge-corpus tokens FOLDER [PAGE]`, which prints how many tokens the tools of some take
//! and compares that with a page. The last line is the result; the exit code is 1 if a compilation panicked, failed, left
//! something out without a report, or made a request that Prism refuses, or if the page has other figures.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod invariants;
mod oracle;
mod parallel;
mod tokens;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mcp_edge_openapi::{Compilation, Document, Mistake, Request, ToolChange, compile};
use serde_json::Value;

/// Chooses the same documents in every run.
const SEED: u64 = 0x6d63_705f_6564_6765;
/// Its YAML has two operations under other methods than its JSON.
const DIFFERS: &str = "3.1/json/parameters-style.json";
/// Documents that are larger need more memory than a test should.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

#[derive(Default)]
struct Total {
    documents: usize,
    /// The documents without a problem.
    passed: usize,
    operations: usize,
    tools: usize,
    unmappable: usize,
    panics: usize,
    outputs: usize,
    strict: usize,
    input_bytes: usize,
    losses: BTreeMap<String, usize>,
    reasons: BTreeMap<String, usize>,
    problems: Vec<String>,
    slowest: (Duration, String),
}

fn main() -> ExitCode {
    let all: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = all.as_slice()
        && first == "oracle"
    {
        return oracle::main(rest);
    }
    if let [first, rest @ ..] = all.as_slice()
        && first == "tokens"
    {
        return tokens::main(rest);
    }
    let mut arguments = all.into_iter();
    let Some(folder) = arguments.next() else {
        eprintln!("usage: mcp-edge-corpus FOLDER [SAMPLE]");
        return ExitCode::FAILURE;
    };
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    if let Some(sample) = arguments.next() {
        let Ok(sample) = sample.parse() else {
            eprintln!("SAMPLE must be a number, got \"{sample}\"");
            return ExitCode::FAILURE;
        };
        choose(&mut files, sample);
    }
    let total = Mutex::new(Total::default());
    parallel::for_each(&files, |file| one(file, Path::new(&folder), &total));
    let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    total.print()
}

/// The documents in a folder and those within it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_small = entry.metadata().is_ok_and(|data| data.len() <= MAX_BYTES);
        if path.is_dir() {
            collect(&path, files);
        } else if is_small
            && path
                .extension()
                .is_some_and(|end| end == "json" || end == "yaml")
        {
            files.push(path);
        }
    }
}

/// Keeps some of the files, by a linear congruential generator.
fn choose(files: &mut Vec<PathBuf>, count: usize) {
    let mut state = SEED;
    while files.len() > count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let length = u64::try_from(files.len()).unwrap_or(u64::MAX);
        let index = usize::try_from((state >> 33) % length).unwrap_or_default();
        files.swap_remove(index);
    }
}

fn one(file: &Path, folder: &Path, total: &Mutex<Total>) {
    let name = file
        .strip_prefix(folder)
        .unwrap_or(file)
        .display()
        .to_string();
    let Ok(text) = std::fs::read_to_string(file) else {
        return;
    };
    // Documents of other specifications are in the same folders.
    let Ok(document) = serde_json::from_str::<Value>(&text) else {
        return;
    };
    if document.get("openapi").is_none() {
        return;
    }
    let mut request = Request::new(
        "api",
        vec![Document {
            name: name.clone(),
            text,
        }],
    );
    request.rules.allow = vec!["*".to_owned()];
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| unique(&mut request)));
    let time = start.elapsed();
    let lock = || total.lock().unwrap_or_else(PoisonError::into_inner);
    let compilation = match result {
        Err(_) => {
            let mut total = lock();
            total.documents += 1;
            total.panics += 1;
            total.problems.push(format!("{name}: it panicked"));
            return;
        }
        Ok(Err(mistakes)) => {
            let operations = invariants::operations(&document);
            let mut total = lock();
            total.documents += 1;
            total.operations += operations;
            // A document without operations has none that a rule could match.
            if operations == 0 {
                total.passed += 1;
            } else {
                let first = mistakes.first().map(ToString::to_string);
                total
                    .problems
                    .push(format!("{name}: {}", first.unwrap_or_default()));
            }
            return;
        }
        Ok(Ok(compilation)) => compilation,
    };
    let mut problems = invariants::problems(&request, &document, &compilation);
    problems.extend(twin(file, &request, &compilation));
    let mut total = lock();
    total.documents += 1;
    total.operations += invariants::operations(&document);
    total.tools += compilation.report.tools.len();
    total.unmappable += compilation.report.unmappable.len();
    for unmappable in &compilation.report.unmappable {
        *total.reasons.entry(kind(&unmappable.reason)).or_default() += 1;
    }
    for loss in compilation
        .report
        .tools
        .iter()
        .flat_map(|tool| &tool.losses)
    {
        *total.losses.entry(kind(&loss.text)).or_default() += 1;
    }
    for operation in &compilation.operations {
        total.input_bytes += operation.input.to_string().len();
        total.strict += usize::from(operation.strict_input.is_some());
        total.outputs += usize::from(matches!(
            operation.output,
            mcp_edge_catalog::Output::Schema { .. }
        ));
    }
    total.passed += usize::from(problems.is_empty());
    total.problems.extend(
        problems
            .into_iter()
            .map(|problem| format!("{name}: {problem}")),
    );
    if time > total.slowest.0 {
        total.slowest = (time, name);
    }
}

/// The problem of a document that is there as YAML too, and is not the same as that.
fn twin(file: &Path, request: &Request<'_>, compilation: &Compilation) -> Option<String> {
    if file.ends_with(DIFFERS) {
        return None;
    }
    let folder = file.parent()?;
    let name = file.with_extension("yaml");
    let twin = folder.parent()?.join("yaml").join(name.file_name()?);
    let text = std::fs::read_to_string(twin).ok()?;
    let mut request = Request {
        changes: request.changes.clone(),
        ..Request::new(
            "api",
            vec![Document {
                name: "twin.yaml".to_owned(),
                text,
            }],
        )
    };
    request.rules.allow = vec!["*".to_owned()];
    match compile(&request) {
        Ok(twin) if twin.operations == compilation.operations => None,
        Ok(_) => Some("its YAML becomes other tools".to_owned()),
        Err(mistakes) => mistakes
            .first()
            .map(|mistake| format!("its YAML: {mistake}")),
    }
}

/// Compiles, with a name for each tool whose own name another has.
fn unique(request: &mut Request<'_>) -> Result<Compilation, Vec<Mistake>> {
    let mistakes = match compile(request) {
        Err(mistakes) if mistakes.iter().all(|one| one.operations.len() == 2) => mistakes,
        result => return result,
    };
    for (index, mistake) in mistakes.iter().enumerate() {
        if let [_, second] = mistake.operations.as_slice() {
            request.changes.push(ToolChange {
                operation: second.clone(),
                name: Some(format!("tool_{index}")),
                ..ToolChange::default()
            });
        }
    }
    compile(request)
}

/// A sentence without the names and numbers in it.
fn kind(text: &str) -> String {
    let mut kind = String::new();
    let mut is_quoted = false;
    for char in text.chars() {
        match char {
            '"' | '`' => {
                is_quoted = !is_quoted;
                kind.push(char);
            }
            _ if is_quoted => {}
            '0'..='9' if kind.ends_with('N') => {}
            '0'..='9' => kind.push('N'),
            char => kind.push(char),
        }
    }
    let words: Vec<&str> = kind.split(' ').take(14).collect();
    words.join(" ")
}

impl Total {
    fn print(&self) -> ExitCode {
        for (title, counts) in [("losses", &self.losses), ("unmappable", &self.reasons)] {
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            println!("{title}:");
            for (text, count) in counts.iter().take(60) {
                println!("{count:>8}  {text}");
            }
        }
        for problem in self.problems.iter().take(50) {
            println!("problem: {problem}");
        }
        let (time, slowest) = &self.slowest;
        println!("slowest: {slowest} in {} ms", time.as_millis());
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
            println!("peak memory: {}", line.trim_start_matches("VmHWM:").trim());
        }
        println!(
            "{} output schemas, {} recursive inputs, {} bytes of input schema, {} problems",
            self.outputs,
            self.strict,
            self.input_bytes,
            self.problems.len()
        );
        println!(
            "{} passed, {} failed",
            self.passed,
            self.documents - self.passed
        );
        println!(
            "{} documents, {} operations: {} tools, {} unmappable, {} panics",
            self.documents, self.operations, self.tools, self.unmappable, self.panics
        );
        if self.problems.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
