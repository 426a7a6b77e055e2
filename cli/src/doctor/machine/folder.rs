//! The files of the server in this folder.

use super::{CheckResult, Problem, Project, error, must, warning};
use crate::exposure::Exposure;
use crate::file;

pub(super) fn configuration(here: &Project<'_>) -> CheckResult {
    must(here.is_server(), || Problem::Skipped)?;
    let path = here.file.path().display();
    if !here.file.path().is_file() {
        return Err(error(
            format!("there is no {path}, and the server does not compile without it"),
            "create it in the folder of Cargo.toml; an empty file keeps every default",
        ));
    }
    let check = format!("mcp-edge check{}", here.file.options());
    let read = here.file.read().and_then(|configuration| {
        file::settings(&configuration, here.file.env.as_deref())?;
        Ok(configuration)
    });
    match read {
        Ok(_) => Ok(format!("{path} reads; `{check}` says what it means")),
        Err(failure) => Err(error(
            failure.sentence.lines().next().unwrap_or_default(),
            format!("correct it; `{check}` names every mistake"),
        )),
    }
}

/// Who may call the server.
pub(super) fn callers(here: &Project<'_>) -> CheckResult {
    must(here.is_server(), || Problem::Skipped)?;
    // The check of the configuration says what is wrong with it.
    let exposure = here.file.read().and_then(|configuration| {
        let environment = here.file.env.as_deref();
        Exposure::of(&configuration, environment, &here.folder)
    });
    let exposure = exposure.map_err(|_| Problem::Skipped)?;
    let sentences: Vec<_> = exposure.sentences().collect();
    let sentence = sentences.join("; ");
    match exposure.warnings().as_slice() {
        [] => Ok(sentence),
        warnings => Err(warning(sentence, warnings.join("; "))),
    }
}

pub(super) fn workers(here: &Project<'_>) -> CheckResult {
    deployed(
        here,
        here.is_for_workers(),
        "Workers",
        "docs/guide/workers.md",
    )
}

pub(super) fn spin(here: &Project<'_>) -> CheckResult {
    deployed(here, here.is_for_spin(), "Spin", "docs/guide/spin.md")
}

fn deployed(here: &Project<'_>, is_there: bool, host: &str, docs: &str) -> CheckResult {
    if is_there {
        let (name, options) = (host.to_lowercase(), here.file.options());
        return Ok(format!(
            "is there; `mcp-edge check --host {name}{options}` says what it lacks"
        ));
    }
    must(here.is_server(), || Problem::Skipped)?;
    Err(here.lacking(
        false,
        format!("there is none, so this server cannot be deployed to {host}"),
        &format!("write one as {docs} shows, or do without {host}"),
    ))
}
