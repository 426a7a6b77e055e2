//! Selects, omits and cuts parts of a value.

use serde_json::Value;

use super::pointer::{below, is_element, tokens};
use super::size::Cuts;
use crate::ResultShape;

/// Selects, omits and cuts. Values are as deep as what was parsed.
pub(super) fn apply(shape: &ResultShape, mut value: Value) -> (Value, Cuts) {
    let select: Vec<_> = shape.select.iter().map(|pointer| tokens(pointer)).collect();
    let select: Vec<_> = select.iter().map(Vec::as_slice).collect();
    if !select.is_empty() {
        keep(&mut value, &select);
    }
    let omit: Vec<_> = shape.omit.iter().map(|pointer| tokens(pointer)).collect();
    let omit: Vec<_> = omit.iter().map(Vec::as_slice).collect();
    if !omit.is_empty() {
        remove(&mut value, &omit);
    }
    let mut cuts = Cuts::default();
    if let Some(max) = shape.max_items {
        cuts.cut(&mut value, usize::try_from(max).unwrap_or(usize::MAX));
    }
    (value, cuts)
}

/// Removes all that no pointer leads to. Returns whether anything is left that one does.
fn keep(value: &mut Value, pointers: &[&[String]]) -> bool {
    if pointers.iter().any(|pointer| pointer.is_empty()) {
        return true;
    }
    match value {
        Value::Object(members) => {
            members.retain(|name, value| {
                let below = below(pointers, |token| token == name);
                !below.is_empty() && keep(value, &below)
            });
            !members.is_empty()
        }
        Value::Array(items) => {
            let mut place = 0_usize;
            items.retain_mut(|item| {
                let below = below(pointers, |token| is_element(token, place));
                place = place.saturating_add(1);
                !below.is_empty() && keep(item, &below)
            });
            !items.is_empty()
        }
        _ => false,
    }
}

/// Removes all that a pointer leads to.
fn remove(value: &mut Value, pointers: &[&[String]]) {
    let is_removed = |below: &[&[String]]| below.iter().any(|pointer| pointer.is_empty());
    match value {
        Value::Object(members) => members.retain(|name, value| {
            let below = below(pointers, |token| token == name);
            remove(value, &below);
            !is_removed(&below)
        }),
        Value::Array(items) => {
            let mut place = 0_usize;
            items.retain_mut(|item| {
                let below = below(pointers, |token| is_element(token, place));
                place = place.saturating_add(1);
                remove(item, &below);
                !is_removed(&below)
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shaped(select: &[&str], omit: &[&str], value: Value) -> Value {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let shape = ResultShape {
            select: texts(select),
            omit: texts(omit),
            ..ResultShape::default()
        };
        apply(&shape, value).0
    }

    #[test]
    fn selects_and_omits_by_pointer() {
        let value = json!({
            "items": [{ "id": 1, "owner": { "name": "a", "mail": "b" } }, { "id": 2 }],
            "a/b~c": { "*": 1 },
            "total": 2
        });
        for (select, omit, expected) in [
            (&["/total"][..], &[][..], json!({ "total": 2 })),
            (
                &["/items/*/id"],
                &[],
                json!({ "items": [{ "id": 1 }, { "id": 2 }] }),
            ),
            (
                &["/items/*/owner/name"],
                &[],
                json!({ "items": [{ "owner": { "name": "a" } }] }),
            ),
            (&["/items/1"], &[], json!({ "items": [{ "id": 2 }] })),
            (
                &["/items/*"],
                &["/items/*/owner"],
                json!({ "items": [{ "id": 1 }, { "id": 2 }] }),
            ),
            (&["/a~1b~0c/*"], &[], json!({ "a/b~c": { "*": 1 } })),
            (&["/nothing", "/items/x"], &[], json!({})),
            (&[""], &["/items", "/a~1b~0c"], json!({ "total": 2 })),
            (
                &[],
                &["/items/0", "/items/0/id", "/none/*"],
                json!({ "items": [{ "id": 2 }], "a/b~c": { "*": 1 }, "total": 2 }),
            ),
            (&[], &[""], value.clone()),
        ] {
            assert_eq!(
                shaped(select, omit, value.clone()),
                expected,
                "{select:?} {omit:?}"
            );
        }
        assert_eq!(
            shaped(&["/*/id"], &[], json!([{ "id": 1, "b": 2 }])),
            json!([{ "id": 1 }])
        );
        assert_eq!(shaped(&["/a"], &["/a"], json!("scalar")), json!("scalar"));
    }
}
