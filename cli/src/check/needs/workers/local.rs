//! The file of variables that `wrangler dev` reads.

use std::collections::BTreeSet;
use std::path::Path;

use super::section::Section;
use crate::output::Failure;
use crate::secret_file;

/// Which names the file beside `wrangler.toml` sets; its values are not read here.
pub(super) struct Local {
    pub(super) file: String,
    names: BTreeSet<String>,
}

impl Local {
    pub(super) fn of(folder: &Path, section: &Section) -> Result<Self, Failure> {
        let mut files = section.local_files();
        let last = files.pop().unwrap_or_default();
        for file in files {
            if let Some(text) = secret_file::read(&folder.join(&file))? {
                return Ok(Self::new(file, &text));
            }
        }
        let text = secret_file::read(&folder.join(&last))?;
        Ok(Self::new(last, &text.unwrap_or_default()))
    }

    fn new(file: String, text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let lines = lines.filter(|(name, _)| !name.trim_start().starts_with('#'));
        let set = lines.filter(|(_, value)| !value.trim().trim_matches(['"', '\'']).is_empty());
        let names = set.map(|(name, _)| name.trim().trim_start_matches("export ").to_owned());
        Self {
            file,
            names: names.collect(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::Local;

    #[test]
    fn only_names_with_a_value_are_there() {
        let local = Local::new(String::new(), "# A=1\nA = 'x=y'\nB=\"\"\nC=\nexport D=1\n");
        let has = ["# A", "A", "B", "C", "D"].map(|name| local.has(name));
        assert_eq!(has, [false, true, false, false, true]);
    }
}
