//! Names that others have for members of an event.

use serde_json::Value;

use mcp_edge_audit::event::{Event, EventType, Outcome};

/// A member of an event under another's name.
pub(super) struct AttributeMapping {
    /// Where it is in the event: a JSON pointer (RFC 6901).
    pub(super) ours: &'static str,
    pub(super) theirs: &'static str,
    /// Only in events of this method.
    of: Option<&'static str>,
}

/// In events of every method.
pub(super) const fn row(ours: &'static str, theirs: &'static str) -> AttributeMapping {
    AttributeMapping {
        ours,
        theirs,
        of: None,
    }
}

/// Only in events of one method.
pub(super) const fn row_of(
    method: &'static str,
    ours: &'static str,
    theirs: &'static str,
) -> AttributeMapping {
    AttributeMapping {
        ours,
        theirs,
        of: Some(method),
    }
}

/// What of an event, as JSON, has another's name.
pub(super) fn mapped<'a>(
    rows: &'static [AttributeMapping],
    event: &'a Value,
) -> impl Iterator<Item = (&'static str, &'a Value)> {
    let method = event.get("method").and_then(Value::as_str);
    rows.iter()
        .filter(move |row| row.of.is_none() || row.of == method)
        .filter_map(|row| Some((row.theirs, event.pointer(row.ours)?)))
}

/// An event as JSON, without a status where nothing was answered.
pub(super) fn json(event: &Event) -> Value {
    // A map whose keys are not strings would fail, and there is none.
    let mut json = serde_json::to_value(event).unwrap_or_default();
    if let Some(members) = json.as_object_mut().filter(|_| event.status == 0) {
        members.remove("status");
    }
    json
}

/// How bad it is what an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Usual,
    /// The caller did not get what it wanted.
    Notable,
    /// An operator should look.
    Grave,
}

impl Severity {
    pub(super) fn of(event: &Event) -> Self {
        match (event.event, event.outcome) {
            (EventType::Loss | EventType::Late | EventType::Withheld, _) | (_, Outcome::Failed) => {
                Self::Grave
            }
            (_, Outcome::Ok | Outcome::Accepted | Outcome::InputRequired | Outcome::Intended) => {
                Self::Usual
            }
            (
                _,
                Outcome::ToolError | Outcome::Refused | Outcome::ProtocolError | Outcome::Cancelled,
            ) => Self::Notable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::json;
    use crate::{ocsf, otlp, samples};

    #[test]
    fn every_member_that_has_another_name_is_one_of_an_event() {
        let linked = samples::linked();
        let events: Vec<_> = linked.iter().map(|linked| json(&linked.event)).collect();
        let tables = [otlp::DIMENSIONS, otlp::DETAILS, ocsf::ATTRIBUTES];
        for row in tables.into_iter().flatten() {
            let is_found = events.iter().any(|event| event.pointer(row.ours).is_some());
            assert!(is_found, "{} is in no sample", row.ours);
        }
    }
}
