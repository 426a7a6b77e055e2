//! `mcp-edge new`: a server to begin with.

mod folder;
mod name;
mod template;

use std::path::{Path, PathBuf};

use serde_json::json;

use self::template::Values;
use crate::outcome::{DONE, Failure, Outcome};
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
    /// Build it on this checkout of mcp-edge instead of a release
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge new fraud-rules
  $ mcp-edge new fraud-rules --path ../mcp-edge";

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let name = arguments.name.as_str();
    name::check(name).map_err(Failure::usage)?;
    let mcp_edge = match &arguments.path {
        Some(checkout) => in_checkout(checkout)?,
        None => template::release(),
    };
    let files = template::render(&Values { name, mcp_edge });
    folder::make(Path::new(name), &files)?;
    Ok(made(name, &files))
}

/// The dependency on mcp-edge in `checkout`, as `Cargo.toml` has it.
fn in_checkout(checkout: &Path) -> Result<String, Failure> {
    let package = checkout.join("mcp-edge");
    if !package.join("Cargo.toml").is_file() {
        return Err(Failure::usage(format!(
            "{} is no checkout of mcp-edge: it has no mcp-edge/Cargo.toml; name the folder of the repository with --path",
            checkout.display()
        )));
    }
    let package = package
        .canonicalize()
        .map_err(|error| Failure::usage(format!("cannot find {}: {error}", package.display())))?;
    // Where JSON escapes a character, so does TOML, and the other way round but for control characters.
    let path = package
        .to_str()
        .filter(|path| !path.contains(char::is_control));
    path.map(|path| format!("{{ path = {} }}", json!(path)))
        .ok_or_else(|| {
            Failure::usage(format!(
                "Cargo.toml cannot name {}; move the checkout to a folder whose name is plain text",
                package.display()
            ))
        })
}

fn made(name: &str, files: &[template::File]) -> Outcome {
    let next = [
        format!("cd {name}"),
        "cargo test".to_owned(),
        "mcp-edge keys make --file keys".to_owned(),
        "MCP_EDGE_ENV=dev MCP_EDGE_KEYS=\"$(cat keys)\" cargo run".to_owned(),
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
    Outcome {
        text,
        json: json!({ "name": name, "folder": name, "files": paths, "next": next }),
        product: None,
        status: DONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_becomes_a_path_that_toml_understands() {
        let folder = tempfile::tempdir().unwrap();
        let checkout = folder.path().join("a \"checkout\" \\ of {{mcp-edge}}");
        std::fs::create_dir_all(checkout.join("mcp-edge")).unwrap();
        assert!(in_checkout(&checkout).is_err());
        std::fs::write(checkout.join("mcp-edge/Cargo.toml"), "").unwrap();
        let dependency = in_checkout(&checkout).unwrap();
        let read: toml::Table = format!("mcp-edge = {dependency}").parse().unwrap();
        let expected = checkout.join("mcp-edge").canonicalize().unwrap();
        assert_eq!(read["mcp-edge"]["path"].as_str(), expected.to_str());
    }
}
