//! What a server offers, as a document for programs that look at it from outside.

use serde_json::{Map, Value, json};

use super::build::Server;
use super::list::Listing;
use super::prompt::BuiltPrompt;
use super::resource::{BuiltResource, BuiltTemplate};
use crate::revision::Revision;

impl Server {
    /// Name, version and every definition as clients of the newest revision see it; tools with the scopes that
    /// they ask for themselves (`scopes`), which clients do not see.
    pub fn manifest(&self) -> Value {
        let parts = self.parts();
        let mut tools = definitions(&parts.tools);
        for (tool, entry) in tools.iter_mut().zip(parts.tools.entries()) {
            if let Some(members) = tool.as_object_mut() {
                members.insert("scopes".to_owned(), json!(entry.item.scopes()));
            }
        }
        let mut manifest = Map::new();
        manifest.insert("name".to_owned(), json!(parts.identity.name));
        manifest.insert("version".to_owned(), json!(parts.identity.version));
        manifest.insert("tools".to_owned(), Value::Array(tools));
        for (kind, definitions) in [
            ("resources", definitions::<BuiltResource>(&parts.resources)),
            (
                "resourceTemplates",
                definitions::<BuiltTemplate>(&parts.templates),
            ),
            ("prompts", definitions::<BuiltPrompt>(&parts.prompts)),
        ] {
            manifest.insert(kind.to_owned(), Value::Array(definitions));
        }
        Value::Object(manifest)
    }
}

fn definitions<T>(list: &Listing<T>) -> Vec<Value> {
    let newest = list.entries().iter().map(|entry| {
        let definition = entry.definition.in_revision(Revision::V2026_07_28);
        serde_json::from_str(definition.get()).unwrap_or(Value::Null)
    });
    newest.collect()
}
