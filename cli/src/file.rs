//! `mcp.toml`, as commands are told where it is.

use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_config::{Configuration, Settings, encode};
use mcp_edge_runtime::config::Settings as RuntimeSettings;
use mcp_edge_sinks::DRIVERS;

use crate::output::Failure;
use crate::secret_file;

const NAME: &str = "mcp.toml";

/// Which file, and which environment of it.
#[derive(Args)]
pub(crate) struct File {
    /// The configuration [default: mcp.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The environment, a table [environments.NAME] of the configuration
    #[arg(long, value_name = "NAME", env = mcp_edge_runtime::config::ENVIRONMENT_VARIABLE, hide_env_values = true)]
    pub(crate) env: Option<String>,
}

impl File {
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(Path::new(NAME))
    }

    /// The folder of the file.
    pub(crate) fn folder(&self) -> &Path {
        self.path().parent().unwrap_or(Path::new(""))
    }

    /// As it would be given on a command line, with a blank before each option.
    pub(crate) fn options(&self) -> String {
        let config = self.config.as_deref();
        let config = config.map(|path| format!(" --config {}", path.display()));
        let env = self.env.as_deref().map(|name| format!(" --env {name}"));
        config.into_iter().chain(env).collect()
    }

    /// The text of the file. One that is missing is an error, as it is for the compiler.
    pub(crate) fn text(&self) -> Result<String, Failure> {
        let missing = || {
            let path = self.path().display();
            Failure::usage(match self.config {
                Some(_) => format!("there is no file {path}"),
                None => format!(
                    "there is no {path} here; go to the folder of the server, or name the file with --config"
                ),
            })
        };
        secret_file::read(self.path())?.ok_or_else(missing)
    }

    /// What the file says; its mistakes are a failed check.
    pub(crate) fn read(&self) -> Result<Configuration, Failure> {
        let named = |mistake: String| format!("{}, {mistake}", self.path().display());
        mcp_edge_config::read(&self.text()?).map_err(|mistakes| {
            let sentences: Vec<_> = mistakes
                .iter()
                .map(|mistake| named(mistake.to_string()))
                .collect();
            Failure::check(sentences.join("\n"))
        })
    }
}

/// The settings of `environment`, or those that hold without any.
pub(crate) fn settings<'a>(
    configuration: &'a Configuration,
    environment: Option<&str>,
) -> Result<&'a Settings, Failure> {
    let Some(name) = environment else {
        return Ok(&configuration.base);
    };
    configuration.environments.get(name).ok_or_else(|| {
        let known: Vec<_> = configuration
            .environments
            .keys()
            .map(String::as_str)
            .collect();
        Failure::usage(match known.as_slice() {
            [] => format!("there is no environment `{name}`; the file has none"),
            known => format!(
                "there is no environment `{name}`; there are: {}",
                known.join(", ")
            ),
        })
    })
}

/// A file's settings as the runtime has them. They are never freed, since the program ends soon.
pub(crate) fn decoded(file: &Settings) -> Result<&'static RuntimeSettings, Failure> {
    let settings = RuntimeSettings::decode(&encode(file), &DRIVERS).map_err(Failure::check)?;
    Ok(Box::leak(Box::new(settings)))
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::{DefaultValue, Entry, KEYS, Key, Kind, Setting, Table, Value, read};
    use mcp_edge_runtime::config::{
        Capture, Configuration, Issuer, RateLimit, Rule, Sink, Upstream,
    };
    use mcp_edge_settings::choice::{self, Choice};

    use super::*;

    const TEXT: &str = include_str!("../tests/every_setting.toml");
    const COMPILED: Configuration = mcp_edge_macros::config!("tests/every_setting.toml");

    #[test]
    fn reads_what_the_macro_compiles() {
        let file = read(TEXT).unwrap();
        assert_eq!(*decoded(&file.base).unwrap(), COMPILED.base);
        let [environment] = COMPILED.environments else {
            panic!("one environment");
        };
        let overlaid = &file.environments[environment.name];
        assert_eq!(*decoded(overlaid).unwrap(), environment.settings);
    }

    /// Otherwise the comparison would not notice a key that is missing here.
    #[test]
    fn the_file_sets_every_key_and_every_choice() {
        let base = read(TEXT).unwrap().base;
        for key in KEYS {
            let setting = base.get(key.path);
            let value = &setting.unwrap_or_else(|| panic!("{}", key.path)).value;
            if let Kind::Named(table) | Kind::Each(table) = key.kind {
                every_key(table, value);
            }
        }
    }

    #[test]
    fn the_file_has_a_sink_of_every_type() {
        let mut missing = DRIVERS.protocols.to_vec();
        missing.retain(|protocol| {
            let mut sinks = COMPILED.base.sinks.iter();
            sinks.all(|sink| sink.protocol != *protocol)
        });
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// The settings that set each of `keys` to its default.
    fn defaults(keys: &'static [Key]) -> Settings {
        let setting = |value| Setting {
            value,
            line: 0,
            at: String::new(),
        };
        let entry = |table: &Table| Entry {
            settings: defaults(table.keys),
            line: 0,
            at: String::new(),
        };
        keys.iter()
            .filter_map(|key| {
                let value = match (key.kind, key.default) {
                    (Kind::Named(table), _) => {
                        Value::Named([("one".to_owned(), entry(table))].into())
                    }
                    (Kind::Each(table), _) => Value::Each(vec![entry(table)]),
                    (_, DefaultValue::Value(default)) => key
                        .default_value()
                        .unwrap_or_else(|| panic!("{} is {default}", key.path)),
                    _ => return None,
                };
                Some((key.path, setting(value)))
            })
            .collect()
    }

    #[test]
    fn documented_defaults_are_in_force() {
        let expected = RuntimeSettings {
            issuers: &[Issuer {
                name: "one",
                ..Issuer::DEFAULT
            }],
            policy: &[Rule::DEFAULT],
            rate_limits: &[RateLimit::DEFAULT],
            capture: &[Capture::DEFAULT],
            sinks: &[Sink {
                name: "one",
                ..Sink::DEFAULT
            }],
            upstreams: &[Upstream {
                name: "one",
                ..Upstream::DEFAULT
            }],
            ..RuntimeSettings::DEFAULT
        };
        assert_eq!(*decoded(&defaults(KEYS)).unwrap(), expected);
    }

    /// A word that a build accepts is one that a program which decodes settings accepts.
    #[test]
    fn there_is_a_driver_for_every_word() {
        let words =
            |choices: &[Choice]| choices.iter().map(|choice| choice.name).collect::<Vec<_>>();
        let protocols = DRIVERS.protocols.iter().map(|protocol| protocol.name());
        assert_eq!(
            words(choice::Protocol::CHOICES),
            protocols.collect::<Vec<_>>()
        );
        let formats = DRIVERS.formats.iter().map(|format| format.name());
        assert_eq!(words(choice::Format::CHOICES), formats.collect::<Vec<_>>());
        let algorithms = DRIVERS.algorithms.iter().map(|algorithm| algorithm.name());
        assert_eq!(
            words(choice::Algorithm::CHOICES),
            algorithms.collect::<Vec<_>>()
        );
    }

    fn every_key(table: &Table, value: &Value) {
        let entries: Vec<&Entry> = match value {
            Value::Named(entries) => entries.values().collect(),
            Value::Each(entries) => entries.iter().collect(),
            other => panic!("{other:?}"),
        };
        for key in table.keys {
            let mut set = entries
                .iter()
                .filter_map(|entry| entry.settings.get(key.path));
            let first = set
                .next()
                .unwrap_or_else(|| panic!("{} {}", table.entry, key.path));
            if let (Kind::Choices(all), Value::Choices(chosen)) = (key.kind, &first.value) {
                assert_eq!(chosen.len(), all.len(), "{} {}", table.entry, key.path);
            }
        }
    }
}
