//! `cargo xtask dev`: `mcp-edge dev` for an example, with the tools that it needs.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;

use crate::host::{Host, check_for_dev};
use crate::{gateway, scaffolded, setup, workspace};

const HELP: &str = "\
Runs `mcp-edge dev` in the folder of an example.

Usage: cargo xtask dev [OPTIONS]

Options:
  --example NAME  A folder in examples/ or tests/ [default: fraud-rules]
  --host HOST     native, workers (on workerd, through `wrangler dev`) or spin (through `spin up`) [default: native]

Other options go to `mcp-edge dev`: `cargo run -p mcp-edge-cli -- dev --help` lists them.
";

/// Becomes `mcp-edge dev`, unless help was asked for.
pub fn main(mut arguments: lexopt::Parser) -> Result<ExitCode> {
    let (mut host, mut example) = (Host::Native, "fraud-rules".to_owned());
    let mut rest: Vec<OsString> = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("host") => host = arguments.value()?.parse()?,
            Long("example") => example = arguments.value()?.string()?,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            Long(name) => {
                rest.push(format!("--{name}").into());
                rest.extend(arguments.optional_value());
            }
            lexopt::Arg::Value(value) => rest.push(value),
            Short(_) => return Err(argument.unexpected().into()),
        }
    }
    check_for_dev(host)?;
    let folder = match workspace::root().join("examples").join(&example) {
        folder if folder.join("mcp.toml").is_file() => folder,
        _ => workspace::server(&example)?,
    };
    let mut program = scaffolded::program()?;
    if host == Host::Workers {
        setup::workers(&mut program)?;
    }
    program.current_dir(&folder);
    program
        .args(["dev", "--host", &host.to_string()])
        .args(rest);
    if !folder.join("Cargo.toml").is_file() {
        program
            .arg("--prebuilt")
            .arg(gateway::build_for_tests(host)?);
    }
    // In place of this process, so that one of both listens for Ctrl-C.
    Err(program.exec()).context("cannot start mcp-edge")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use anyhow::{Context, Result};
    use toml::{Table, Value};

    use super::*;

    /// The texts in the list at `path`.
    fn list<'a>(table: &'a Table, path: &[&str]) -> Vec<&'a str> {
        let mut found: Option<&Value> = None;
        for key in path {
            found = found.map_or_else(|| table.get(*key), |value| value.get(key));
        }
        let values = found.and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).collect()
    }

    #[test]
    fn hosts_build_again_when_the_configuration_changes() -> Result<()> {
        let mut servers = 0;
        for folder in ["examples", "tests"] {
            for entry in std::fs::read_dir(workspace::root().join(folder))? {
                let server = entry?.path();
                let (Ok(wrangler), Ok(spin)) = (
                    workspace::table(&server.join("wrangler.toml")),
                    workspace::table(&server.join("spin.toml")),
                ) else {
                    continue;
                };
                servers += 1;
                let name = server.file_name().and_then(OsStr::to_str);
                let name = name.context("a server has a name")?;
                let watched = [
                    list(&wrangler, &["build", "watch_dir"]),
                    list(&spin, &["component", name, "build", "watch"]),
                ];
                for watched in watched {
                    assert!(watched.contains(&"mcp.toml"), "{name}: {watched:?}");
                }
            }
        }
        assert!(servers >= 6, "{servers}");
        Ok(())
    }
}
