//! What is found on a machine.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use super::{changed, verdicts};
use crate::commands::run::{Ended, Folder};

/// A server's folder on a machine that has these programs and no others.
struct Machine {
    folder: Folder,
}

impl Machine {
    fn good() -> Self {
        let machine = Self {
            folder: Folder::new(),
        };
        for folder in ["bin", "library"] {
            std::fs::create_dir(machine.folder.path(folder)).expect("a folder");
        }
        machine.folder.write("library/std.rlib", "");
        machine.folder.write("wrangler.toml", "");
        machine.folder.write("spin.toml", "");
        let library = machine.folder.path("library");
        machine.rust("1.95.0", &library.display().to_string());
        for (program, says) in [
            ("cargo", "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"),
            ("node", "v22.12.0"),
            ("worker-build", "0.8.7"),
            ("wrangler", "4.164.0"),
            ("spin", "spin 4.1.0 (0123456 2026-08-01)"),
            ("git", "git version 2.39.5"),
        ] {
            machine.says(program, says);
        }
        machine
    }

    fn rust(&self, version: &str, library: &str) {
        self.program("rustc", &format!("case $1 in --version) echo 'rustc {version} (59807616e 2026-04-14)';; *) echo '{library}';; esac"));
    }

    fn says(&self, program: &str, text: &str) {
        self.program(program, &format!("echo '{text}'"));
    }

    fn program(&self, name: &str, script: &str) {
        let file = format!("bin/{name}");
        self.folder.write(&file, &format!("#!/bin/sh\n{script}\n"));
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.folder.path(&file), permissions).expect("a program");
    }

    fn keys(&self, file: &str, mode: u32) {
        self.folder.write(file, "MCP_EDGE_KEYS=k1:sign:…\n");
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.folder.path(file), permissions).expect("a file");
    }

    fn without(&self, file: &str) {
        std::fs::remove_file(self.folder.path(file)).expect("it was there");
    }

    fn look(&self, options: &[&str]) -> Ended {
        let path = self.folder.path("bin").display().to_string();
        self.folder
            .run_with(&[&["doctor"], options].concat(), "", &[("PATH", &path)])
    }
}

#[test]
fn a_complete_machine_passes_every_check() {
    let machine = Machine::good();
    machine.look(&["--strict"]).says(
        0,
        &[
            "ok        wrangler                4.164.0",
            "errors: 0, warnings: 0",
        ],
    );
}

#[test]
fn what_is_lacking_is_named_with_its_fix() {
    let machine = Machine::good();
    machine.without("bin/spin");
    machine.without("wrangler.toml");
    machine.without("bin/git");
    machine.says("node", "v20.20.2");
    let ended = machine.look(&[]);
    assert_eq!(ended.status, 1);
    ended.says(
        1,
        &[
            "error     spin                    it is not in PATH",
            "install Spin 4.1 or newer",
            "skipped: node, worker-build, wrangler.toml, secrets",
            "errors: 1, warnings: 1",
        ],
    );
}

const RULELESS: &str = r#"
[server]
url = "https://fraud.example.com/mcp"
[issuers.okta]
preset = "okta"
issuer = "https://dev-1.okta.com/oauth2/default"
"#;

type Fault = (&'static str, fn(&Machine), &'static [&'static str]);

/// The server here is for Workers and Spin, so it can be deployed without what only one of them needs.
const FAULTS: [Fault; 25] = [
    (
        "an old compiler",
        |machine| machine.rust("1.90.0", "library"),
        &["rustc error"],
    ),
    (
        "a compiler that is too old for Spin",
        |machine| machine.rust("1.93.1", "library"),
        &["rustc warning"],
    ),
    (
        "a compiler that is too old for the only host",
        |machine| {
            machine.rust("1.93.1", "library");
            machine.without("wrangler.toml");
        },
        &[
            "rustc error",
            "worker-build skipped",
            "wrangler.toml skipped",
        ],
    ),
    (
        "a compiler that is too old for another host",
        |machine| {
            machine.rust("1.93.1", "library");
            machine.without("spin.toml");
        },
        &["spin.toml skipped"],
    ),
    (
        "no compiler",
        |machine| machine.without("bin/rustc"),
        &[
            "rustc error",
            "wasm32-unknown-unknown skipped",
            "wasm32-wasip2 skipped",
        ],
    ),
    (
        "no targets",
        |machine| machine.rust("1.95.0", "nowhere"),
        &["wasm32-unknown-unknown warning", "wasm32-wasip2 warning"],
    ),
    (
        "no targets, and no need of one",
        |machine| {
            machine.rust("1.95.0", "nowhere");
            machine.without("spin.toml");
        },
        &[
            "wasm32-unknown-unknown error",
            "wasm32-wasip2 skipped",
            "spin.toml skipped",
        ],
    ),
    (
        "a cargo that fails",
        |machine| machine.program("cargo", "exit 101"),
        &["cargo error"],
    ),
    (
        "an old node",
        |machine| machine.says("node", "v22.9.0"),
        &["node warning"],
    ),
    (
        "no worker-build",
        |machine| machine.without("bin/worker-build"),
        &["worker-build warning"],
    ),
    (
        "no wrangler",
        |machine| machine.without("bin/wrangler"),
        &["wrangler warning"],
    ),
    (
        "an old spin",
        |machine| machine.says("spin", "spin 4.0.2"),
        &["spin warning"],
    ),
    (
        "no spin",
        |machine| machine.without("bin/spin"),
        &["spin warning"],
    ),
    (
        "a program that says nothing it could be known by",
        |machine| machine.says("spin", "\u{1b}[2Jspin"),
        &[],
    ),
    (
        "an open server that is deployed",
        |machine| machine.folder.write("mcp.toml", ""),
        &["callers warning"],
    ),
    (
        "an issuer without a rule",
        |machine| machine.folder.write("mcp.toml", RULELESS),
        &["callers warning"],
    ),
    (
        "keys that others can read",
        |machine| machine.keys(".dev.vars", 0o640),
        &["secrets warning"],
    ),
    (
        "keys that others can write",
        |machine| {
            machine.keys("keys", 0o600);
            machine.keys(".env", 0o666);
        },
        &["secrets error"],
    ),
    (
        "keys that only their owner can read",
        |machine| machine.keys("keys", 0o600),
        &["secrets ok"],
    ),
    (
        "variables without keys",
        |machine| {
            machine.keys(".env", 0o644);
            machine.folder.write(".env", "MCP_EDGE_ENV=dev\n");
        },
        &[],
    ),
    (
        "a file with a mistake",
        |machine| machine.folder.write("mcp.toml", "[limits]\npage = 0\n"),
        &["callers skipped", "mcp.toml error"],
    ),
    (
        "no file",
        |machine| machine.without("mcp.toml"),
        &["callers skipped", "mcp.toml error"],
    ),
    (
        "no server",
        |machine| {
            for file in ["mcp.toml", "wrangler.toml", "spin.toml"] {
                machine.without(file);
            }
        },
        &[
            "callers skipped",
            "mcp.toml skipped",
            "wrangler.toml skipped",
            "spin.toml skipped",
        ],
    ),
    (
        "a server for no host, and no target",
        |machine| {
            machine.rust("1.95.0", "nowhere");
            for file in ["wrangler.toml", "spin.toml"] {
                machine.without(file);
            }
        },
        &[
            "wasm32-unknown-unknown warning",
            "wasm32-wasip2 warning",
            "wrangler.toml warning",
            "spin.toml warning",
        ],
    ),
    (
        "a wrangler of the folder alone",
        |machine| {
            machine.without("bin/wrangler");
            std::fs::create_dir_all(machine.folder.path("node_modules/.bin")).expect("a folder");
            std::fs::rename(
                machine.folder.path("bin/git"),
                machine.folder.path("node_modules/.bin/wrangler"),
            )
            .expect("a program");
        },
        &["git warning"],
    ),
];

#[test]
fn each_fault_is_found_and_nothing_else() {
    let good = verdicts(&Machine::good().look(&["--json"]));
    for (name, break_it, expected) in FAULTS {
        let machine = Machine::good();
        break_it(&machine);
        let ended = machine.look(&["--json"]);
        let mut found = changed(&good, &verdicts(&ended));
        found.sort();
        let mut expected: Vec<_> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}: {ended:?}");
        assert!(!ended.stdout.contains('\u{1b}'), "{name}");
    }
}

#[test]
fn a_program_that_does_not_end_is_not_waited_for() {
    let machine = Machine::good();
    machine.program("git", "exec /bin/sleep 600");
    machine.program("spin", "while :; do echo spin 4.1.0; done");
    let found = verdicts(&machine.look(&["--json", "--timeout", "300ms"]));
    assert_eq!(found["git"], "warning");
    assert_eq!(found["spin"], "warning");
}
