//! When two values are the same value to JSON Schema (2020-12 core §4.2.2).
use serde_json::Value;

use super::{
    budget::{Budget, LimitExceeded},
    index::member,
    number::Decimal,
};

/// Numbers by value, objects without regard to order.
pub(super) fn equal(
    one: &Value,
    other: &Value,
    budget: &mut Budget,
) -> Result<bool, LimitExceeded> {
    budget.spend(1)?;
    match (one, other) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
        (Value::Number(one), Value::Number(other)) => Ok(Decimal::of(one) == Decimal::of(other)),
        (Value::String(one), Value::String(other)) => {
            budget.spend_on_text(one.len().min(other.len()))?;
            Ok(one == other)
        }
        (Value::Array(one), Value::Array(other)) => budget.deeper(|budget| {
            all(
                one.len() == other.len(),
                one.iter().zip(other),
                |(one, other)| equal(one, other, budget),
            )
        }),
        (Value::Object(one), Value::Object(other)) => budget.deeper(|budget| {
            all(one.len() == other.len(), one, |(name, one)| {
                match member(other, name) {
                    Some(other) => equal(one, other, budget),
                    None => Ok(false),
                }
            })
        }),
        _ => Ok(false),
    }
}

/// Whether two of the values are equal. Compares only what falls together by its hash: a long list costs little more than
/// reading it.
pub(super) fn any_equal(values: &[Value], budget: &mut Budget) -> Result<bool, LimitExceeded> {
    let mut buckets: Vec<Vec<&Value>> = vec![Vec::new(); values.len().next_power_of_two()];
    let mask = u64::try_from(buckets.len()).unwrap_or(0).saturating_sub(1);
    for value in values {
        let bucket = usize::try_from(hash(value, budget)? & mask).unwrap_or(0);
        let Some(bucket) = buckets.get_mut(bucket) else {
            continue;
        };
        for other in &*bucket {
            if equal(value, other, budget)? {
                return Ok(true);
            }
        }
        bucket.push(value);
    }
    Ok(false)
}

/// Equal values have equal hashes. A caller who makes others collide only spends the budget of their own request.
fn hash(value: &Value, budget: &mut Budget) -> Result<u64, LimitExceeded> {
    budget.spend(1)?;
    Ok(match value {
        Value::Null => 1,
        Value::Bool(truth) => mix(2, u64::from(*truth)),
        Value::Number(number) => {
            let (digits, exponent) = Decimal::of(number).parts();
            mix(mix(3, digits), exponent)
        }
        Value::String(text) => {
            budget.spend_on_text(text.len())?;
            hash_text(text)
        }
        Value::Array(items) => budget.deeper(|budget| {
            items
                .iter()
                .try_fold(4, |sum, item| Ok(mix(sum, hash(item, budget)?)))
        })?,
        Value::Object(members) => budget.deeper(|budget| {
            members.iter().try_fold(5_u64, |sum, (name, member)| {
                Ok(sum.wrapping_add(mix(hash_text(name), hash(member, budget)?)))
            })
        })?,
    })
}

fn hash_text(text: &str) -> u64 {
    text.bytes().fold(6, |sum, byte| mix(sum, u64::from(byte)))
}

/// One step of FNV-1a, with a word in place of its byte.
fn mix(sum: u64, word: u64) -> u64 {
    (sum ^ word)
        .wrapping_mul(0x0000_0100_0000_01b3)
        .rotate_left(29)
}

fn all<T>(
    lengths_agree: bool,
    pairs: impl IntoIterator<Item = T>,
    mut equal: impl FnMut(T) -> Result<bool, LimitExceeded>,
) -> Result<bool, LimitExceeded> {
    if !lengths_agree {
        return Ok(false);
    }
    for pair in pairs {
        if !equal(pair)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Budget, any_equal};

    fn unique(value: Value) -> bool {
        !any_equal(value.as_array().unwrap(), &mut Budget::default()).unwrap()
    }

    #[test]
    fn finds_values_that_are_the_same() {
        assert!(!unique(json!([1, "a", 1.0])));
        assert!(!unique(
            json!([{"a": 1, "b": [2]}, null, {"b": [2.0], "a": 1}])
        ));
        assert!(unique(
            json!([1, true, "1", [1], {"a": 1}, 0, false, null, "", [], {}])
        ));
        assert!(unique(json!([{"a": 1, "b": 2}, {"a": 2, "b": 1}])));
    }

    #[test]
    fn a_long_list_stays_within_the_budget() {
        let many: Vec<Value> = (0..100_000).map(|number| json!({ "id": number })).collect();
        assert!(unique(many.into()));
    }
}
