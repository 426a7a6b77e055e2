//! The tools that it lists, in both eras (2026-07-28 and 2025-11-25, server/tools).

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::super::finding::{CheckResult, Problem, error, must, warning};
use super::answer::Answer;
use super::call::Call;
use super::discover::{must_be_complete, must_be_message};
use super::initialize;
use super::visit::Visit;
use crate::style::shown;

const MAX_NAME: usize = 128;

pub(super) fn modern(visit: &Visit) -> CheckResult {
    if !has_tools(&visit.discovery()?) {
        return Ok("it offers no tools to this caller".to_owned());
    }
    let answer = visit.ask(Call::modern("tools/list"))?;
    let result = listed(&answer)?;
    must_be_complete(&result, "tools/list")?;
    judged(&result)
}

pub(super) fn legacy(visit: &Visit) -> CheckResult {
    if !has_tools(&initialize::settled(visit)?) {
        return Ok("it offers no tools to this caller".to_owned());
    }
    let call = initialize::in_session(visit, Call::legacy("tools/list"))?;
    judged(&listed(&visit.ask(call)?)?)
}

fn has_tools(result: &Json) -> bool {
    result.pointer("/capabilities/tools").is_some()
}

fn listed(answer: &Answer) -> Result<Json, Problem> {
    let result = answer.result().ok_or_else(|| {
        error(
            format!(
                "it says that it has tools, and tools/list is answered {}",
                answer.described()
            ),
            "look into the server's log for why tools/list failed",
        )
    })?;
    must_be_message(answer)?;
    Ok(result)
}

/// Says what clients would do without telling anybody.
fn judged(result: &Json) -> CheckResult {
    let tools = result
        .get("tools")
        .and_then(Json::as_array)
        .ok_or_else(|| {
            error(
                "the result of tools/list has no list `tools`",
                "have it answer with one",
            )
        })?;
    let mut names = BTreeSet::new();
    for tool in tools {
        let name = tool
            .get("name")
            .and_then(Json::as_str)
            .ok_or_else(|| error("a tool has no name", "give every tool a name"))?;
        must(names.insert(name), || {
            error(
                format!("two tools are called `{}`", shown(name)),
                "give every tool a name of its own; clients see one of the two",
            )
        })?;
        must(
            tool.pointer("/inputSchema/type")
                .is_some_and(|kind| kind == "object"),
            || {
                error(
                    format!(
                        "the input schema of `{}` is not of type object",
                        shown(name)
                    ),
                    "give it an `inputSchema` with \"type\": \"object\"; clients drop the tool, or the whole list",
                )
            },
        )?;
        must(is_portable(name), || {
            warning(
                format!("`{}` is a name that some clients do not take", shown(name)),
                "name tools with 1 to 128 ASCII letters, digits, `_`, `-` and `.`",
            )
        })?;
    }
    let first = if result.get("nextCursor").is_some() {
        " on the first page"
    } else {
        ""
    };
    Ok(match tools.len() {
        1 => format!("1 tool{first}"),
        count => format!("{count} tools{first}"),
    })
}

fn is_portable(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_word)
}
