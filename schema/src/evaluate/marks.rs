use serde_json::Value;

/// Which children of a value were looked at, by position: what `unevaluatedItems` and `unevaluatedProperties` ask for.
pub(super) struct Marks(Vec<bool>);

impl Marks {
    pub(super) fn of(value: &Value) -> Self {
        Self(match value {
            Value::Array(items) => vec![false; items.len()],
            Value::Object(members) => vec![false; members.len()],
            _ => Vec::new(),
        })
    }

    /// Steps to make and to add them.
    pub(super) fn cost(&self) -> usize {
        self.0.len().div_euclid(8)
    }

    pub(super) fn set(&mut self, position: usize) {
        if let Some(mark) = self.0.get_mut(position) {
            *mark = true;
        }
    }

    pub(super) fn set_all(&mut self) {
        self.0.fill(true);
    }

    pub(super) fn has(&self, position: usize) -> bool {
        self.0.get(position).copied().unwrap_or(false)
    }

    pub(super) fn add(&mut self, others: &Self) {
        for (mark, other) in self.0.iter_mut().zip(&others.0) {
            *mark |= other;
        }
    }
}
