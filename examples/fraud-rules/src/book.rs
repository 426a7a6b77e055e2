//! The rules and the payments, read from data files that are compiled in.

use mcp_edge::prelude::*;

/// Everything the server knows. It never changes while the server runs.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) rules: Vec<Rule>,
    pub(crate) payments: Vec<Payment>,
}

/// A rule that flags payments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) signal: Signal,
    pub(crate) flags: Side,
    pub(crate) threshold: f64,
    pub(crate) action: Action,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signal {
    Amount,
    PaymentsLastHour,
    AccountAgeDays,
    KmFromLast,
}

/// Which side of its threshold a rule flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Above,
    Below,
}

/// What happens to a payment that a rule flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Review,
    Block,
}

/// A past payment, with its outcome.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) region: Region,
    /// In euros.
    pub(crate) amount: f64,
    /// With the same card.
    pub(crate) payments_last_hour: u32,
    pub(crate) account_age_days: u32,
    /// From where the card was used last.
    pub(crate) km_from_last: u32,
    /// Whether it turned out to be one.
    pub(crate) fraud: bool,
}

/// Where a payment was made. Inline, because a header can only repeat an argument that is described on the spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub(crate) enum Region {
    Eu,
    Us,
    Apac,
}

impl Book {
    /// Reads the data files; an error means that one of them is wrong.
    pub(crate) fn load() -> Result<Self, serde_json::Error> {
        Ok(Self {
            rules: serde_json::from_str(include_str!("../data/rules.json"))?,
            payments: serde_json::from_str(include_str!("../data/payments.json"))?,
        })
    }

    pub(crate) fn rule(&self, id: &str) -> Result<&Rule, UnknownRule> {
        self.rules
            .iter()
            .find(|rule| rule.id == id)
            .ok_or(UnknownRule)
    }

    pub(crate) fn payments_in(&self, region: Region) -> Vec<&Payment> {
        self.payments
            .iter()
            .filter(|payment| payment.region == region)
            .collect()
    }
}

/// Nothing has the id of a rule that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownRule;

impl From<UnknownRule> for ToolError {
    fn from(UnknownRule: UnknownRule) -> Self {
        Self::new("There is no rule with this id. The resource rules://all lists them.")
    }
}

impl From<UnknownRule> for RequestError {
    fn from(UnknownRule: UnknownRule) -> Self {
        Self::not_found()
    }
}

impl Rule {
    pub(crate) fn flags(&self, payment: &Payment) -> bool {
        let value = match self.signal {
            Signal::Amount => payment.amount,
            Signal::PaymentsLastHour => payment.payments_last_hour.into(),
            Signal::AccountAgeDays => payment.account_age_days.into(),
            Signal::KmFromLast => payment.km_from_last.into(),
        };
        match self.flags {
            Side::Above => value > self.threshold,
            Side::Below => value < self.threshold,
        }
    }
}

/// Completes the id of a rule.
pub(crate) async fn complete_rule(
    cx: Context,
    typed: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    let book = cx.state::<Book>()?;
    let ids = book.rules.iter().map(|rule| &rule.id);
    Ok(ids
        .filter(|id| id.starts_with(&typed.value))
        .cloned()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> Payment {
        Payment {
            id: "pay-000".to_owned(),
            region: Region::Eu,
            amount: 100.0,
            payments_last_hour: 1,
            account_age_days: 30,
            km_from_last: 5,
            fraud: false,
        }
    }

    #[test]
    fn every_rule_flags_some_payments_and_not_all() {
        let book = Book::load().expect("the data files are right");
        for rule in &book.rules {
            let flagged = book
                .payments
                .iter()
                .filter(|payment| rule.flags(payment))
                .count();
            assert!(flagged > 0 && flagged < book.payments.len(), "{}", rule.id);
        }
    }

    #[test]
    fn a_payment_at_the_threshold_is_not_flagged() {
        let book = Book::load().expect("the data files are right");
        let mut rule = book
            .rule("large-amount")
            .expect("it is in the data")
            .clone();
        rule.threshold = 100.0;
        assert!(!rule.flags(&payment()));
        rule.flags = Side::Below;
        assert!(!rule.flags(&payment()));
        rule.threshold = 100.01;
        assert!(rule.flags(&payment()));
    }

    #[test]
    fn ids_are_used_once() {
        let book = Book::load().expect("the data files are right");
        let mut ids: Vec<_> = book.rules.iter().map(|rule| &rule.id).collect();
        ids.extend(book.payments.iter().map(|payment| &payment.id));
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
