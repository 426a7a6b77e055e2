//! What a client says of itself. None of it is proven: it decides what the client can be asked and how it
//! is answered, never what it may do.

use serde_json::{Map, Value};

use crate::jsonrpc::member;
use crate::revision::{Era, Revision};

/// A client, in its own words.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    revision: Revision,
    capabilities: Map<String, Value>,
    name: Option<String>,
}

impl Client {
    pub(crate) fn new(
        revision: Revision,
        capabilities: Map<String, Value>,
        name: Option<String>,
    ) -> Self {
        Self {
            revision,
            capabilities,
            name,
        }
    }

    /// The revision of this request.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Its capabilities, as it declared them.
    pub fn capabilities(&self) -> &Map<String, Value> {
        &self.capabilities
    }

    /// Its name and version, for display and logs only.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether it declared everything in `required`, a `ClientCapabilities` object such as
    /// `{"elicitation": {"url": {}}}`, and can be asked in this revision at all.
    ///
    /// Only an object declares something: `true` is a mistake, `null` is absent. A client whose `elicitation` names no mode takes
    /// forms (2026-07-28, client/elicitation), unless it denies that by `"form": null`. A legacy client answers in a request of
    /// its own, which a server without storage cannot join to the first.
    pub fn supports(&self, required: &Value) -> bool {
        let Some(required) = required.as_object() else {
            return false;
        };
        self.revision.era() == Era::Modern
            && required.iter().all(|(name, modes)| {
                self.capabilities
                    .get(name)
                    .and_then(Value::as_object)
                    .is_some_and(|declared| has_modes(declared, modes))
            })
    }
}

fn has_modes(declared: &Map<String, Value>, modes: &Value) -> bool {
    modes.as_object().is_none_or(|modes| {
        modes.keys().all(|mode| {
            declared.get(mode).is_some_and(Value::is_object)
                || (mode == "form"
                    && !declared.contains_key("form")
                    && member(declared, "url").is_none())
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(capabilities: Value, revision: Revision) -> Client {
        Client::new(revision, capabilities.as_object().unwrap().clone(), None)
    }

    #[test]
    fn an_empty_elicitation_means_forms() {
        let modern = |capabilities| client(capabilities, Revision::V2026_07_28);
        let form = json!({ "elicitation": { "form": {} } });
        let url = json!({ "elicitation": { "url": {} } });
        assert!(modern(json!({ "elicitation": {} })).supports(&form));
        assert!(!modern(json!({ "elicitation": {} })).supports(&url));
        assert!(!modern(json!({ "elicitation": { "url": {} } })).supports(&form));
        assert!(modern(json!({ "elicitation": { "url": {}, "form": {} } })).supports(&form));
        assert!(modern(json!({ "elicitation": { "url": null } })).supports(&form));
        assert!(!modern(json!({ "elicitation": { "url": null } })).supports(&url));
        assert!(!modern(json!({})).supports(&form));
        assert!(modern(json!({ "sampling": {} })).supports(&json!({ "sampling": {} })));
    }

    #[test]
    fn only_an_object_declares_a_capability() {
        let form = json!({ "elicitation": { "form": {} } });
        let url = json!({ "elicitation": { "url": {} } });
        for wrong in [json!(null), json!(true), json!("yes"), json!(1), json!([])] {
            for (declared, required) in [
                (json!({ "elicitation": wrong }), &form),
                (json!({ "elicitation": { "form": wrong } }), &form),
                (
                    json!({ "elicitation": { "form": wrong, "url": {} } }),
                    &form,
                ),
                (json!({ "elicitation": { "form": {}, "url": wrong } }), &url),
                (json!({ "sampling": wrong }), &json!({ "sampling": {} })),
                (json!({ "roots": wrong }), &json!({ "roots": {} })),
            ] {
                let client = client(declared.clone(), Revision::V2026_07_28);
                assert!(!client.supports(required), "{declared}");
            }
        }
    }

    #[test]
    fn a_legacy_client_cannot_be_asked() {
        let legacy = client(json!({ "elicitation": {} }), Revision::V2025_11_25);
        assert!(!legacy.supports(&json!({ "elicitation": { "form": {} } })));
    }
}
