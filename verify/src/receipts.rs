//! Receipts, as callers have kept them.

use mcp_edge_audit::evidence::{RECEIPT, Receipt};
use serde::Deserialize;
use serde_json::Value;

/// Finds the receipts in a text: JSON or a line of JSON for each, a receipt itself or anything that has one in it, such as the
/// result of a tool. `None` if there is none.
pub fn find(text: &str) -> Option<Vec<Receipt>> {
    let mut receipts = Vec::new();
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for value in values {
        search(&value.ok()?, &mut receipts);
    }
    (!receipts.is_empty()).then_some(receipts)
}

fn search(value: &Value, receipts: &mut Vec<Receipt>) {
    match value {
        Value::Object(members) => match Receipt::deserialize(members) {
            Ok(receipt) => receipts.push(receipt),
            Err(_) => match members.get(RECEIPT) {
                Some(receipt) => search(receipt, receipts),
                None => members.values().for_each(|value| search(value, receipts)),
            },
        },
        Value::Array(items) => items.iter().for_each(|item| search(item, receipts)),
        _ => {}
    }
}
