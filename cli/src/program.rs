//! The command line.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use mcp_edge_clients::visible::{visible_except, visible_json};
use serde_json::json;

use crate::output::{CommandOutput, Failure, USAGE};
use crate::progress::Progress;
use crate::style::{BAD, LINES, fit_for_a_terminal, styled};
use crate::{
    audit, card, check, client, completions, connect, dev, doctor, explain, gateway, keys, live,
    manifest, new, token,
};

/// Makes an mcp-edge server, checks its configuration and its log, says what it publishes and what is wrong with it, adds it to
/// MCP clients, explains access tokens, and makes keys and tokens
#[derive(Parser)]
#[command(name = "mcp-edge", version, after_help = STATUSES, disable_help_subcommand = true)]
struct Arguments {
    /// Answer with one JSON object on standard output
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

const STATUSES: &str = "\
Exit status:
  0  done, and everything that was checked is as it should be
  1  a check failed
  2  the command could not be carried out as it was given
  3  nothing contradicts a log, and not all of it is proven";

#[derive(Subcommand)]
enum Command {
    Audit(audit::Arguments),
    Call(client::Call),
    Card(card::Arguments),
    Check(check::Arguments),
    Completions(completions::Arguments),
    Connect(connect::Arguments),
    Dev(dev::Arguments),
    Doctor(doctor::Arguments),
    Explain(explain::Arguments),
    Gateway(gateway::Arguments),
    Keys(keys::Arguments),
    Live(live::Arguments),
    Manifest(manifest::Arguments),
    New(new::Arguments),
    Prompt(client::Prompt),
    Read(client::Read),
    Token(token::Arguments),
    Tools(client::Tools),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_for_people = !arguments.json;
    let progress = Progress::new(is_for_people);
    let result = match &arguments.command {
        // Its standard output is a stream of requests.
        Command::Dev(dev) => match dev::run(dev, arguments.json) {
            Ok(status) => return ExitCode::from(status),
            Err(failure) => Err(failure),
        },
        Command::Audit(arguments) => audit::run(arguments),
        Command::Call(arguments) => client::call(arguments),
        Command::Card(arguments) => card::run(arguments, &progress),
        Command::Check(arguments) => check::run(arguments, &progress),
        Command::Completions(arguments) => completions::run(arguments, Arguments::command()),
        Command::Connect(arguments) => connect::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments, &progress),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Gateway(arguments) => gateway::run(arguments, is_for_people),
        Command::Keys(arguments) => keys::run(arguments),
        Command::Live(arguments) => live::run(arguments, &progress),
        Command::Manifest(arguments) => manifest::run(arguments, &progress),
        Command::New(arguments) => new::run(arguments),
        Command::Prompt(arguments) => client::prompt(arguments),
        Command::Read(arguments) => client::read(arguments),
        Command::Token(arguments) => token::run(arguments),
        Command::Tools(arguments) => client::tools(arguments),
    };
    let written = match &result {
        Ok(outcome) => write_outcome(outcome, arguments.json),
        Err(failure) => write_failure(failure, arguments.json),
    };
    match (result, written) {
        // Broken pipe: the reader closed it.
        (_, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        (_, Err(_)) => ExitCode::from(USAGE),
        (Ok(outcome), Ok(())) => ExitCode::from(outcome.status),
        (Err(failure), Ok(())) => ExitCode::from(failure.status),
    }
}

fn write_outcome(outcome: &CommandOutput, json: bool) -> io::Result<()> {
    let mut out = anstream::stdout();
    if json {
        return writeln!(out, "{}", visible_json(&format!("{:#}", outcome.json)));
    }
    // What comes from outside has been escaped whole where it was put in; this leaves nothing invisible in what was not.
    let text = fit_for_a_terminal(&outcome.text);
    match &outcome.product {
        None => write!(out, "{text}"),
        Some(product) => {
            write!(anstream::stderr(), "{text}")?;
            // Comma-separated values have line ends of their own, the last one included.
            match product.ends_with("\r\n") {
                true => write!(out, "{product}"),
                false => writeln!(out, "{}", product.trim_end()),
            }
        }
    }
}

fn write_failure(failure: &Failure, json: bool) -> io::Result<()> {
    if json {
        let error = json!({ "error": failure.sentence });
        return writeln!(
            anstream::stdout(),
            "{}",
            visible_json(&format!("{error:#}"))
        );
    }
    let error = styled(BAD, "error:");
    let sentence = visible_except(&failure.sentence, &LINES);
    writeln!(anstream::stderr(), "{error} {sentence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    /// Calls `look` with the words of each command, and the command.
    fn each(look: &mut impl FnMut(&str, &clap::Command)) {
        fn visit(
            words: &str,
            command: &clap::Command,
            look: &mut impl FnMut(&str, &clap::Command),
        ) {
            look(words, command);
            for command in command.get_subcommands() {
                visit(&format!("{words} {}", command.get_name()), command, look);
            }
        }
        visit("mcp-edge", &Arguments::command(), look);
    }

    #[test]
    fn every_command_and_argument_has_help() {
        each(&mut |words, command| {
            assert!(command.get_about().is_some(), "{words}");
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{words}: {}",
                    argument.get_id()
                );
            }
        });
    }

    #[test]
    fn the_documentation_names_every_command_and_option() {
        let page = include_str!("../../docs/reference/cli.md");
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let names = |name: &str| {
            page.match_indices(name).any(|(at, _)| {
                let after = &page[at + name.len()..];
                !page[..at].ends_with(is_part) && !after.starts_with(is_part)
            })
        };
        let mut missing = Vec::new();
        each(&mut |words, command| {
            let is_group = command.get_subcommands().next().is_some();
            if !is_group && !names(words) {
                missing.push(words.to_owned());
            }
            for argument in command.get_arguments() {
                let option = argument.get_long().map(|long| format!("--{long}"));
                if let Some(option) = option.filter(|option| !names(option)) {
                    missing.push(format!("{words} {option}"));
                }
            }
        });
        assert!(
            missing.is_empty(),
            "docs/reference/cli.md does not name {missing:#?}"
        );
    }

    #[test]
    fn the_help_of_each_command_has_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string);
            assert!(
                help.unwrap_or_default().contains("Examples:\n  $ "),
                "{}",
                command.get_name()
            );
            command.get_subcommands().for_each(check);
        }
        Arguments::command().get_subcommands().for_each(check);
    }
}
