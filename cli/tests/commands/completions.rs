//! `mcp-edge completions`

use crate::commands::run::Folder;

/// The commands that the program has, by its own help.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.run(&["--help"]).stdout;
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let list = list.lines().take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn bash_knows_every_state_that_a_command_leads_to() {
    let script = Folder::new().run(&["completions", "bash"]).stdout;
    let states = script.lines().filter_map(|line| {
        let state = line.trim().strip_prefix("cmd=\"")?.strip_suffix('"')?;
        (!state.is_empty()).then_some(state)
    });
    let states: Vec<_> = states.collect();
    assert!(states.contains(&"mcp__edge__subcmd__doctor"), "{states:?}");
    for state in states {
        assert!(script.contains(&format!("\n        {state})\n")), "{state}");
    }
}

#[test]
fn every_shell_completes_every_command() {
    let folder = Folder::new();
    let commands = commands(&folder);
    assert!(commands.contains(&"doctor".to_owned()), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = folder.run(&["completions", shell]);
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""), "{shell}");
        for command in &commands {
            assert!(ended.stdout.contains(command), "{shell} lacks {command}");
        }
        let json = folder.run(&["completions", shell, "--json"]).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let script = json["script"].as_str().expect("a text");
        assert_eq!(script.trim_end(), ended.stdout.trim_end(), "{shell}");
    }
    assert_eq!(folder.run(&["completions", "tcsh"]).status, 2);
}
