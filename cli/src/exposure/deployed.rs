//! Which environments the files of the hosts deploy.

use std::path::Path;

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;
use toml_edit::{DocumentMut, Item, TableLike};

use crate::outcome::Failure;
use crate::secret_file;

const WORKERS: &str = "wrangler.toml";
const SPIN: &str = "spin.toml";

/// An environment, and what deploys it.
pub(super) struct Deployed {
    pub(super) by: String,
    /// `None`: the settings that hold without an environment.
    pub(super) environment: Option<String>,
}

impl Deployed {
    /// An environment that is checked by name is one that is about to be deployed.
    pub(super) fn asked_for(environment: &str) -> Self {
        Self {
            by: "--env".to_owned(),
            environment: Some(environment.to_owned()),
        }
    }

    fn new(by: &str, environment: &str) -> Self {
        Self {
            by: by.to_owned(),
            environment: Some(environment.to_owned()).filter(|name| !name.is_empty()),
        }
    }
}

/// What the files in `folder` deploy. Without one there is only the process, which runs without an environment by default.
pub(super) fn in_folder(folder: &Path) -> Result<Vec<Deployed>, Failure> {
    let workers = document(folder, WORKERS)?;
    let spin = document(folder, SPIN)?;
    if workers.is_none() && spin.is_none() {
        return Ok(vec![Deployed::new("a process without MCP_EDGE_ENV", "")]);
    }
    let workers = workers.iter().flat_map(by_wrangler);
    let spin = spin.iter().flat_map(by_spin);
    Ok(workers.chain(spin).collect())
}

/// A file; `None` where it is not there, or is no TOML, which `check --host` says.
fn document(folder: &Path, name: &str) -> Result<Option<DocumentMut>, Failure> {
    let text = secret_file::read(&folder.join(name))?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// `wrangler deploy` deploys the top of the file, `--env NAME` an `[env.NAME]`, which does not inherit variables.
fn by_wrangler(file: &DocumentMut) -> Vec<Deployed> {
    let runs = |section: &dyn TableLike| {
        let variables = section.get("vars").and_then(Item::as_table_like);
        let variable = variables.and_then(|variables| variables.get(ENVIRONMENT_VARIABLE));
        variable
            .and_then(Item::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let sections = file.get("env").and_then(Item::as_table_like);
    let sections = sections.into_iter().flat_map(TableLike::iter);
    let below = sections.filter_map(|(name, section)| {
        let runs = runs(section.as_table_like()?);
        Some(Deployed::new(&format!("[env.{name}] of {WORKERS}"), &runs))
    });
    std::iter::once(Deployed::new(WORKERS, &runs(file.as_table())))
        .chain(below)
        .collect()
}

/// The variable of each component that has it; without one, the component runs without an environment.
fn by_spin(file: &DocumentMut) -> Vec<Deployed> {
    let name = ENVIRONMENT_VARIABLE.to_ascii_lowercase();
    let components = file.get("component").and_then(Item::as_table_like);
    let components = components.into_iter().flat_map(TableLike::iter);
    let passed: Vec<_> = components
        .filter_map(|(_, component)| {
            let variables = component.as_table_like()?.get("variables")?;
            variables.as_table_like()?.get(&name)?.as_str()
        })
        .collect();
    if passed.is_empty() {
        return vec![Deployed::new(SPIN, "")];
    }
    let known = passed.into_iter().filter_map(|text| value(file, text));
    known.map(|runs| Deployed::new(SPIN, &runs)).collect()
}

/// What the component gets, where that is in the file.
fn value(file: &DocumentMut, text: &str) -> Option<String> {
    let text = text.trim();
    let variable = text
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let Some(variable) = variable else {
        return Some(text.to_owned());
    };
    let declared = file
        .get("variables")?
        .as_table_like()?
        .get(variable.trim())?;
    let default = declared.as_table_like()?.get("default")?;
    default.as_str().map(str::to_owned)
}
