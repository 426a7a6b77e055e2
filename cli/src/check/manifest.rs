//! What a server offers, as its native build describes it.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use mcp_edge_runtime::policy::{Kind, Target};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::outcome::Failure;

/// A server with thousands of tools stays below.
const LONGEST: u64 = 16 << 20;

/// What `describe` prints, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
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
    #[serde(default)]
    pub(super) input_schema: Map<String, Json>,
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
    /// Builds the server in `folder` and has it describe itself.
    pub(super) fn of_server(folder: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(["run", "--quiet", "--", "describe"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        if !folder.as_os_str().is_empty() {
            command.current_dir(folder);
        }
        let unknown = |why: String| {
            Failure::usage(format!(
                "it is not known what the server offers: {why}. Go to the server's folder, or hand over with --manifest what \
                 its `describe` prints"
            ))
        };
        let output = command
            .output()
            .map_err(|error| unknown(format!("`cargo` cannot be started: {error}")))?;
        if !output.status.success() {
            return Err(unknown(format!(
                "`cargo run -- describe` failed ({})",
                output.status
            )));
        }
        Self::parse(&output.stdout).map_err(unknown)
    }

    /// Reads what `describe` has printed; `-` is standard input.
    pub(super) fn in_file(path: &Path) -> Result<Self, Failure> {
        let failed = |why: String| Failure::usage(format!("{}: {why}", path.display()));
        let source: Box<dyn Read> = if path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(path).map_err(|error| failed(error.to_string()))?)
        };
        let mut text = Vec::new();
        let read = source.take(LONGEST).read_to_end(&mut text);
        read.map_err(|error| failed(error.to_string()))?;
        Self::parse(&text).map_err(failed)
    }

    #[cfg(test)]
    pub(super) fn in_text(text: &str) -> Self {
        Self::parse(text.as_bytes()).unwrap()
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text)
            .map_err(|error| format!("this is not what `describe` prints: {error}"))
    }

    /// Everything that the policy decides about.
    pub(super) fn targets(&self) -> Vec<Target<'_>> {
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
        }
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
pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Tool => "tool",
        Kind::Prompt => "prompt",
        Kind::Resource => "resource",
    }
}
