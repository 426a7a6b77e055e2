//! `mcp-edge completions`: the words of the command line, for a shell that completes them.

use clap::Command;
use clap_complete::{Shell, generate};
use serde_json::json;

use crate::output::{CommandOutput, DONE, Failure};

/// Prints what a shell completes this program's commands and options with
///
/// The script is made from the program's own command line; make it again after an update. Where each shell looks for it is
/// in docs/reference/cli.md.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge completions bash > ~/.local/share/bash-completion/completions/mcp-edge
  $ mcp-edge completions zsh > ~/.zfunc/_mcp-edge      fpath must have ~/.zfunc before compinit
  $ mcp-edge completions fish > ~/.config/fish/completions/mcp-edge.fish
  $ mcp-edge completions powershell >> $PROFILE
  $ mcp-edge completions elvish >> ~/.config/elvish/rc.elv";

/// `command` is the program's whole command line.
pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Result<CommandOutput, Failure> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, &name, &mut script);
    let script = String::from_utf8(script).map_err(Failure::usage)?;
    // For bash, `clap_complete` 4.6 writes a hyphen of the program's name in two ways, and completes nothing after a command.
    let script = script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"));
    Ok(CommandOutput {
        text: String::new(),
        json: json!({ "shell": arguments.shell.to_string(), "script": script }),
        product: Some(script),
        status: DONE,
    })
}
