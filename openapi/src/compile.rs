//! A compilation, from the documents to the report.

use std::collections::BTreeMap;

use crate::credentials;
use crate::operations::{self, Found};
use crate::refs::Library;
use crate::report::{Compilation, Exclusion, Losses, Mistake, Report, Tool, Unmappable};
use crate::request::{Request, ToolChange};
use crate::rules::{self, Decision, nearest};
use crate::schema::Patterns;
use crate::tool::{self, Context};

/// The maximum number of operations of all documents of an upstream.
const MAX_OPERATIONS: usize = 10_000;

/// Compiles the documents of one upstream. Each operation ends as a tool, as excluded or as unmappable; the error is what the
/// operator must change before there is a catalog.
pub fn compile(request: &Request<'_>) -> Result<Compilation, Vec<Mistake>> {
    let library = Library::load(&request.documents, request.read)?;
    let mut warnings = Losses::default();
    let documents = request.documents.len();
    let operations = operations::find(&library, documents, &mut warnings);
    if operations.len() > MAX_OPERATIONS {
        return Err(vec![Mistake::new(format!(
            "the documents have {} operations, and at most {MAX_OPERATIONS} are compiled; remove what is not served",
            operations.len()
        ))]);
    }
    let mut mistakes = Vec::new();
    let decisions = rules::decide(&request.rules, &operations, &mut mistakes);
    let changes = changes(request, &operations, &decisions, &mut mistakes);
    let context = Context {
        request,
        library: &library,
        patterns: Patterns::default(),
        schemes: (0..documents)
            .map(|file| {
                let root = library.root(file);
                root.map(|root| credentials::schemes(&library, root))
                    .unwrap_or_default()
            })
            .collect(),
    };
    let mut compilation = Compilation::default();
    // Of each tool.
    let mut places = Vec::new();
    let unchanged = ToolChange::default();
    for (index, (found, decision)) in operations.iter().zip(decisions).enumerate() {
        let label = found.label.clone();
        if let Decision::Excluded(rule) = decision {
            compilation.report.excluded.push(Exclusion {
                operation: label,
                rule,
            });
            continue;
        }
        let change = changes.get(&index).copied().unwrap_or(&unchanged);
        let mut losses = Losses::default();
        match tool::build(&context, found, change, &mut losses, &mut mistakes) {
            Ok(operation) => {
                places.push(found.at());
                compilation.report.tools.push(Tool {
                    operation: label,
                    name: operation.name.clone(),
                    losses: losses.into_list(found.at()),
                });
                compilation.operations.push(operation);
            }
            Err(rejection) => compilation.report.unmappable.push(Unmappable {
                operation: label,
                reason: rejection.reason,
                at: rejection.at,
            }),
        }
    }
    compilation.report.warnings = warnings.into_list("");
    check_unique(&compilation.report, &places, &mut mistakes);
    if mistakes.is_empty() {
        Ok(compilation)
    } else {
        Err(mistakes)
    }
}

/// The change to each operation, by its index.
fn changes<'r>(
    request: &'r Request<'_>,
    operations: &[Found<'_>],
    decisions: &[Decision],
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<usize, &'r ToolChange> {
    let mut found = BTreeMap::new();
    for change in &request.changes {
        let name = &change.operation;
        let mut matching = operations
            .iter()
            .enumerate()
            .filter(|(_, operation)| operation.label == *name || operation.id == *name);
        let Some((index, operation)) = matching.next() else {
            let names = operations
                .iter()
                .flat_map(|operation| [&*operation.label, &*operation.id]);
            let hint = match nearest(name, names) {
                Some(nearest) => format!("the nearest is \"{nearest}\""),
                None => "the documents have no operation".to_owned(),
            };
            mistakes.push(Mistake::new(format!(
                "tool \"{name}\": no such operation; {hint}"
            )));
            continue;
        };
        if let Some((_, other)) = matching.next() {
            mistakes.push(Mistake::new(format!(
                "tool \"{name}\": {} and {} are both called so; write the method and the path",
                operation.at(),
                other.at()
            )));
        }
        match decisions.get(index) {
            Some(Decision::Excluded(Some(rule))) => mistakes.push(Mistake::new(format!(
                "tool \"{name}\": the operation is excluded by \"{rule}\"; remove the rule or the change"
            ))),
            Some(Decision::Excluded(None)) => mistakes.push(Mistake::new(format!(
                "tool \"{name}\": no rule allows the operation; add it to allow, or remove the change"
            ))),
            _ => {}
        }
        if found.insert(index, change).is_some() {
            mistakes.push(Mistake::new(format!(
                "tool \"{name}\": the operation is changed twice; write one change"
            )));
        }
    }
    found
}

/// No two tools have one name.
fn check_unique(report: &Report, places: &[String], mistakes: &mut Vec<Mistake>) {
    let mut names: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (tool, place) in report.tools.iter().zip(places) {
        if let Some((other, first)) = names.insert(&tool.name, (&tool.operation, place)) {
            mistakes.push(Mistake {
                message: format!(
                    "{other} ({first}) and {} ({place}) are both named \"{}\"; name one of them by `[tools.NAME]` with its `operation`",
                    tool.operation, tool.name
                ),
                operations: vec![other.to_owned(), tool.operation.clone()],
            });
        }
    }
}
