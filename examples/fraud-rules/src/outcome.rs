//! What a rule makes of payments whose fate is known.

use mcp_edge::prelude::*;

use crate::book::{Payment, Rule};

/// How well a rule tells fraud from honest payments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Outcome {
    /// Ids of frauds that the rule flags.
    pub(crate) caught: Vec<String>,
    /// Ids of honest payments that the rule flags.
    pub(crate) false_alarms: Vec<String>,
    /// Ids of frauds that the rule lets pass.
    pub(crate) missed: Vec<String>,
}

impl Outcome {
    pub(crate) fn of(rule: &Rule, payments: &[&Payment]) -> Self {
        let mut outcome = Self::default();
        for payment in payments {
            outcome.add(rule, payment);
        }
        outcome
    }

    pub(crate) fn add(&mut self, rule: &Rule, payment: &Payment) {
        let list = match (rule.flags(payment), payment.fraud) {
            (true, true) => &mut self.caught,
            (true, false) => &mut self.false_alarms,
            (false, true) => &mut self.missed,
            (false, false) => return,
        };
        list.push(payment.id.clone());
    }

    /// One sentence for a person.
    pub(crate) fn summary(&self) -> String {
        format!(
            "frauds caught: {}, frauds missed: {}, false alarms: {}",
            self.caught.len(),
            self.missed.len(),
            self.false_alarms.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;

    #[test]
    fn every_fraud_is_caught_or_missed() {
        let book = Book::load().expect("the data files are right");
        let payments: Vec<_> = book.payments.iter().collect();
        let frauds = payments.iter().filter(|payment| payment.fraud).count();
        for rule in &book.rules {
            let outcome = Outcome::of(rule, &payments);
            assert_eq!(
                outcome.caught.len() + outcome.missed.len(),
                frauds,
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn a_lower_threshold_flags_what_a_higher_one_does_and_more() {
        let book = Book::load().expect("the data files are right");
        let payments: Vec<_> = book.payments.iter().collect();
        let mut rule = book
            .rule("large-amount")
            .expect("it is in the data")
            .clone();
        let before = Outcome::of(&rule, &payments);
        rule.threshold /= 2.0;
        let after = Outcome::of(&rule, &payments);
        assert!(before.caught.iter().all(|id| after.caught.contains(id)));
        assert!(
            after.caught.len() + after.false_alarms.len()
                > before.caught.len() + before.false_alarms.len()
        );
    }
}
