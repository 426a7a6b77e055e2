//! The pages of `docs/` and the README: their commands run and print what the page shows, their links lead somewhere, and their
//! headings have the words that readers search for.

mod links;
mod markdown;
mod masked;
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::tally::Tally;
use crate::{process, say, workspace};
use markdown::Page;

/// The commands of these run.
const RUN: [&str; 3] = ["README.md", "docs/guide", "docs/reference"];

/// What readers search for; some heading of the guide has each.
const TOPICS: [&str; 15] = [
    "authentication",
    "testing",
    "logging",
    "timeout",
    "retry",
    "docker",
    "health check",
    "cors",
    "inspector",
    "claude",
    "rate limit",
    "gdpr",
    "key rotation",
    "upgrade",
    "troubleshooting",
];

const HELP: &str = "\
Runs the commands of pages and compares what they print, and checks links and headings of all pages.

Usage: cargo xtask pages [PAGE…]

Without a page, all of them. A page's folder is kept in target/pages. A comment before a block says how it is run:

  <!-- file: NAME -->        the block is the contents of a file
  <!-- in the background --> the last command runs until the page ends; the page shows its first lines
  <!-- fails -->             the last command has another exit status than 0
  <!-- not run: REASON -->   the block is not run; before the first heading: no block of the page is

A line `…` in the output stands for any lines, and `…` in a line for any text.
";

/// `cargo xtask pages`.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let mut wanted = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            lexopt::Arg::Value(page) => wanted.push(page.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let build = ["build", "--quiet", "--package", "mcp-edge-cli"];
    process::run(&mut workspace::cargo(&build))?;
    let tally = check(&workspace::target().join("debug/mcp-edge"), &wanted)?;
    say!("{tally}");
    Ok(match tally.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Checks all pages, and runs the commands of those in `wanted`, or of all, with the program `mcp-edge`.
pub(crate) fn check(program: &Path, wanted: &[String]) -> Result<Tally> {
    let pages = pages()?;
    let mut tally = Tally::of_found(&links::broken(&pages)?);
    tally += Tally::of_found(&without_heading(&pages));
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for page in &pages {
        if !is_run(&page.path) || !(wanted.is_empty() || wanted.contains(&page.path)) {
            continue;
        }
        for block in page.blocks.iter().filter(|block| block.is_console()) {
            if let Some(reason) = page.reason(block) {
                *reasons.entry(reason).or_default() += 1;
            }
        }
        if page.runs() {
            say!("{}", page.path);
            tally += script::run(page, program)?;
        }
    }
    let count: usize = reasons.values().sum();
    say!("{count} blocks are not run:");
    for (reason, count) in reasons {
        say!("{count:>4}  {reason}");
    }
    Ok(tally)
}

/// Whether the commands of a page run.
fn is_run(path: &str) -> bool {
    RUN.iter().any(|place| path.starts_with(place))
}

/// Every tracked page, except those that become pages of a user's repository.
fn pages() -> Result<Vec<Page>> {
    let mut list = workspace::git(&["ls-files", "--cached", "--others", "--exclude-standard"]);
    let files = process::output(list.args(["*.md", "llms.txt"]))?;
    files
        .lines()
        .filter(|path| !path.starts_with("templates/") && workspace::root().join(path).exists())
        .map(|path| Page::read(path).with_context(|| path.to_owned()))
        .collect()
}

/// The topics that no heading of a page in `docs/` has.
fn without_heading(pages: &[Page]) -> Vec<String> {
    let headings: Vec<String> = pages
        .iter()
        .filter(|page| page.path.starts_with("docs/"))
        .flat_map(|page| page.headings.iter().map(|heading| heading.to_lowercase()))
        .collect();
    TOPICS
        .iter()
        .filter(|topic| !headings.iter().any(|heading| heading.contains(*topic)))
        .map(|topic| format!("no heading in docs/ has `{topic}`\n"))
        .collect()
}

/// The folder that a page's commands begin in, empty but for this checkout under the name `mcp-edge`.
fn folder(page: &Page) -> Result<PathBuf> {
    let name = page.path.replace('/', "-");
    let folder = workspace::target_folder("pages")?.join(name.trim_end_matches(".md"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder)?;
    std::os::unix::fs::symlink(workspace::root(), folder.join("mcp-edge"))?;
    ensure!(folder.is_dir(), "{} is no folder", folder.display());
    Ok(folder)
}
