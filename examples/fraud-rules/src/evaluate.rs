//! The tool that tries a rule out.

use mcp_edge::prelude::*;

use crate::book::{Action, Book, Region};
use crate::outcome::Outcome;

/// How many payments are judged between two reports of progress.
const BATCH: usize = 5;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Evaluate {
    /// The rule's id, as in `rules://all`.
    rule: String,
    /// Whose payments to judge. Clients repeat it in the header `Mcp-Param-Region`, so that a proxy can send the call to
    /// where the payments are.
    #[schemars(extend("x-mcp-header" = "Region"))]
    region: Region,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Evaluation {
    /// How many payments were judged.
    payments: usize,
    /// What happens to those that are flagged.
    action: Action,
    outcome: Outcome,
}

/// Tries a fraud rule out on past payments whose fate is known, and says what it catches and what it misses.
#[tool(title = "Evaluate a rule", read_only, open_world = false)]
pub(crate) async fn evaluate_rule(
    cx: Context,
    book: State<Book>,
    input: Evaluate,
) -> Result<Json<Evaluation>, ToolError> {
    let rule = book.rule(&input.rule)?;
    let payments = book.payments_in(input.region);
    let batches = payments.chunks(BATCH);
    let total = batches.len() as f64;

    let mut outcome = Outcome::default();
    for (done, batch) in batches.enumerate() {
        cx.progress((done as f64, total), "Judging payments").await;
        for payment in batch {
            outcome.add(rule, payment);
        }
    }
    cx.progress((total, total), "All payments judged").await;

    Ok(Json(Evaluation {
        payments: payments.len(),
        action: rule.action,
        outcome,
    }))
}
