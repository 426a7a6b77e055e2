//! The first call with a token, as the documentation has it: its configuration, its token, and what the caller may then do.

use crate::commands::run::Folder;

/// The sections with such a call.
const SECTIONS: [(&str, &str); 2] = [
    (include_str!("../../../docs/reference/cli.md"), "Token"),
    (
        include_str!("../../../docs/guide/authentication.md"),
        "Local development",
    ),
];

/// The text below a heading.
fn section(page: &str, heading: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("\n## {heading}\n"))
        .expect("the section");
    let section = rest.split("\n## ").next();
    section.unwrap_or_default().to_owned()
}

/// What is in the first block of a language.
fn block<'a>(section: &'a str, language: &str) -> &'a str {
    let (_, rest) = section
        .split_once(&format!("```{language}\n"))
        .expect("a block");
    let (block, _) = rest.split_once("```").expect("its end");
    block
}

/// The arguments of the program in `NAME=$(mcp-edge …)`.
fn arguments(console: &str, name: &str) -> Vec<String> {
    let (_, rest) = console
        .split_once(&format!("{name}=$(mcp-edge "))
        .expect("the command");
    let (command, _) = rest.split_once(")\n").expect("its end");
    shlex::split(command).expect("words")
}

#[test]
fn the_documented_token_allows_its_caller_something() {
    for (page, heading) in SECTIONS {
        let section = section(page, heading);
        let folder = Folder::new();
        folder.write("mcp.toml", block(&section, "toml"));
        let console = block(&section, "console");
        assert!(console.contains("$ export MCP_EDGE_ENV=dev "), "{console}");
        let environment = [("MCP_EDGE_ENV", "dev")];

        let wanted = arguments(console, "TOKEN");
        let wanted: Vec<_> = wanted.iter().map(String::as_str).collect();
        let token = folder.run_with(&wanted, "", &environment);
        assert_eq!(token.status, 0, "{heading}: {}", token.stderr);
        let explained = folder.run_with(&["explain", "-"], &token.stdout, &environment);
        assert_eq!(explained.status, 0, "{heading}: {}", explained.stdout);

        let (_, command) = explained
            .stdout
            .split_once("What it may do: mcp-edge ")
            .expect("the next command");
        let mut check = shlex::split(command).expect("words");
        check.extend(["--manifest".to_owned(), "manifest.json".to_owned()]);
        let check: Vec<_> = check.iter().map(String::as_str).collect();
        let checked = folder.run(&check);
        assert_eq!(checked.status, 0, "{heading}: {}", checked.stdout);
        let list = checked
            .stdout
            .lines()
            .filter(|line| line.starts_with("tool "));
        assert!(
            list.clone().any(|line| line.contains(" yes (")),
            "{heading}: the caller may call no tool:\n{}",
            checked.stdout
        );
    }
}
