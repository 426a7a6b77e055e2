//! The result for each operation of the documents.

use std::collections::BTreeMap;
use std::fmt::Write;

use mcp_edge_openapi::Report;
use serde_json::{Value as Json, json};

use crate::style::{CAUTION, GOOD, HEADING, shown, styled};

/// How much a person is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every operation.
    All,
    /// The counts, and what a person may have to change.
    Problems,
}

/// The number of operations of each kind.
pub(crate) fn counts(report: &Report) -> String {
    format!(
        "{} tools, {} excluded, {} unmappable",
        report.tools.len(),
        report.excluded.len(),
        report.unmappable.len()
    )
}

/// A paragraph for each upstream.
pub(crate) fn text(reports: &BTreeMap<String, Report>, detail: Detail) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    for (name, report) in reports {
        let heading = styled(HEADING, &format!("[upstreams.{name}]"));
        let _ = writeln!(text, "\n{heading}\n{}", counts(report));
        for warning in &report.warnings {
            let _ = writeln!(
                text,
                "  {} {}",
                styled(CAUTION, "document:"),
                shown(&warning.to_string())
            );
        }
        for tool in &report.tools {
            if detail == Detail::All || !tool.losses.is_empty() {
                let _ = writeln!(
                    text,
                    "  {} {}  {}",
                    styled(GOOD, "tool:"),
                    tool.name,
                    shown(&tool.operation)
                );
            }
            for loss in &tool.losses {
                let _ = writeln!(text, "      {}", shown(&loss.to_string()));
            }
        }
        for operation in &report.unmappable {
            let _ = writeln!(
                text,
                "  {} {}",
                styled(CAUTION, "unmappable:"),
                shown(&operation.to_string())
            );
        }
        if detail == Detail::All {
            for operation in &report.excluded {
                let _ = writeln!(text, "  excluded: {}", shown(&operation.to_string()));
            }
        }
    }
    text
}

/// The same for programs: everything, whatever a person is told.
pub(crate) fn json(reports: &BTreeMap<String, Report>) -> Json {
    let of = |report: &Report| {
        let losses = |losses: &[mcp_edge_openapi::Loss]| -> Json {
            losses
                .iter()
                .map(|loss| json!({ "text": loss.text, "at": loss.at }))
                .collect()
        };
        let tools = report.tools.iter().map(|tool| {
            json!({ "name": tool.name, "operation": tool.operation, "losses": losses(&tool.losses) })
        });
        let excluded = report
            .excluded
            .iter()
            .map(|operation| json!({ "operation": operation.operation, "rule": operation.rule }));
        let unmappable = report.unmappable.iter().map(|operation| {
            json!({ "operation": operation.operation, "reason": operation.reason, "at": operation.at })
        });
        json!({
            "tools": Json::from_iter(tools),
            "excluded": Json::from_iter(excluded),
            "unmappable": Json::from_iter(unmappable),
            "warnings": losses(&report.warnings),
        })
    };
    reports
        .iter()
        .map(|(name, report)| (name.clone(), of(report)))
        .collect()
}
