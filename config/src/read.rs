//! From the text of `mcp.toml` to settings.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dotted::quoted;
use crate::fill::fill;
use crate::merge::merge;
use crate::mistake::Mistakes;
use crate::relations;
use crate::tables::{ENVIRONMENTS, Place, Reader};
use crate::value::Settings;

/// What a file says, for every environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// What holds where no environment is named.
    pub base: Settings,
    /// Each environment with its changes already laid over the base, by name.
    pub environments: BTreeMap<String, Settings>,
}

/// Reads and checks a file. All mistakes in its settings are found at once, and then all in how they go
/// together: what a wrong one leaves open would only be said twice.
pub fn read(text: &str) -> Result<Configuration, Mistakes> {
    let mut reader = Reader::new(text);
    let configuration = reader.document();
    if reader.mistakes.is_empty() {
        relations::check(&configuration.base, &mut reader.mistakes);
        for settings in configuration.environments.values() {
            relations::check(settings, &mut reader.mistakes);
        }
    }
    match Mistakes::among(reader.mistakes) {
        Some(mistakes) => Err(mistakes),
        None => Ok(configuration),
    }
}

impl<'a> Reader<'a> {
    /// The file as TOML; `None` if it is not, which is a mistake then.
    pub(crate) fn toml(&mut self) -> Option<DeTable<'a>> {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.not_toml(error);
        }
        errors.is_empty().then(|| document.into_inner())
    }

    fn document(&mut self) -> Configuration {
        let Some(mut document) = self.toml() else {
            return Configuration::default();
        };
        let overlays = document.remove(ENVIRONMENTS);

        let written = self.table(&document, Place::root(""));
        let base = fill(written.clone());

        let mut environments = BTreeMap::new();
        if let Some(overlays) = overlays {
            let Some(table) = overlays.get_ref().as_table() else {
                self.mistake(
                    overlays.span().start,
                    format!("{ENVIRONMENTS} must be tables, as [{ENVIRONMENTS}.staging]"),
                );
                return Configuration { base, environments };
            };
            for (name, overlay) in table {
                if let Some(settings) = self.environment(name.get_ref(), overlay, &written) {
                    environments.insert(name.get_ref().to_string(), settings);
                }
            }
        }
        Configuration { base, environments }
    }

    fn environment(
        &mut self,
        name: &str,
        overlay: &Spanned<DeValue<'_>>,
        base: &Settings,
    ) -> Option<Settings> {
        let prefix = format!("{ENVIRONMENTS}.{}", quoted(name));
        let Some(table) = overlay.get_ref().as_table() else {
            self.mistake(
                overlay.span().start,
                format!("{prefix} must be a table with sections, as [{prefix}.limits]"),
            );
            return None;
        };
        let changes = self.table(table, Place::root(&prefix));
        Some(fill(merge(base, changes)))
    }
}
