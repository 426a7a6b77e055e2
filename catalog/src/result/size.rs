//! Arrays that are cut, so that a result is one that clients read.

use serde_json::Value;

use super::pointer::join;

/// The maximum number of arrays that the note names.
const MAX_NAMED: usize = 5;
const MAX_POINTER_BYTES: usize = 120;

/// The arrays that have been cut.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// The first of them: the pointer, and how many elements there are and were.
    named: Vec<(String, usize, usize)>,
    count: usize,
}

impl Cuts {
    /// Cuts every array to `max` elements.
    pub(super) fn cut(&mut self, value: &mut Value, max: usize) {
        self.cut_at("", value, max);
    }

    fn cut_at(&mut self, pointer: &str, value: &mut Value, max: usize) {
        match value {
            Value::Array(items) => {
                if items.len() > max {
                    self.add(pointer, max, items.len());
                    items.truncate(max);
                }
                for (place, item) in items.iter_mut().enumerate() {
                    if item.is_array() || item.is_object() {
                        self.cut_at(&join(pointer, &place.to_string()), item, max);
                    }
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if value.is_array() || value.is_object() {
                        self.cut_at(&join(pointer, name), value, max);
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, pointer: &str, max: usize, length: usize) {
        self.count = self.count.saturating_add(1);
        if let Some(cut) = self.named.iter_mut().find(|(named, ..)| named == pointer) {
            cut.1 = max;
            self.count = self.count.saturating_sub(1);
        } else if self.named.len() < MAX_NAMED && pointer.len() <= MAX_POINTER_BYTES {
            self.named.push((pointer.to_owned(), max, length));
        }
    }

    /// A note about the cuts for the model. `page` is the argument with which a call pages.
    pub(super) fn note(&self, page: Option<&str>) -> Option<String> {
        if self.count == 0 {
            return None;
        }
        let named = self
            .named
            .iter()
            .map(|(pointer, shown, length)| match pointer.as_str() {
                "" => format!("{shown} of {length} elements"),
                pointer => format!("{shown} of {length} elements of `{pointer}`"),
            });
        let mut parts: Vec<_> = named.collect();
        let others = self.count.saturating_sub(self.named.len());
        if others > 0 {
            parts.push(format!("parts of {others} other arrays"));
        }
        let rest = match page {
            Some(page) => format!("ask for fewer at once, and use `{page}` for the next"),
            None => "narrow the call for the others".to_owned(),
        };
        Some(format!(
            "The result is cut: it has {}; {rest}.",
            parts.join(", ")
        ))
    }
}

/// The value and its JSON, with arrays as short as they must be for it to have at most `max` bytes. `None` if it has more without
/// any elements.
pub(super) fn fit(mut value: Value, max: usize, cuts: &mut Cuts) -> Option<(Value, String)> {
    let mut length = longest(&value);
    loop {
        let text = value.to_string();
        if text.len() <= max {
            return Some((value, text));
        }
        if length == 0 {
            return None;
        }
        // At least halved each time: as many steps as the length has bits.
        let fitting = text
            .len()
            .checked_div(max)
            .unwrap_or(0)
            .max(1)
            .saturating_add(1);
        length = length.checked_div(fitting)?;
        cuts.cut(&mut value, length);
    }
}

/// The length of the longest array.
fn longest(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(longest).fold(items.len(), usize::max),
        Value::Object(members) => members.values().map(longest).fold(0, usize::max),
        _ => 0,
    }
}
