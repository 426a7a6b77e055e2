//! Lists of what a server offers, in the order in which it was given, page by page.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::revision::Revision;
use crate::start::BuildError;

/// One thing that a server offers, with its definition already written out.
pub(crate) struct Entry<T> {
    pub(crate) name: String,
    pub(crate) definition: Definition,
    pub(crate) item: T,
}

/// A definition as each revision may see it.
pub(crate) enum Definition {
    /// The same in all of them.
    One(Rc<RawValue>),
    /// A tool's: 2025-03-26 has no output schemas, and those after it only schemas of objects.
    Tool {
        modern: Rc<RawValue>,
        legacy: Rc<RawValue>,
        first: Rc<RawValue>,
    },
}

impl Definition {
    pub(super) fn in_revision(&self, revision: Revision) -> Rc<RawValue> {
        Rc::clone(match self {
            Self::One(definition) => definition,
            Self::Tool { modern, .. } if revision.has_any_structured_content() => modern,
            Self::Tool { legacy, .. } if revision.has_structured_content() => legacy,
            Self::Tool { first, .. } => first,
        })
    }
}

/// All things of one kind that a server offers.
pub(crate) struct Registry<T> {
    entries: Vec<Rc<Entry<T>>>,
    places: BTreeMap<String, usize>,
}

/// One page of a list.
pub(crate) struct ListPage {
    pub(crate) items: Vec<Rc<RawValue>>,
    /// The last name on this page, if there is another page.
    pub(crate) last: Option<String>,
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}

impl<T> Registry<T> {
    pub(super) fn add(&mut self, kind: &str, entry: Entry<T>) -> Result<(), BuildError> {
        let place = self.entries.len();
        if self.places.insert(entry.name.clone(), place).is_some() {
            return Err(BuildError::new(format!(
                "there are two {kind}s named `{}`; rename one of them",
                entry.name
            )));
        }
        self.entries.push(Rc::new(entry));
        Ok(())
    }

    pub(crate) fn entry(&self, name: &str) -> Option<Rc<Entry<T>>> {
        self.found(name).map(Rc::clone)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.found(name).map(|entry| &entry.item)
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    fn found(&self, name: &str) -> Option<&Rc<Entry<T>>> {
        self.entries.get(self.place(name)?)
    }

    pub(crate) fn entries(&self) -> &[Rc<Entry<T>>] {
        &self.entries
    }

    /// Up to `length` entries that `shows` and that come after the one named `after`; `None` if there is no
    /// such entry.
    ///
    /// A cursor names an entry and not a position, so that a page turned after a deploy repeats or skips
    /// nothing that both versions have.
    pub(crate) fn page(
        &self,
        after: Option<&str>,
        length: usize,
        revision: Revision,
        shows: impl Fn(&Entry<T>) -> bool,
    ) -> Option<ListPage> {
        let start = match after {
            None => 0,
            Some(name) => self.places.get(name)?.saturating_add(1),
        };
        let mut rest = self
            .entries
            .get(start..)?
            .iter()
            .filter(|entry| shows(entry));
        let shown: Vec<_> = rest.by_ref().take(length).collect();
        let last = match rest.next() {
            Some(_) => shown.last().map(|entry| entry.name.clone()),
            None => None,
        };
        let items = shown
            .into_iter()
            .map(|entry| entry.definition.in_revision(revision))
            .collect();
        Some(ListPage { items, last })
    }
}

/// Checks a tool's or a prompt's name against the grammar of 2026-07-28 (server/tools, tool names).
pub(super) fn check_name(kind: &str, name: &str) -> Result<(), BuildError> {
    let fits = (1..=128).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if fits {
        Ok(())
    } else {
        Err(BuildError::new(format!(
            "{kind} `{name}`: a name has 1 to 128 letters, digits, `_`, `-` or `.`"
        )))
    }
}

/// Writes a definition out once, so that no list has to do it again.
pub(super) fn render(definition: &Value) -> Result<Rc<RawValue>, BuildError> {
    serde_json::value::to_raw_value(definition)
        .map(Rc::from)
        .map_err(|error| {
            BuildError::new(format!("a definition cannot be written as JSON: {error}"))
        })
}
