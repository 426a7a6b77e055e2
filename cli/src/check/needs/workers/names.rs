//! Names that the operator has not given, made from the Worker's own.

use sha2::{Digest, Sha256};

/// The longest name of a queue or a bucket.
const MAX_LENGTH: usize = 63;

/// A name for what `binding` of `worker` stands for: small letters, digits and dashes.
pub(super) fn derived(worker: &str, binding: &str) -> String {
    let mut name = String::new();
    for c in format!("{worker}-{binding}").chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(MAX_LENGTH);
    name.trim_end_matches('-').to_owned()
}

/// A number for the counts of `binding`: Workers of one account share the counts of a number, so it differs for each Worker
/// and each binding.
pub(super) fn namespace(worker: &str, binding: &str) -> String {
    let digest = Sha256::digest(format!("{worker}/{binding}"));
    let first = digest.iter().take(4);
    let number = first.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    number.max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_the_platform_takes() {
        assert_eq!(
            derived("Fraud_rules-production", "outbox"),
            "fraud-rules-production-outbox"
        );
        assert_eq!(derived("--", "AUDIT_QUEUE"), "audit-queue");
        let long = derived(&"w".repeat(62), "outbox");
        assert_eq!(long, "w".repeat(62));
    }

    #[test]
    fn each_worker_and_binding_has_a_number_of_its_own() {
        let numbers = [("a", "B"), ("a", "C"), ("b", "B")].map(|(w, b)| namespace(w, b));
        assert_eq!(
            numbers
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            3
        );
        assert_eq!(namespace("a", "B"), numbers[0]);
        assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok()));
    }
}
