//! `mcp-edge check --host`: what the host's own file lacks, and `--fix`, which writes it.

use std::path::Path;

use serde_json::Value as Json;

use crate::commands::run::{Ended, Folder, is_golden};

/// A server of the repository, and the file of a host to begin with.
struct Fixture {
    folder: Folder,
    host: &'static str,
    file: &'static str,
}

impl Fixture {
    fn new(server: &str, files: &str, host: &'static str) -> Self {
        let file = match host {
            "spin" => "spin.toml",
            _ => "wrangler.toml",
        };
        let folder = Folder::new();
        folder.write("mcp.toml", &repository(&format!("{server}/mcp.toml")));
        folder.write("manifest.json", "{}");
        folder.write(file, &repository(&format!("{files}/{file}")));
        Self { folder, host, file }
    }

    fn check(&self, environment: Option<&str>, options: &[&str]) -> Ended {
        let host = ["check", "--manifest", "manifest.json", "--host", self.host];
        let environment: Vec<_> = environment
            .into_iter()
            .flat_map(|name| ["--env", name])
            .collect();
        self.folder
            .run(&[&host, environment.as_slice(), options].concat())
    }

    fn needs(&self, environment: Option<&str>, options: &[&str]) -> Json {
        let ended = self.check(environment, &[&["--json"], options].concat());
        parsed(&ended)["needs"].take()
    }

    fn text(&self) -> String {
        self.folder.read(self.file)
    }
}

fn repository(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(file)).expect("a file of the repository")
}

/// What the program says with `--json`.
fn parsed(ended: &Ended) -> Json {
    serde_json::from_str(&ended.stdout).expect("one object")
}

/// The part of an answer to `--json` that is about the host, with a line for each item.
fn brief(mut said: Json) -> String {
    let mut text = String::new();
    let needs = said["needs"].take();
    for (name, value) in [
        ("needs", &needs["needs"]),
        ("lines", &needs["lines"]),
        ("notes", &needs["notes"]),
        ("commands", &needs["commands"]),
        ("errors", &said["errors"]),
        ("warnings", &said["warnings"]),
    ] {
        text += &format!("{name}:\n");
        for item in value.as_array().expect("a list") {
            text += &format!("  {item}\n");
        }
    }
    text
}

fn states(needs: &Json) -> Vec<&str> {
    let rows = needs["needs"].as_array().expect("rows");
    rows.iter()
        .filter_map(|row| row["state"].as_str())
        .collect()
}

#[test]
fn what_production_needs_is_reported_and_written() {
    for host in ["workers", "spin"] {
        for (name, server, files, environment) in [
            (
                "fraud-rules",
                "examples/fraud-rules",
                "cli/tests/hosts/fraud-rules",
                "production",
            ),
            (
                "bare",
                "examples/fraud-rules",
                "cli/tests/hosts/bare",
                "production",
            ),
            (
                "kept",
                "tests/audited-server",
                "cli/tests/hosts/bare",
                "kept",
            ),
            (
                "vendors",
                "tests/audited-server",
                "cli/tests/hosts/bare",
                "vendors",
            ),
            (
                "bindings",
                "tests/audited-server",
                "cli/tests/hosts/bare",
                "bindings",
            ),
        ] {
            let fixture = Fixture::new(server, files, host);
            let people = fixture.check(Some(environment), &[]);
            if name == "bare" {
                people.says(1, &["--fix writes into ", "; --fix writes it\n"]);
            }
            let text = [&[][..], &["--fix"], &[]].map(|options| {
                let ended = fixture.check(Some(environment), &[options, &["--json"]].concat());
                format!("status {}\n{}", ended.status, brief(parsed(&ended)))
            });
            is_golden(&format!("needs-{name}-{host}-json.txt"), &text.concat());
            is_golden(&format!("needs-{name}-{}", fixture.file), &fixture.text());
        }
    }
}

/// Every server of the repository, in each of its environments, from its own files and from bare ones.
fn every_fixture(mut look: impl FnMut(&Fixture, Option<&str>)) {
    for server in [
        "examples/fraud-rules",
        "tests/audited-server",
        "tests/guarded-server",
        "tests/fixture-server",
    ] {
        let text = repository(&format!("{server}/mcp.toml"));
        let read = mcp_edge_config::read(&text).expect("a configuration");
        let names = read.environments.keys().map(|name| Some(name.as_str()));
        let names: Vec<_> = names.chain([None]).collect();
        for host in ["workers", "spin"] {
            for files in [server, "cli/tests/hosts/bare"] {
                for name in &names {
                    look(&Fixture::new(server, files, host), *name);
                }
            }
        }
    }
}

#[test]
fn after_a_fix_nothing_is_missing_and_another_changes_nothing() {
    every_fixture(|fixture, environment| {
        let before = fixture.text();
        let fixed = fixture.needs(environment, &["--fix"]);
        let after = fixture.text();
        let needs = fixture.needs(environment, &[]);
        let missing = states(&needs);
        assert!(
            !missing
                .iter()
                .any(|state| state.contains("missing") || *state == "wrong"),
            "{environment:?} {missing:?}\n{after}"
        );
        let again = fixture.needs(environment, &["--fix"]);
        assert_eq!(again["written"], false, "{again}");
        assert_eq!(fixture.text(), after);
        nothing_is_lost(&before, &after, &fixed);
    });
}

/// Every line is still there, or grew at its end.
fn nothing_is_lost(before: &str, after: &str, fixed: &Json) {
    let lines = fixed["lines"].as_array().expect("lines");
    let lines: Vec<_> = lines.iter().filter_map(Json::as_str).collect();
    for line in lines.iter().filter_map(|line| line.strip_prefix("- ")) {
        let kept = line.trim_end_matches([']', '}', ' ']);
        let grew = |other: &&str| {
            other
                .strip_prefix("+ ")
                .is_some_and(|new| new.starts_with(kept))
        };
        assert!(lines.iter().any(grew), "{line}\n{after}");
    }
    for (number, line) in before.lines().enumerate() {
        if let Some((_, comment)) = line.split_once('#') {
            assert!(
                after.contains(comment),
                "line {number} has lost {comment:?}:\n{after}"
            );
        }
    }
}

#[test]
fn the_example_has_what_production_needs() {
    for host in ["workers", "spin"] {
        for server in ["examples/fraud-rules"] {
            let fixture = Fixture::new("examples/fraud-rules", server, host);
            for environment in [Some("production"), None] {
                let needs = fixture.needs(environment, &[]);
                assert_eq!(needs["lines"], Json::Array(Vec::new()), "{needs:#}");
                assert_eq!(fixture.check(environment, &[]).status, 0);
            }
        }
    }
}

#[test]
fn a_secret_in_the_open_is_warned_of_and_never_shown() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    let secret = "k1:sign:not-a-key";
    let text = format!("name = \"x\"\n[env.production.vars]\nMCP_EDGE_KEYS = \"{secret}\"\n");
    fixture.folder.write("wrangler.toml", &text);
    let ended = fixture.check(Some("production"), &["--fix"]);
    assert!(
        ended
            .stdout
            .contains("has MCP_EDGE_KEYS, which is a secret"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(fixture.text().contains(secret));

    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "spin");
    let text = fixture.text().replace(
        "[component.bare.build]",
        &format!(
            "[component.bare.variables]\nmcp_edge_keys = \"{secret}\"\n\n[component.bare.build]"
        ),
    );
    fixture.folder.write("spin.toml", &text);
    let ended = fixture.check(Some("production"), &["--fix"]);
    assert!(
        ended
            .stdout
            .contains("has a value for mcp_edge_keys, which is a secret"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
}

#[test]
fn a_broken_file_is_named_and_not_shown() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    fixture
        .folder
        .write("wrangler.toml", "name = \"x\"\nKEY = planted-value\n");
    let ended = fixture.check(None, &["--fix"]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stderr.contains("wrangler.toml, line 2"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("planted-value"), "{}", ended.stderr);
    fixture
        .folder
        .write("wrangler.toml", "name = \"x\"\nenv = 5\n");
    let ended = fixture.check(Some("production"), &["--fix"]);
    assert!(
        ended.stderr.contains("`env` is no table"),
        "{}",
        ended.stderr
    );
    assert_eq!(fixture.text(), "name = \"x\"\nenv = 5\n");
}

#[test]
fn variables_for_a_developers_machine_are_where_wrangler_dev_reads_them() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    let names = [
        "MCP_EDGE_ENV",
        "MCP_EDGE_URL",
        "MCP_EDGE_DEV_JWKS",
        "MCP_EDGE_KEYS",
        "MCP_EDGE_AUDIT_KEYS",
    ];
    let lines: String = names
        .iter()
        .map(|name| format!("{name}='planted-value'\n"))
        .collect();
    fixture.folder.write(".dev.vars", &lines);
    let ended = fixture.check(Some("dev"), &[]);
    assert_eq!(ended.status, 0, "{}", ended.stdout);
    assert!(!ended.stdout.contains("planted-value"));
    let needs = fixture.needs(Some("dev"), &[]);
    let expected = [&["there"; 5][..], &["missing, advised"]].concat();
    assert_eq!(states(&needs), expected, "{needs:#}");
    let production = fixture.needs(Some("production"), &[]);
    assert!(states(&production).contains(&"missing"), "{production:#}");
}

#[test]
fn a_missing_file_is_reported() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    std::fs::remove_file(fixture.folder.path("wrangler.toml")).expect("a file");
    let ended = fixture.check(None, &[]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stdout.contains("there is no wrangler.toml"),
        "{}",
        ended.stdout
    );
    assert_eq!(fixture.check(None, &["--fix"]).status, 2);
}

/// `cli/tests/hosts/bare/wrangler.toml` as JSON with comments.
const JSONC: &str = r#"// What every Worker has.
{
  "name": "bare", // also the beginning of what is called after it
  "main": "build/index.js",
  "compatibility_date": "2026-07-01",
  /* Kept as it is written. */
  "vars": { "GREETING": "hello" },
  "queues": {
    "producers": [
      // A queue of another team.
      { "binding": "OTHER", "queue": "other" },
    ],
  },
  "observability": { "enabled": true },
}
"#;

#[test]
fn json_with_comments_is_read_and_written_as_toml_is() {
    for (server, environment) in [
        ("examples/fraud-rules", "production"),
        ("tests/audited-server", "bindings"),
        ("tests/audited-server", "kept"),
    ] {
        let toml = Fixture::new(server, "cli/tests/hosts/bare", "workers");
        let jsonc = Fixture::new(server, "cli/tests/hosts/bare", "workers");
        jsonc.folder.write("wrangler.jsonc", JSONC);
        let before = jsonc.text();
        for options in [&[][..], &["--fix"], &[]] {
            let expected = toml.needs(Some(environment), options);
            let needs = jsonc.needs(Some(environment), options);
            assert_eq!(states(&needs), states(&expected), "{needs:#}");
            assert_eq!(needs["written"], expected["written"]);
            assert_eq!(needs["notes"], expected["notes"]);
            assert_eq!(needs["commands"], expected["commands"]);
        }
        // It is the one that Wrangler reads.
        assert_eq!(jsonc.text(), before);
        let fixed = jsonc.folder.read("wrangler.jsonc");
        for line in JSONC.lines() {
            assert!(
                fixed.contains(line.trim_end_matches(',')),
                "{line}: {fixed}"
            );
        }
    }
}

#[test]
fn places_in_json_are_named_as_json_has_them() {
    let fixture = Fixture::new("tests/audited-server", "cli/tests/hosts/bare", "workers");
    fixture.folder.write("wrangler.jsonc", JSONC);
    fixture.check(Some("bindings"), &[]).says(
        1,
        &[
            "What workers needs (wrangler.jsonc, env.bindings)",
            "queue EVENTS                              sinks.queue.binding                     env.bindings.queues.producers  missing",
            "--fix writes into wrangler.jsonc:\n  +   \"compatibility_flags\"",
        ],
    );
}

#[test]
fn the_first_file_that_wrangler_looks_for_is_read() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    let read = |fixture: &Fixture| fixture.needs(None, &[])["file"].clone();
    assert_eq!(read(&fixture), "wrangler.toml");
    fixture.folder.write("wrangler.jsonc", "{}");
    assert_eq!(read(&fixture), "wrangler.jsonc");
    fixture.folder.write("wrangler.json", "{}");
    assert_eq!(read(&fixture), "wrangler.json");
}

#[test]
fn json_that_is_broken_is_named_and_not_shown() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    fixture
        .folder
        .write("wrangler.jsonc", "{\n  \"KEY\": planted-value\n}\n");
    let ended = fixture.check(None, &["--fix"]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.stderr.contains("wrangler.jsonc, line 2"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("planted-value"), "{}", ended.stderr);
}

const FLAG: &str = "compatibility_flags = [\"enable_request_signal\"]\n";

#[test]
fn workers_are_asked_to_say_that_a_caller_has_left() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "workers");
    let lacks = |fixture: &Fixture, environment| {
        let ended = fixture.check(environment, &[]);
        let flag = "lacks compatibility flag enable_request_signal in";
        ended
            .stdout
            .contains(&format!("warning: wrangler.toml {flag}"))
    };
    for (text, environment, expected) in [
        ("name = \"x\"\n".to_owned(), None, true),
        ("name = \"x\"\n".to_owned(), Some("production"), true),
        (FLAG.to_owned(), None, false),
        // An environment inherits it, unless it has its own.
        (FLAG.to_owned(), Some("production"), false),
        (
            format!("{FLAG}[env.production]\ncompatibility_flags = []\n"),
            Some("production"),
            true,
        ),
    ] {
        fixture.folder.write("wrangler.toml", &text);
        assert_eq!(lacks(&fixture, environment), expected, "{text}");
        fixture.check(environment, &["--fix"]);
        assert!(!lacks(&fixture, environment), "{}", fixture.text());
    }
}

#[test]
fn line_ends_and_marks_stay() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "spin");
    let text = fixture.text().replace('\n', "\r\n");
    let text = format!("\u{feff}{}", text.trim_end());
    fixture.folder.write("spin.toml", &text);
    let needs = fixture.needs(Some("production"), &["--fix"]);
    let fixed = fixture.text();
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count());
    assert!(fixed.starts_with("\u{feff}# What every"), "{fixed}");
    assert_eq!(needs["written"], true);
    let again = fixture.needs(Some("production"), &["--fix"]);
    assert_eq!(again["lines"], Json::Array(Vec::new()), "{again:#}");
    assert_eq!(fixture.text(), fixed);
}

#[test]
fn another_file_can_be_named() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "spin");
    fixture.folder.write("other.toml", &fixture.text());
    fixture.check(Some("production"), &["--host-file", "other.toml", "--fix"]);
    assert_eq!(fixture.text(), repository("cli/tests/hosts/bare/spin.toml"));
    assert!(
        fixture
            .folder
            .read("other.toml")
            .contains("https://example.okta.com")
    );
}

#[test]
fn a_process_has_variables_and_no_file() {
    let fixture = Fixture::new("examples/fraud-rules", "cli/tests/hosts/bare", "native");
    let needs = fixture.needs(Some("production"), &[]);
    assert!(states(&needs).contains(&"to be set"), "{needs:#}");
    assert_eq!(fixture.check(Some("production"), &[]).status, 0);
    assert_eq!(fixture.check(Some("production"), &["--fix"]).status, 2);
    let without_host = fixture.folder.run(&["check", "--fix"]);
    assert_eq!(without_host.status, 2);
}

const TWO: &str = r#"
spin_manifest_version = 2
[component.pages]
source = "pages.wasm"
[component.server]
source = "server.wasm"
"#;

#[test]
fn the_component_with_the_keyring_is_the_server() {
    let fixture = Fixture::new("tests/fixture-server", "cli/tests/hosts/bare", "spin");
    fixture.folder.write("spin.toml", TWO);
    let ended = fixture.check(None, &["--fix"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("pages, server"), "{}", ended.stderr);
    assert_eq!(fixture.text(), TWO);
    let told =
        format!("{TWO}[component.server.variables]\nmcp_edge_keys = \"{{{{ mcp_edge_keys }}}}\"\n");
    fixture.folder.write("spin.toml", &told);
    assert_eq!(fixture.check(None, &["--fix"]).status, 0);
    assert_eq!(
        fixture.text(),
        format!("{told}\n[variables]\nmcp_edge_keys = {{ required = true, secret = true }}\n")
    );
}
