//! `mcp.toml`, as commands are told where it is.

use std::path::{Path, PathBuf};

use clap::Args;
use mcp_edge_config::{Configuration, Settings};

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
