//! What a server offers, as a document.

use serde_json::{Map, Value, json};

use super::build::{Server, ServerInner};
use super::governed::PolicySubject;
use super::list::Registry;
use crate::policy::Target;
use crate::revision::Revision;

impl Server {
    /// What it says of itself, and every definition as clients of the newest revision see it; tools with the scopes
    /// that they ask for themselves (`scopes`), which clients do not see.
    ///
    /// The [`manifest`](mod@crate::discovery::manifest) is made of it.
    pub fn describe(&self) -> Value {
        let parts = self.parts();
        let mut described = parts.manifest(|_| true);
        if let Ok(Value::Object(identity)) = serde_json::to_value(&parts.identity) {
            described.extend(identity);
        }
        let tools = described.get_mut("tools").and_then(Value::as_array_mut);
        let listed = parts.tools.all().filter(|tool| tool.summary.is_listed());
        for (tool, listed) in tools.into_iter().flatten().zip(listed) {
            if let Some(members) = tool.as_object_mut() {
                members.insert("scopes".to_owned(), json!(listed.summary.scopes));
            }
        }
        Value::Object(described)
    }
}

impl ServerInner {
    /// Name, version, instructions, and the definitions of what `shows`, as clients of the newest revision see them; `operations`
    /// are those that no list has.
    pub(crate) fn manifest(&self, shows: impl Fn(Target<'_>) -> bool) -> Map<String, Value> {
        let mut manifest = Map::from_iter([
            ("name".to_owned(), json!(self.identity.name)),
            ("version".to_owned(), json!(self.identity.version)),
            ("tools".to_owned(), self.tools_of(true, &shows)),
            ("resources".to_owned(), shown(&self.resources, &shows)),
            (
                "resourceTemplates".to_owned(),
                shown(&self.templates, &shows),
            ),
            ("prompts".to_owned(), shown(&self.prompts, &shows)),
        ]);
        let operations = self.tools_of(false, &shows);
        if operations.as_array().is_some_and(|all| !all.is_empty()) {
            manifest.insert("operations".to_owned(), operations);
        }
        if let Some(instructions) = &self.instructions {
            manifest.insert("instructions".to_owned(), json!(instructions));
        }
        manifest
    }

    /// The definitions of the tools that `shows`, of those that lists have or of the others. A definition that is not in memory
    /// is there by its name and its digest: to read all of a catalog for a digest would cost as much as the catalog is long.
    fn tools_of(&self, listed: bool, shows: &impl Fn(Target<'_>) -> bool) -> Value {
        let tools = self.tools.all();
        let tools = tools.filter(|tool| tool.summary.is_listed() == listed && shows(tool.target()));
        let written = tools.map(|tool| match tool.definition() {
            Some(definition) => serde_json::from_str(definition.get()).unwrap_or(Value::Null),
            None => json!({ "name": tool.summary.name, "digest": tool.digest() }),
        });
        Value::Array(written.collect())
    }
}

fn shown<T: PolicySubject>(list: &Registry<T>, shows: &impl Fn(Target<'_>) -> bool) -> Value {
    let entries = list.entries().iter();
    let entries = entries.filter(|entry| shows(entry.item.target(&entry.name)));
    let newest = entries.map(|entry| {
        let definition = entry.definition.in_revision(Revision::V2026_07_28);
        serde_json::from_str(definition.get()).unwrap_or(Value::Null)
    });
    Value::Array(newest.collect())
}
