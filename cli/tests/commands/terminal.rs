//! What is shown on a terminal only.
#![cfg(unix)]

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use nix::pty::openpty;

use crate::commands::run::Folder;

/// How a line is emptied that is written over.
const EMPTIED: &str = "\u{1b}[2K";

/// What the program shows on a terminal, output and errors alike.
fn shown(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    let terminal = openpty(None, None).expect("a terminal");
    let mut command = folder.command(arguments);
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    let mut child = command
        .env("TERM", "xterm-256color")
        .env("PATH", folder.path("nothing"))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(terminal.slave.try_clone().expect("a copy"))
        .stderr(terminal.slave)
        .spawn()
        .expect("the program");
    // What holds the terminal open.
    drop(command);
    let mut text = Vec::new();
    // A terminal ends with an error when no process holds it any more.
    let _ = File::from(terminal.master).read_to_end(&mut text);
    child.wait().expect("an end");
    String::from_utf8_lossy(&text).into_owned()
}

const CHECK: [&str; 3] = ["check", "--manifest", "manifest.json"];

#[test]
fn colours_are_for_terminals_and_no_color_turns_them_off() {
    assert!(shown(&CHECK, &[]).contains("\u{1b}["));
    let plain = shown(&CHECK, &[("NO_COLOR", "1")]);
    assert!(plain.contains("Who may do what"), "{plain}");
    assert!(!plain.contains('\u{1b}'), "{plain}");
}

#[test]
fn progress_is_for_people_at_a_terminal() {
    let seen = shown(&["doctor"], &[]);
    assert!(seen.contains(&format!("{EMPTIED}rustc")), "{seen}");
    // Nothing is left of it: the report begins on an emptied line.
    assert!(
        seen.contains(&format!("{EMPTIED}\u{1b}[1mthis machine")),
        "{seen}"
    );
    let json = shown(&["doctor", "--json"], &[]);
    assert!(!json.contains(EMPTIED), "{json}");
    let piped = Folder::new().run(&["doctor"]);
    assert_eq!(piped.stderr, "");
}

#[test]
fn a_new_gateway_asks_at_a_terminal_only() {
    let folder = Folder::new();
    folder.write("api.yaml", include_str!("../gateway/petstore.yaml"));
    let new = ["gateway", "new", "api.yaml", "--out", "asked"];
    let asked = |arguments: &[&str], answers: &str| {
        let terminal = openpty(None, None).expect("a terminal");
        let slave = || terminal.slave.try_clone().expect("a copy");
        let mut child = folder
            .command(arguments)
            .stdin(slave())
            .stdout(slave())
            .stderr(slave())
            .spawn()
            .expect("the program");
        drop(terminal.slave);
        let mut master = File::from(terminal.master);
        master.write_all(answers.as_bytes()).expect("answers");
        // As above. A program whose output is not read waits.
        let _ = master.read_to_end(&mut Vec::new());
        assert!(child.wait().expect("an end").success());
    };
    asked(&new, "org.example/pets\nhttps://pets.example.org\n");
    let text = folder.read("asked/mcp.toml");
    assert!(text.contains("name = \"org.example/pets\""), "{text}");
    assert!(
        text.contains("url = \"https://pets.example.org\""),
        "{text}"
    );
    // An answer without a word is the proposal, and programs are not asked.
    asked(&["gateway", "new", "api.yaml", "--out", "default"], "\n\n");
    let program = ["gateway", "new", "api.yaml", "--out", "program", "--json"];
    asked(&program, "");
    let text = folder.read("default/mcp.toml");
    assert!(text.contains("A proposal of the document"), "{text}");
    assert_eq!(text, folder.read("program/mcp.toml"));
}
