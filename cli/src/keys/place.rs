//! Where a keyring is kept: a file of its own, or one line of a file of variables such as `.dev.vars`.

use std::path::{Path, PathBuf};

use crate::output::Failure;
use crate::secret_file::{self, Exposure};
use crate::standard_input;

/// The file, or standard input.
pub(super) enum Place {
    File(PathBuf),
    Input,
}

/// The text of a place, taken apart around the keyring.
pub(super) struct Stored {
    before: String,
    /// The keyring; `None` where there is none yet.
    pub(super) keyring: Option<String>,
    /// Whether others than the owner of the file could read the keyring.
    pub(super) is_exposed: bool,
    after: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The keyring and nothing else, one key on each line.
    Alone,
    /// Lines of `NAME=value`, of which one is the keyring.
    Variables,
}

impl Place {
    pub(super) fn new(path: &Path) -> Self {
        if path == Path::new("-") {
            Self::Input
        } else {
            Self::File(path.to_owned())
        }
    }

    /// Reads the keyring that the variable `name` holds here, in a file that must be there.
    pub(super) fn read(&self, name: &str) -> Result<Stored, Failure> {
        self.stored(name, false)
    }

    /// Reads what is here before a keyring is made: a file may be new.
    pub(super) fn read_before_making(&self, name: &str) -> Result<Stored, Failure> {
        self.stored(name, true)
    }

    fn stored(&self, name: &str, may_be_new: bool) -> Result<Stored, Failure> {
        match self {
            Self::File(path) => {
                let exposure = secret_file::exposure(path);
                let text = match secret_file::read(path)? {
                    Some(text) => text,
                    None if may_be_new => String::new(),
                    None => {
                        return Err(Failure::usage(format!(
                            "there is no file {}; name the file with the keyring, or make one with `mcp-edge keys generate --file {0}`",
                            path.display()
                        )));
                    }
                };
                let named_for_variables = path.file_name().is_some_and(|file| {
                    let file = file.to_string_lossy();
                    file.starts_with(".env")
                        || file.starts_with(".dev.vars")
                        || file.ends_with(".env")
                });
                let mut stored = Stored::parse(&text, name, named_for_variables)?;
                stored.is_exposed = stored.keyring.is_some() && exposure != Exposure::Private;
                if stored.is_exposed && exposure == Exposure::Writable {
                    return Err(Failure::check(format!(
                        "other users of this machine can write {0}, so an attacker may have replaced the keys in it; delete it and make \
                         new keys, or, if the keys are yours, run: chmod 600 {0}",
                        path.display()
                    )));
                }
                Ok(stored)
            }
            Self::Input => {
                let text = standard_input::secret("a keyring")?;
                Stored::parse(&text, name, false)
            }
        }
    }

    /// As it would be given on a command line.
    pub(super) fn argument(&self) -> String {
        match self {
            Self::File(path) => format!("--file {}", path.display()),
            Self::Input => "--file -".to_owned(),
        }
    }
}

impl Stored {
    fn parse(text: &str, name: &str, variables: bool) -> Result<Self, Failure> {
        let form = if variables || text.lines().any(|line| assigned(line).is_some()) {
            Form::Variables
        } else {
            Form::Alone
        };
        let mut stored = Self {
            before: String::new(),
            keyring: None,
            is_exposed: false,
            after: String::new(),
            form,
        };
        if form == Form::Alone {
            stored.keyring = (!text.trim().is_empty()).then(|| text.trim().to_owned());
            return Ok(stored);
        }
        for line in text.split_inclusive('\n') {
            match assigned(line) {
                Some((found, value)) if found == name => {
                    if stored.keyring.replace(unquoted(value).to_owned()).is_some() {
                        let sentence =
                            format!("the file sets {name} twice; remove one of the lines");
                        return Err(Failure::check(sentence));
                    }
                }
                _ if stored.keyring.is_none() => stored.before.push_str(line),
                _ => stored.after.push_str(line),
            }
        }
        if !stored.before.is_empty() && !stored.before.ends_with('\n') {
            stored.before.push('\n');
        }
        Ok(stored)
    }

    /// What stands between two keys here.
    pub(super) fn separator(&self) -> &'static str {
        match self.form {
            Form::Alone => "\n",
            // No reader of such files needs quotes around a comma.
            Form::Variables => ",",
        }
    }

    /// The whole text with `keyring` in it.
    pub(super) fn with(&self, name: &str, keyring: &str) -> String {
        match self.form {
            Form::Alone => format!("{keyring}\n"),
            Form::Variables => format!("{}{name}={keyring}\n{}", self.before, self.after),
        }
    }
}

/// The name and value that a line sets. An entry of a keyring sets nothing: its `=` stands behind a colon.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (name, value) = line
        .strip_prefix("export ")
        .unwrap_or(line)
        .split_once('=')?;
    let name = name.trim_end();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name, value.trim()))
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "MCP_EDGE_KEYS";

    fn stored(text: &str) -> Stored {
        Stored::parse(text, NAME, false).ok().unwrap()
    }

    #[test]
    fn a_file_of_its_own_is_the_keyring() {
        let file = stored("k1:sign:AAAA=\nk2:next:BBBB=\n");
        assert_eq!(
            file.keyring.as_deref(),
            Some("k1:sign:AAAA=\nk2:next:BBBB=")
        );
        assert_eq!(file.separator(), "\n");
        assert_eq!(file.with(NAME, "k2:sign:BBBB="), "k2:sign:BBBB=\n");
        assert_eq!(stored(" \n").keyring, None);
    }

    #[test]
    fn in_a_file_of_variables_nothing_else_changes() {
        for line in [
            "MCP_EDGE_KEYS=k1:sign:AAAA=\n",
            "export MCP_EDGE_KEYS = 'k1:sign:AAAA='\n",
            "MCP_EDGE_KEYS=\"k1:sign:AAAA=\"\r\n",
        ] {
            let file = stored(&format!(
                "# of the upstream\nTOKEN='a=b'\n{line}\nMCP_EDGE_ENV=dev"
            ));
            assert_eq!(file.keyring.as_deref(), Some("k1:sign:AAAA="), "{line}");
            assert_eq!(
                file.with(NAME, "k2:sign:BBBB="),
                "# of the upstream\nTOKEN='a=b'\nMCP_EDGE_KEYS=k2:sign:BBBB=\n\nMCP_EDGE_ENV=dev"
            );
        }
    }

    #[test]
    fn a_file_of_variables_gets_its_line_at_the_end() {
        let file = stored("TOKEN=a");
        assert_eq!(file.keyring, None);
        assert_eq!(
            file.with(NAME, "k1:sign:AAAA="),
            "TOKEN=a\nMCP_EDGE_KEYS=k1:sign:AAAA=\n"
        );
    }

    #[test]
    fn two_lines_for_one_variable_are_a_mistake() {
        let text = "MCP_EDGE_KEYS=a\nMCP_EDGE_KEYS=b\n";
        let refused = Stored::parse(text, NAME, false).err().unwrap();
        assert_eq!(
            refused.sentence,
            "the file sets MCP_EDGE_KEYS twice; remove one of the lines"
        );
    }
}
