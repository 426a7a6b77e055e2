//! What a host has of what is needed.

use anstyle::Style;
use serde_json::{Value as Json, json};

use crate::style::{BAD, CAUTION, GOOD, Table};

/// Something that is needed, and whether it is there.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) what: String,
    /// Which keys of `mcp.toml` ask for it.
    pub(super) why: Vec<String>,
    /// Where the host looks for it.
    pub(super) place: String,
    pub(super) state: State,
}

/// Whether something is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    There,
    /// It cannot be seen from here.
    ToSet,
    /// It has its place, and no value.
    Empty,
    /// Whether it is there depends on what cannot be seen.
    Unseen,
    /// The server works without it, and less well: the words say how.
    Advised(&'static str),
    Missing,
    /// It was missing until now.
    Written,
    /// It is there and not as it must be, and is not ours to change.
    Wrong,
}

impl State {
    fn word(&self) -> (&'static str, Style) {
        match self {
            Self::There => ("there", GOOD),
            Self::ToSet => ("to be set", CAUTION),
            Self::Empty => ("empty", CAUTION),
            Self::Unseen => ("cannot be seen", CAUTION),
            Self::Advised(_) => ("missing, advised", CAUTION),
            Self::Missing => ("missing", BAD),
            Self::Written => ("written", GOOD),
            Self::Wrong => ("wrong", BAD),
        }
    }
}

pub(super) fn text(found: &[Finding]) -> String {
    let mut table = Table::new(["what", "asked for by", "where", ""]);
    for found in found {
        let (word, style) = found.state.word();
        let cells = [
            (found.what.clone(), Style::new()),
            (found.why.join(", "), Style::new()),
            (found.place.clone(), Style::new()),
            (word.to_owned(), style),
        ];
        table.row(cells.to_vec());
    }
    table.text()
}

pub(super) fn json(found: &[Finding]) -> Json {
    let rows = found.iter().map(|found| {
        json!({
            "what": found.what,
            "why": found.why,
            "where": found.place,
            "state": found.state.word().0,
        })
    });
    rows.collect()
}
