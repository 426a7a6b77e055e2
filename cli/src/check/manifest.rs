//! What the policy sees of what a server offers.

use std::collections::BTreeSet;

use mcp_edge_runtime::policy::{Kind, Target, Tenants};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::output::Failure;
use crate::server_description::ServerDescription;

/// The lists of a description: the member, what it lists, and the member that names an entry.
const LISTS: [(&str, Kind, &str); 4] = [
    ("tools", Kind::Tool, "name"),
    ("prompts", Kind::Prompt, "name"),
    ("resources", Kind::Resource, "uri"),
    ("resourceTemplates", Kind::Resource, "uriTemplate"),
];

/// What `describe` prints, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    #[serde(default)]
    pub(super) tools: Vec<Tool>,
    #[serde(default)]
    prompts: Vec<Prompt>,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    resource_templates: Vec<Template>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool {
    pub(super) name: String,
    #[serde(default)]
    annotations: Annotations,
    #[serde(default)]
    scopes: Vec<String>,
    upstream: Option<String>,
    #[serde(default)]
    pub(super) input_schema: Map<String, Json>,
    /// The tenants for whose callers alone it exists, and whether it does for all others. No description has it.
    #[serde(skip)]
    pub(super) tenants: Option<(Vec<&'static str>, bool)>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Annotations {
    read_only_hint: Option<bool>,
    destructive_hint: Option<bool>,
}

#[derive(Deserialize)]
struct Prompt {
    name: String,
}

#[derive(Deserialize)]
struct Resource {
    uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    uri_template: String,
}

impl Manifest {
    /// What of a description matters here.
    pub(crate) fn of(described: &ServerDescription) -> Result<Self, Failure> {
        Self::deserialize(&described.0)
            .map_err(|error| Failure::usage(format!("this is not what `describe` prints: {error}")))
    }

    #[cfg(test)]
    pub(super) fn in_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }

    /// A description without those of its definitions that `shows` denies.
    pub(crate) fn only(
        &self,
        described: &ServerDescription,
        shows: impl Fn(Target<'_>) -> bool,
    ) -> Map<String, Json> {
        let hidden: BTreeSet<(Kind, &str)> = self
            .targets()
            .into_iter()
            .filter(|target| !shows(*target))
            .map(|target| (target.kind, target.name))
            .collect();
        let mut only = described.0.clone();
        for (list, kind, key) in LISTS {
            let entries = only.get_mut(list).and_then(Json::as_array_mut);
            if let Some(entries) = entries {
                entries.retain(|entry| {
                    let name = entry.get(key).and_then(Json::as_str);
                    name.is_some_and(|name| !hidden.contains(&(kind, name)))
                });
            }
        }
        only
    }

    /// Everything that the policy decides about.
    pub(crate) fn targets(&self) -> Vec<Target<'_>> {
        let tools = self.tools.iter().map(Tool::target);
        let prompts = self
            .prompts
            .iter()
            .map(|prompt| Target::prompt(&prompt.name));
        let resources = self
            .resources
            .iter()
            .map(|resource| Target::resource(&resource.uri));
        let templates = self.resource_templates.iter();
        let templates = templates.map(|template| Target::resource(&template.uri_template));
        tools
            .chain(prompts)
            .chain(resources)
            .chain(templates)
            .collect()
    }
}

impl Tool {
    pub(super) fn target(&self) -> Target<'_> {
        let Annotations {
            read_only_hint,
            destructive_hint,
        } = self.annotations;
        let read_only = read_only_hint == Some(true);
        Target {
            kind: Kind::Tool,
            name: &self.name,
            read_only,
            // One that says nothing of itself may destroy something (2026-07-28, `ToolAnnotations`).
            destructive: !read_only && destructive_hint != Some(false),
            scopes: &self.scopes,
            upstream: self.upstream.as_deref(),
            tenants: match &self.tenants {
                None => Tenants::ALL,
                Some((named, others)) => Tenants::new(named, *others),
            },
            operations: None,
        }
    }

    /// The schema of an argument, if it has one of this name.
    pub(super) fn argument(&self, name: &str) -> Option<&Json> {
        self.input_schema.get("properties")?.get(name)
    }

    /// Whether it has an argument of this name.
    pub(super) fn has_argument(&self, name: &str) -> bool {
        let properties = self
            .input_schema
            .get("properties")
            .and_then(Json::as_object);
        properties.is_none_or(|properties| properties.contains_key(name))
    }
}

/// The word for what something is.
pub(crate) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Tool => "tool",
        Kind::Prompt => "prompt",
        Kind::Resource => "resource",
    }
}
