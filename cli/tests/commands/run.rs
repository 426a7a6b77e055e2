//! The built program, run in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with the server's files in it, gone after the test.
pub(crate) struct Folder(tempfile::TempDir);

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server");
        for file in ["mcp.toml", "manifest.json", "wrangler.toml", "spin.toml"] {
            std::fs::copy(server.join(file), folder.path().join(file)).expect("a copy");
        }
        Self(folder)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).expect("a file")
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).expect("a file");
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        self.run_with(arguments, input, &[])
    }

    /// The program, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-edge"));
        command.args(arguments).current_dir(self.0.path());
        for variable in [
            "MCP_EDGE_ENV",
            "MCP_EDGE_DEV_JWKS",
            "MCP_EDGE_KEYS",
            "MCP_EDGE_OUTBOX",
            "MCP_EDGE_TOKEN",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// With these variables besides those of the test; an empty one is taken away.
    pub(crate) fn run_with(
        &self,
        arguments: &[&str],
        input: &str,
        variables: &[(&str, &str)],
    ) -> Ended {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in variables {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        let mut child = command.spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("an input");
        // A program that has ended without reading leaves no reader.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("an end");
        Ended {
            status: output.status.code().expect("a status"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Ended {
    /// Checks the exit status, and that each of these sentences is in what the program writes for people.
    #[track_caller]
    pub(crate) fn says(&self, status: i32, sentences: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        for sentence in sentences {
            assert!(
                self.stdout.contains(sentence) || self.stderr.contains(sentence),
                "it does not say {sentence:?}: {self:?}"
            );
        }
    }

    /// For what another program reads: compares everything with `tests/golden/NAME.txt`; `MCP_EDGE_BLESS=1` writes the file
    /// again.
    #[track_caller]
    pub(crate) fn is_golden(&self, name: &str) {
        let Self {
            status,
            stdout,
            stderr,
        } = self;
        let text = masked(&format!(
            "status {status}\n--- stdout\n{stdout}--- stderr\n{stderr}"
        ));
        is_golden(&format!("{name}.txt"), &text);
    }
}

/// Compares `text` with `tests/golden/FILE`; `MCP_EDGE_BLESS=1` writes the file again.
#[track_caller]
pub(crate) fn is_golden(file: &str, text: &str) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file);
    if std::env::var_os("MCP_EDGE_BLESS").is_some() {
        std::fs::write(&golden, text).expect("the golden output can be written");
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        text == expected,
        "{} is not what the program says; MCP_EDGE_BLESS=1 writes it again. It says:\n{text}",
        golden.display()
    );
}

/// What differs from run to run: fingerprints and ids of new keys, tokens, and times.
fn masked(text: &str) -> String {
    text.split_inclusive(|c: char| !is_word(c))
        .map(|piece| {
            let word = piece.trim_end_matches(|c| !is_word(c));
            let rest = piece.strip_prefix(word).unwrap_or_default();
            match mask(word) {
                Some(mask) => format!("{mask}{rest}"),
                None => piece.to_owned(),
            }
        })
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')
}

fn mask(word: &str) -> Option<&'static str> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let is_time = word.len() == 20 && word.ends_with('Z') && word.get(10..11) == Some("T");
    match word {
        _ if word.len() == 12 && word.chars().all(is_hex) => Some("<fingerprint>"),
        _ if is_time => Some("<time>"),
        _ if word.len() > 100 && word.starts_with("eyJ") => Some("<token>"),
        _ if word.len() == 43 && !word.contains([':', '.']) => Some("<key id>"),
        _ => None,
    }
}
