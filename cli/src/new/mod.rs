//! `mcp-edge new`: a server to begin with.

pub(crate) mod folder;
mod name;
mod scaffold;
mod source;

use std::path::{Path, PathBuf};

use serde_json::json;

use self::scaffold::Values;
use crate::output::{CommandOutput, DONE, Failure};
use crate::style::{HEADING, styled};

/// Makes a new server in a folder of its name
///
/// It has one tool, one test, and what each host needs to build and run it: a process, Cloudflare Workers and Spin.
/// Everything is made or nothing, and no file that is there is touched.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What the server and its folder are called: words of lower-case letters and digits, with hyphens between
    name: String,
    /// The checkout of mcp-edge that it is built on; its files name it relative to its folder
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// The git repository of mcp-edge that it is built on
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    git: Option<String>,
    /// The commit, tag or branch of the repository [default: its default branch]
    #[arg(long, value_name = "REV", requires = "git", conflicts_with = "path")]
    rev: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge new fraud-rules --path mcp-edge
  $ mcp-edge new fraud-rules --git https://git.example.com/mcp-edge --rev 5f3a9c1";

pub(crate) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let name = arguments.name.as_str();
    name::check(name).map_err(Failure::usage)?;
    let source = match (&arguments.path, &arguments.git) {
        (Some(checkout), _) => source::checkout(checkout, Path::new(name))?,
        (None, Some(url)) => source::repository(url, arguments.rev.as_deref())?,
        (None, None) => {
            return Err(Failure::usage(
                "there is no release of mcp-edge yet; name what the server is built on: a checkout with --path DIR, or a git repository \
                 with --git URL",
            ));
        }
    };
    let files = scaffold::render(&Values { name, source });
    let texts: Vec<_> = files.iter().map(|file| (file.path, &*file.text)).collect();
    folder::make(Path::new(name), &texts)?;
    Ok(made(name, &files))
}

fn made(name: &str, files: &[scaffold::File]) -> CommandOutput {
    let next = [
        format!("cd {name}"),
        "cargo test".to_owned(),
        "mcp-edge dev".to_owned(),
    ];
    let paths: Vec<_> = files.iter().map(|file| file.path).collect();
    let mut text = format!(
        "{} is a server with one tool and one test.\n\n",
        styled(HEADING, name)
    );
    for line in &next {
        text.push_str(&format!("  $ {line}\n"));
    }
    text.push_str("\nIts README.md says how it runs on Workers and on Spin.\n");
    CommandOutput {
        text,
        json: json!({ "name": name, "folder": name, "files": paths, "next": next }),
        product: None,
        status: DONE,
    }
}
