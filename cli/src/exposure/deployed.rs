//! Which environments the files of the hosts deploy.

use std::path::Path;

use mcp_edge_runtime::config::ENVIRONMENT_VARIABLE;
use toml_edit::{DocumentMut, Item, Table, TableLike};

use crate::byte_order_mark::split_marks;
use crate::jsonc::{is_json, parsed};
use crate::output::Failure;
use crate::{secret_file, wrangler};

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
    let path = wrangler::file(folder);
    let workers = table(&path)?;
    let spin = table(&folder.join(SPIN))?;
    if workers.is_none() && spin.is_none() {
        return Ok(vec![Deployed::new("a process without MCP_EDGE_ENV", "")]);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let workers = workers.iter().flat_map(|file| by_wrangler(&name, file));
    let spin = spin.iter().flat_map(by_spin);
    Ok(workers.chain(spin).collect())
}

/// A file; `None` where it is not there, or cannot be read, which `check --host` says.
fn table(path: &Path) -> Result<Option<Table>, Failure> {
    let text = secret_file::read(path)?;
    Ok(text.and_then(|text| match is_json(path) {
        true => parsed("", &text).ok(),
        false => {
            let (_, toml) = split_marks(&text);
            let document: Option<DocumentMut> = toml.parse().ok();
            document.map(|document| document.as_table().clone())
        }
    }))
}

/// `wrangler deploy` deploys the top of the file, `--env NAME` an `[env.NAME]`, which does not inherit variables.
fn by_wrangler(name: &str, file: &Table) -> Vec<Deployed> {
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
    let below = sections.filter_map(|(section, settings)| {
        let runs = runs(settings.as_table_like()?);
        Some(Deployed::new(&format!("[env.{section}] of {name}"), &runs))
    });
    std::iter::once(Deployed::new(name, &runs(file)))
        .chain(below)
        .collect()
}

/// The variable of each component that has it; without one, the component runs without an environment.
fn by_spin(file: &Table) -> Vec<Deployed> {
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
fn value(file: &Table, text: &str) -> Option<String> {
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
