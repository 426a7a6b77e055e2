//! Runs the commands of a page, in order, in one shell.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::markdown::{Block, Directive, Page};
use super::{folder, masked};
use crate::tally::Tally;
use crate::{host, process, say, scaffolded, setup, workspace};

/// The port that pages name. Their commands use a free one.
const PORT: &str = "8787";

/// Begins the lines that the script prints about a command. No program prints it.
const MARK: char = '\u{1e}';

/// How long a command in the background may take until it has printed what the page shows, in tenths of a second.
const PATIENCE: u32 = 6000;

/// A command, and what the page shows of its output.
struct Step<'a> {
    line: usize,
    command: String,
    shown: Vec<&'a str>,
    /// Of the last command of a block.
    directive: Option<&'a Directive>,
}

/// What a command has printed, and its exit status.
#[derive(Default)]
struct Outcome {
    printed: Vec<String>,
    status: Option<i32>,
}

pub(super) fn run(page: &Page, program: &Path) -> Result<Tally> {
    let folder = folder(page)?;
    let port = host::free_port()?.to_string();
    let aside = folder.with_extension("run");
    if aside.exists() {
        std::fs::remove_dir_all(&aside)?;
    }
    std::fs::create_dir_all(&aside)?;
    let mut script = String::from("exec 2>&1\n");
    let mut steps = Vec::new();
    for block in &page.blocks {
        if page.reason(block).is_some() {
            continue;
        }
        if let Some(Directive::File(name)) = &block.directive {
            let copy = aside.join(format!("file-{}", block.line));
            workspace::write(&copy, &block.text.replace(PORT, &port))?;
            writeln!(script, "mkdir -p \"$(dirname {name})\"")?;
            writeln!(script, "cp '{}' {name}", copy.display())?;
        }
        if block.is_console() {
            for step in steps_of(block).with_context(|| format!("{}:{}", page.path, block.line))? {
                let command = aside.join(format!("command-{}", steps.len()));
                let text = match step.command.as_str() {
                    // It names its port itself.
                    "mcp-edge dev" => format!("mcp-edge dev --port {port}"),
                    text => text.replace(PORT, &port),
                };
                workspace::write(&command, &text)?;
                add(&mut script, steps.len(), &step, &command)?;
                steps.push(step);
            }
        }
    }
    let path = aside.join("script");
    workspace::write(&path, &script)?;
    let mut shell = Command::new("bash");
    shell.arg(&path).current_dir(&folder);
    prepare(&mut shell, &folder, program, &port)?;

    let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
    let mut at = 0;
    process::run_lines(&mut shell, |line| match line.strip_prefix(MARK) {
        None => {
            let outcome: &mut Outcome = outcomes.entry(at).or_default();
            outcome.printed.push(line.to_owned());
        }
        Some(mark) => {
            let mut words = mark.split(' ').map(str::parse);
            if let Some(Ok(number)) = words.next() {
                at = usize::try_from(number).unwrap_or_default();
                let outcome = outcomes.entry(at).or_default();
                outcome.status = words.next().and_then(Result::ok);
            }
        }
    })?;
    let mut tally = Tally::default();
    for (number, step) in steps.iter().enumerate() {
        let outcome = outcomes.remove(&number).unwrap_or_default();
        tally += match step.judge(&outcome) {
            Ok(()) => Tally::PASSED,
            Err(error) => {
                say!("error: {}:{}: {error:#}", page.path, step.line);
                Tally::FAILED
            }
        };
    }
    Ok(tally)
}

/// Nothing of the account that runs this is read or written, and no network is used.
fn prepare(shell: &mut Command, folder: &Path, program: &Path, port: &str) -> Result<()> {
    let aside = folder.with_extension("run");
    let programs = aside.join("bin");
    std::fs::create_dir_all(&programs)?;
    let link = programs.join("mcp-edge");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(program, &link)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path)))?;
    let home = std::env::home_dir().context("there is no home directory")?;
    for (name, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        if std::env::var_os(name).is_none() {
            shell.env(name, home.join(default));
        }
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MCP_EDGE_") {
            shell.env_remove(name);
        }
    }
    workspace::forget_package(shell);
    setup::system::program("curl", &["curl"], "the pages of docs/ send requests with")?;
    let new_home = aside.join("home");
    std::fs::create_dir_all(&new_home)?;
    shell
        .env("PATH", path)
        .env("HOME", new_home)
        .env("CARGO_TARGET_DIR", workspace::target())
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .env("NO_COLOR", "1")
        .env("MCP_EDGE_LISTEN", format!("127.0.0.1:{port}"));
    scaffolded::use_profiles_of_workspace(folder.parent().unwrap_or(folder))
}

/// Adds a command: it runs in the script's own shell, so that `cd` and `export` last.
fn add(script: &mut String, number: usize, step: &Step<'_>, command: &Path) -> Result<()> {
    let command = command.display();
    writeln!(script, "printf '{MARK}{number}\\n'")?;
    if step.directive == Some(&Directive::Background) {
        // What does not differ from run to run at the beginning of the last line.
        let last = step.shown.iter().rfind(|line| line.trim() != "…");
        let varies = |letter: char| letter.is_ascii_digit() || "…'".contains(letter);
        let last = last.and_then(|line| line.split(varies).next());
        let last = last.unwrap_or_default();
        writeln!(
            script,
            "eval \"$(cat '{command}')\" > '{command}.log' 2>&1 < /dev/null &\n\
             for _ in $(seq {PATIENCE}); do\n\
             grep -qsF -- '{last}' '{command}.log' && break\n\
             kill -0 $! 2> /dev/null || break\n\
             sleep 0.1\n\
             done\n\
             cat '{command}.log'\n\
             printf '{MARK}{number} 0\\n'"
        )?;
        return Ok(());
    }
    writeln!(
        script,
        "eval \"$(cat '{command}')\" < /dev/null\nprintf '\\n{MARK}{number} %s\\n' $?"
    )?;
    if step.command.starts_with("mcp-edge new ") {
        // The versions that everything else is built with, so that little has to be compiled again.
        writeln!(
            script,
            "for made in Cargo.toml [!m]*/Cargo.toml m[!c]*/Cargo.toml; do [ -e \"$made\" ] && cp '{}' \"$(dirname \"$made\")\"; done",
            workspace::root().join("Cargo.lock").display()
        )?;
    }
    Ok(())
}

/// The commands of a block. A command continues in the next line while the shell finds it incomplete.
fn steps_of(block: &Block) -> Result<Vec<Step<'_>>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let is_output_shown = block.language == "console";
    for (number, line) in (block.line..).zip(block.text.lines()) {
        let is_incomplete = match steps.last() {
            Some(step) if step.shown.is_empty() => is_incomplete(&step.command)?,
            _ => false,
        };
        let start = match is_output_shown {
            true => line.strip_prefix("$ "),
            false => Some(line).filter(|line| !line.trim().is_empty()),
        };
        match (steps.last_mut(), start) {
            (Some(step), _) if is_incomplete => {
                step.command.push('\n');
                step.command.push_str(line);
            }
            (_, Some(start)) => steps.push(Step {
                line: number,
                command: start.to_owned(),
                shown: Vec::new(),
                directive: None,
            }),
            (Some(step), None) => step.shown.push(line),
            (None, None) => bail!("the block does not begin with `$ `"),
        }
    }
    if let Some(last) = steps.last_mut() {
        last.directive = block.directive.as_ref();
    }
    Ok(steps)
}

fn is_incomplete(command: &str) -> Result<bool> {
    if command.ends_with('\\') {
        return Ok(true);
    }
    let mut shell = Command::new("bash");
    let checked = shell.args(["-n", "-c", command]).output()?;
    Ok(!checked.status.success() || !checked.stderr.is_empty())
}

impl Step<'_> {
    /// An error unless the outcome is what the page shows. Without output on the page, only the exit status counts.
    fn judge(&self, outcome: &Outcome) -> Result<()> {
        let shown: Vec<&str> = trimmed(self.shown.iter().copied());
        let printed: Vec<&str> = trimmed(outcome.printed.iter().map(String::as_str));
        let differs = || {
            format!(
                "`{}` prints something else than the page shows:\n{}",
                self.command,
                printed.join("\n")
            )
        };
        if self.directive == Some(&Directive::Background) {
            anyhow::ensure!(masked::occur(&shown, &printed), "{}", differs());
            return Ok(());
        }
        let Some(status) = outcome.status else {
            bail!("`{}` did not run to its end", self.command);
        };
        let fails = self.directive == Some(&Directive::Fails);
        if (status == 0) == fails {
            bail!(
                "`{}` ends with status {status}:\n{}",
                self.command,
                printed.join("\n")
            );
        }
        anyhow::ensure!(
            shown.is_empty() || masked::agree(&shown, &printed),
            "{}",
            differs()
        );
        Ok(())
    }
}

/// Lines without empty ones at either end.
fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut lines: Vec<_> = lines.skip_while(|line| line.trim().is_empty()).collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::parse("a.md", text).expect("a page")
    }

    #[test]
    fn commands_may_have_several_lines() {
        let page =
            page("```console\n$ curl a \\\n    -d '{\n  }'\n{}\n$ cat <<END\n$ x\nEND\n$ x\n```\n");
        let steps = steps_of(&page.blocks[0]).expect("steps");
        let commands: Vec<_> = steps.iter().map(|step| step.command.as_str()).collect();
        assert_eq!(
            commands,
            ["curl a \\\n    -d '{\n  }'", "cat <<END\n$ x\nEND", "x"]
        );
        assert_eq!(steps[0].shown, ["{}"]);
    }

    #[test]
    fn output_and_status_must_be_those_of_the_page() {
        let page = page("<!-- fails -->\n```console\n$ a\none\n$ b\n```\n");
        let steps = steps_of(&page.blocks[0]).expect("steps");
        let outcome = |printed: &str, status| Outcome {
            printed: vec![printed.to_owned(), String::new()],
            status,
        };
        assert!(steps[0].judge(&outcome("one", Some(0))).is_ok());
        assert!(steps[0].judge(&outcome("two", Some(0))).is_err());
        assert!(steps[0].judge(&outcome("one", Some(1))).is_err());
        assert!(steps[1].judge(&outcome("any", Some(1))).is_ok());
        assert!(steps[1].judge(&outcome("any", Some(0))).is_err());
        assert!(steps[1].judge(&outcome("any", None)).is_err());
    }
}
