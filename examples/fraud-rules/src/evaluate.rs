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

#[cfg(test)]
mod tests {
    use mcp_edge::testing::Client;
    use serde_json::json;

    use super::*;

    #[test]
    fn judges_the_payments_of_one_region_and_reports_progress() {
        let book = Book::load().expect("the data files are right");
        let rule = book.rule("card-velocity").expect("a rule of that name");
        let payments = book.payments_in(Region::Eu);
        let expected = Outcome::of(rule, &payments);

        let client = Client::new(crate::server()).with_meta("progressToken", "evaluation");
        let arguments = json!({ "rule": "card-velocity", "region": "EU" });
        let result = client
            .call_tool("evaluate_rule", arguments)
            .expect("an evaluation");
        let evaluation = &result["structuredContent"];
        assert_eq!(evaluation["payments"], payments.len());
        assert_eq!(evaluation["outcome"], json!(expected));
        let last = result.notifications().last().expect("progress");
        assert_eq!(last["params"]["message"], "All payments judged");
    }

    #[test]
    fn an_unknown_rule_is_an_error_that_the_model_reads() {
        let client = Client::new(crate::server());
        let arguments = json!({ "rule": "no-such-rule", "region": "EU" });
        let result = client
            .call_tool("evaluate_rule", arguments)
            .expect("a result");
        assert!(result.is_error());
        assert!(result.text().contains("rules://all"), "{}", result.text());
    }
}
