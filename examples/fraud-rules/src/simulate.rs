//! The tool that works out with its user what changing a rule would do.
//!
//! It asks two questions, with work in between. Each question ends the request; the client sends it again with the answer,
//! perhaps to another instance, and the function goes on where it stopped.

use mcp_edge::prelude::*;

use crate::book::{Book, Rule};
use crate::outcome::Outcome;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Simulate {
    /// The rule's id, as in `rules://all`.
    rule: String,
}

#[derive(Deserialize, JsonSchema)]
struct NewThreshold {
    /// The threshold to try instead.
    #[schemars(range(min = 0))]
    threshold: f64,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    /// Whether to propose this change to the rule's owner.
    propose: bool,
    /// A word to the rule's owner.
    #[schemars(length(max = 200))]
    comment: Option<String>,
}

/// What a change would do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Effect {
    /// Names this simulation wherever it is talked about.
    reference: String,
    before: Outcome,
    after: Outcome,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Simulation {
    rule: String,
    old_threshold: f64,
    new_threshold: f64,
    effect: Effect,
    /// Whether the user wants the change proposed.
    proposed: bool,
    /// What the user wants the rule's owner to know.
    comment: Option<String>,
}

/// Simulates another threshold for a fraud rule. Asks the user which one to try, and then whether to propose the change.
#[tool(title = "Simulate a rule change", read_only, open_world = false)]
pub(crate) async fn simulate_rule_change(
    cx: Context,
    book: State<Book>,
    input: Simulate,
) -> Result<Json<Simulation>, ToolError> {
    let rule = book.rule(&input.rule)?;

    let question = format!(
        "`{}` now has the threshold {}. Which one should be tried?",
        rule.title, rule.threshold
    );
    let NewThreshold { threshold } = cx.ask("threshold", Form::new(question)).await?;

    // A step runs once: the next round finds its result in the request state. Its key is the same should it run again.
    let effect = cx
        .step("simulate", async |step| {
            simulate(&book, rule, threshold, step.idempotency_key())
        })
        .await?;

    let question = format!(
        "With {}: {}. With {threshold}: {}. Should this change be proposed?",
        rule.threshold,
        effect.before.summary(),
        effect.after.summary()
    );
    let Confirmation { propose, comment } = cx.ask("confirm", Form::new(question)).await?;

    Ok(Json(Simulation {
        rule: rule.id.clone(),
        old_threshold: rule.threshold,
        new_threshold: threshold,
        effect,
        proposed: propose,
        comment,
    }))
}

/// What another threshold would do to all payments. A bigger bank would let a service of its own work this out, and hand
/// it the key, so that the same simulation is never started twice.
fn simulate(book: &Book, rule: &Rule, threshold: f64, key: &str) -> Effect {
    let payments: Vec<_> = book.payments.iter().collect();
    let changed = Rule {
        threshold,
        ..rule.clone()
    };
    Effect {
        reference: key.chars().take(8).collect(),
        before: Outcome::of(rule, &payments),
        after: Outcome::of(&changed, &payments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_threshold_changes_nothing() {
        let book = Book::load().expect("the data files are right");
        for rule in &book.rules {
            let effect = simulate(&book, rule, rule.threshold, "0123456789");
            assert_eq!(effect.before, effect.after);
            assert_eq!(effect.reference, "01234567");
        }
    }

    #[test]
    fn a_threshold_of_zero_catches_every_fraud() {
        let book = Book::load().expect("the data files are right");
        let rule = book.rule("large-amount").expect("it is in the data");
        let effect = simulate(&book, rule, 0.0, "key");
        assert!(effect.after.missed.is_empty());
        assert!(!effect.before.missed.is_empty());
    }
}
